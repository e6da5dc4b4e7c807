"""What holds of a sandbox with network grants. Each check gets the world and the sandbox's side of it."""
import json
import socket
import subprocess
import time

from addresses import DNS, ECHO, LITERAL, METADATA, PRIVATE, SILENT, WEB, WEB6

NAMES = ("web.test *.web.test six.test echo.test both.test second.test loop.test private.test meta.test mapped.test "
         "host.test big.test alias.test file.test nowhere.test").split()
TCP = {"protocol": "tcp"}
POLICY = {"version": "1.0.0", "network": {"egress": {
    "allow": [
        {"to": [{"host": name} for name in NAMES], "ports": [{**TCP, "port": port} for port in (80, 443, 7000)]},
        {"to": [{"cidr": "203.0.113.16/28", "except": ["203.0.113.20/32"]}], "ports": [{**TCP, "port": 80, "endPort": 82}]},
        {"to": [{"cidr": "0.0.0.0/0"}], "ports": [{**TCP, "port": 8080}]},
    ],
    "deny": [{"to": [{"cidr": SILENT + "/32"}]}],
}}}
REFUSED = "ConnectionResetError: ECONNRESET"
NO_LISTENER = "ConnectionRefusedError: ECONNREFUSED"
UNKNOWN = ("gaierror: [Errno -2] Name or service not known", "gaierror: [Errno -5] No address associated with hostname")


def by_name(t):
    lines = t.client("lookup web.test", "lookup api.web.test", "fetch http://web.test/", "fetch http://api.web.test/",
                     "fetch http://alias.test/", "fetch http://file.test/", "fetch http://big.test/",
                     "connect echo.test 7000", "fetch http://WEB.Test./")
    t.is_(len(lines[0]), 2, "a name has one address of each family")
    t.is_(lines[0] != lines[1], True, "each name has its own")
    for line, host in zip(lines[2:7], ("web.test", "api.web.test", "alias.test", "file.test", "big.test")):
        t.is_(line, f"hello from {host}\n", host)
    t.is_(lines[7], "helloEND 5", "echo")
    t.is_(lines[8], "hello from WEB.Test.\n", "another spelling of the same name")
    asked = [entry for entry in t.arrived() if "dns" in entry]
    t.is_(any(entry["dns"] == "file.test" for entry in asked), False, "hosts file first")
    t.is_(any(entry["dns"] == "big.test" and entry["tcp"] for entry in asked), True, "TCP after a cut answer")
    found = t.connection(name="web.test", port=80)
    t.is_((found["address"], found["rule"], found["outcome"]), (WEB, "/network/egress/allow/0", "closed"), "record")
    t.is_(found["bytesIn"] > 50 and found["bytesOut"] > 20, True, "bytes are counted")


def other_clients(t):
    got = t.run("curl", "-sS", "--max-time", "10", "--cacert", t.world.ca, "https://web.test/", "https://api.web.test/")
    t.is_(got["stdout"], "hello from web.test\nhello from api.web.test\n", "curl, TLS checked by our own CA")
    got = t.run("curl", "-sS", "--max-time", "10", "--cacert", t.world.ca, "https://echo.test/")
    t.is_(got["exitCode"] != 0, True, "curl, a name that is not in the certificate")
    got = t.run("wget", "-q", "-O", "-", "--timeout=10", "http://web.test/")
    t.is_(got["stdout"], "hello from web.test\n", "wget")
    got = t.run("curl", "-sS", "-6", "--max-time", "10", "http://web.test/")
    t.is_(got["stdout"], "hello from web.test\n", "curl over IPv6 inside, IPv4 outside")
    got = t.run("curl", "-sS", "--max-time", "10", "http://six.test/")
    t.is_(got["stdout"], "hello from six.test\n", "a name with IPv6 only")
    t.arrived()


def names_not_granted(t):
    names = ("other.test", "xweb.test", "web.test.evil.test", "a.echo.test", "secret-data.attacker.test", "localhost.test")
    lines = t.client(*(f"lookup {name}" for name in names), f"ask {DNS} other.test 1", f"ask {DNS} other.test 16",
                     "ask 8.8.8.8 leak.attacker.test 1", "ask 2001:db8::53 leak.attacker.test 28",
                     "ask 8.8.8.8 leak.attacker.test 1 tcp", "ask 2001:db8::53 web.test 28", "ask 8.8.8.8 web.test 1",
                     "ask 127.0.0.1 web.test 1 tcp", "ask 127.0.0.1 web.test 65", "ask 127.0.0.1 nowhere.test 1")
    for name, line in zip(names, lines):
        t.is_(line in UNKNOWN, True, f"{name}: {line}")
    t.is_(lines[6:11], [[3, 0]] * 5, "NXDOMAIN whoever is asked, over UDP and TCP, IPv4 and IPv6")
    t.is_(lines[11:], [[0, 1], [0, 1], [0, 1], [0, 0], [0, 1]], "granted names, from any server")
    t.is_(t.arrived(), [], "not one packet left the sandbox")
    found = t.connection(name="secret-data.attacker.test")
    t.is_(found["outcome"], "unknown_name", "record")
    t.is_(found["grant"], {"to": [{"host": "secret-data.attacker.test"}], "ports": [{"protocol": "tcp", "port": 443}]},
          "the rule that would grant it")


def denied_names(t):
    """A denied name does not exist, wins over every grant, and is never asked for; its addresses are another matter."""
    port = [{**TCP, "port": 80}]
    rules = {"allow": [{"to": [{"host": name} for name in ("web.test", "*.web.test", "alias.test", "echo.test")], "ports": port}],
             "deny": [{"to": [{"host": "api.web.test"}, {"host": "*.deep.web.test"}]}, {"to": [{"host": "web.test"}], "ports": port},
                      {"to": [{"host": "echo.test"}], "ports": [{**TCP, "port": 22}]}]}  # on another port than granted
    policy = {"version": "1.0.0", "network": {"egress": rules}}
    got = t.run("python3", "-I", str(t.script), "lookup api.web.test", "lookup x.deep.web.test", "connect 198.18.1.2 80",
                "lookup web.test", f"ask {DNS} api.web.test 1 tcp", f"ask {DNS} API.WEB.test 28", "lookup echo.test", policy=policy)
    lines = [json.loads(line) for line in got["stdout"].splitlines()]
    for line in (*lines[:2], lines[3]):
        t.is_(line in UNKNOWN, True, f"denied: {line}")
    t.is_(lines[2], REFUSED, "nobody has that address")
    t.is_(lines[4:6], [[3, 0]] * 2, "NXDOMAIN over TCP and in another spelling")
    t.is_(lines[6][:1], ["198.18.1.1"], "denied on another port only: the name is there, and denied ones took no address")
    t.is_(t.arrived(), [], "no question left the sandbox")
    for name, rule in (("api.web.test", 0), ("x.deep.web.test", 0), ("web.test", 1)):
        found = t.connection(name=name)
        t.is_((found["outcome"], found["rule"], "grant" in found), ("denied", f"/network/egress/deny/{rule}", False), f"record of {name}")
    got = t.run("python3", "-I", str(t.script), "fetch http://alias.test/", policy=policy)
    t.is_(json.loads(got["stdout"]), "hello from alias.test\n", "the name that is asked for counts, not what it leads to")
    later = {"version": "1.0.0", "network": {"egress": {**POLICY["network"]["egress"], "deny": [{"to": [{"host": "*.test"}]}]}}}
    got = t.update(["fetch http://web.test/", "connect 198.18.1.0 80 GET", "wait", "connect 198.18.1.0 80", "lookup web.test"],
                   ["3", later, "go"])
    t.is_((got["said"], got["lines"][0], "400" in got["lines"][1]), (["updated"], "hello from web.test\n", True), "by its address")
    t.is_((got["lines"][4], got["lines"][5] in UNKNOWN), (REFUSED, True), "a name that is denied later keeps no address")
    denied = [one for one in got["connections"] if one["outcome"] == "denied"]
    t.is_({(one["name"], one["port"], one["rule"]) for one in denied},
          {("web.test", 80, "/network/egress/deny/0"), ("web.test", 0, "/network/egress/deny/0")}, "records")
    t.arrived()


def ports(t):
    """Each refusal is on record, those too that the sandbox's own network gives: nobody listens on such a port."""
    lines = t.client("connect echo.test 7001", "connect echo.test 22", "connect web.test 81", "connect web.test 8080",
                     f"connect {LITERAL} 22", f"connect {WEB6} 22", f"connect {METADATA} 22", "connect 127.0.0.1 22", "connect ::1 22")
    t.is_(lines[0], NO_LISTENER, "a port without a rule")
    t.is_(lines[1], NO_LISTENER, "port 22")
    t.is_(lines[2], REFUSED, "a port of another rule")
    t.is_(lines[3], REFUSED, "a port of a rule by address")
    t.is_(lines[4:], [NO_LISTENER] * 5, "and for addresses")
    t.is_([entry for entry in t.arrived() if "dns" not in entry], [], "nothing arrived")
    found = {(one["name"] or one["address"], one["port"]): one for one in t.last["connections"]}
    names = [("echo.test", 7001), ("echo.test", 22), ("web.test", 81), ("web.test", 8080)]
    addresses = [(LITERAL, 22), (WEB6, 22), (METADATA, 22)]
    t.is_(set(found), {*names, *addresses}, "one record each, and none for the sandbox's own loopback")
    for name, port in names:
        t.is_((found[name, port]["outcome"], found[name, port]["rule"], found[name, port]["grant"]),
              ("denied", "", {"to": [{"host": name}], "ports": [{"protocol": "tcp", "port": port}]}), f"record of {name} {port}")
    for address, port in addresses:
        t.is_((found[address, port]["outcome"], found[address, port]["grant"]),
              ("guarded" if address == METADATA else "denied", {"to": [{"cidr": address}], "ports": [{"protocol": "tcp", "port": port}]}),
              f"record of {address}")
    t.is_(found["echo.test", 22]["count"], 2, "by IPv4 and by IPv6")


def what_would_grant(t):
    """The rule that a refusal comes with is one that a policy takes, and that grants just that."""
    acts = ["fetch http://web.test/", f"connect {LITERAL} 80", "connect echo.test 7001", "lookup alias.test", "connect private.test 80",
            f"connect {METADATA} 80", "connect loop.test 80"]
    base = egress(to("private.test", 80), to("loop.test", 80))
    t.run("python3", "-I", str(t.script), *acts, policy=base)
    grants = [one["grant"] for one in t.last["connections"] if "grant" in one]
    t.is_([one["outcome"] for one in t.last["connections"] if one["name"] == "loop.test"], ["guarded"], "a name of loopback")
    t.is_(any("127.0.0.1" in json.dumps(grant) for grant in grants), False, "which no rule could grant")
    for port in (80, 7001):  # a question has no port yet
        grants += [{**grant, "ports": [{**TCP, "port": port}]} for grant in grants if "host" in grant["to"][0]]
    wider = {"version": "1.0.0", "network": {"egress": {"allow": base["network"]["egress"]["allow"] + grants}}}
    got = t.run("python3", "-I", str(t.script), *acts, policy=wider)
    lines = [json.loads(line) for line in got["stdout"].splitlines()]
    t.is_(lines[0], "hello from web.test\n", "a name")
    t.is_(("400" in lines[1], lines[2]), (True, "helloEND 5"), "an address, another port")
    t.is_((len(lines[3]), "400" in lines[4], "400" in lines[5]), (2, True, True), "a question; guarded addresses, named exactly")
    t.is_(lines[6], REFUSED, "loopback is not to be had")
    t.arrived()


def by_address(t):
    lines = t.client(f"fetch http://{LITERAL}/", f"connect {ECHO} 80", f"connect {WEB} 80", f"connect {SILENT} 8080",
                     f"connect {PRIVATE} 8080", f"connect {METADATA} 8080", "connect 127.0.0.1 80", "connect 127.0.0.1 8080",
                     "connect 0.0.0.0 80", "connect ::1 80", f"mapped {WEB} 80", f"mapped {METADATA} 8080",
                     "connect 198.51.100.1 8080", "connect 198.18.200.1 80", "connect 100.100.100.200 8080",
                     "connect fd00:ec2::254 8080", "connect 64:ff9b::a9fe:a9fe 8080")
    t.is_(lines[0], f"hello from {LITERAL}\n", "a granted address")
    for line, what in zip(lines[1:], ("excepted", "not granted", "denied", "private, with 0.0.0.0/0",
                                      "metadata, with 0.0.0.0/0",
                                      "loopback", "loopback with 0.0.0.0/0", "0.0.0.0", "::1", "mapped", "mapped metadata",
                                      "the host's own", "synthetic, not given out", "metadata", "metadata", "NAT64")):
        t.is_(line, REFUSED, what)
    t.is_([entry for entry in t.arrived() if entry.get("web") != LITERAL], [], "nothing else arrived")
    t.is_(t.host_came(), 0, "nobody reached the host")
    t.is_(t.connection(address=SILENT)["rule"], "/network/egress/deny/0", "the rule that denies")
    t.is_(t.connection(address=METADATA)["outcome"], "guarded", "record of the guard")
    t.is_(t.connection(address=PRIVATE)["grant"]["to"], [{"cidr": PRIVATE}], "the rule that would grant it")


def rebinding(t):
    lines = t.client("connect loop.test 80", "connect private.test 80", "connect meta.test 80", "connect mapped.test 80",
                     "connect host.test 80", "connect nowhere.test 80", "fetch http://both.test/", "fetch http://second.test/")
    for line, what in zip(lines, ("loopback", "private", "metadata", "IPv4 inside IPv6", "the host's own", "no address")):
        t.is_(line, REFUSED, what)
    t.is_(lines[6], "hello from both.test\n", "the private one of two answers is left out")
    t.is_(lines[7], "hello from second.test\n", "the denied one of two answers is left out")
    t.is_({entry["web"] for entry in t.arrived() if "web" in entry}, {WEB}, "nothing else arrived")
    t.is_(t.host_came(), 0, "nobody reached the host")
    t.is_([t.connection(name=f"{n}.test")["outcome"] for n in ("loop", "meta", "nowhere")],
          ["guarded", "guarded", "unresolved"], "records")


def other_ways(t):
    lines = t.client(f"fastopen {WEB} 80", f"fastopen {LITERAL} 7001", f"mptcp {LITERAL} 80", f"udp {ECHO} 7000",
                     "udp web.test 443", f"udp {DNS} 5353", "family 16 3", "family 17 3", "family 40 1", "family 2 3",
                     "family 10 3", "udp 224.0.0.251 5353", "udp 255.255.255.255 9", "fetch http://web.test/")
    t.is_(lines[0] in (REFUSED, "OSError: ENOTCONN"), True, f"MSG_FASTOPEN to an address without a rule: {lines[0]}")
    t.is_(lines[1], NO_LISTENER, "MSG_FASTOPEN to a port without a rule")
    t.is_(lines[2].startswith("PermissionError") or "EPROTONOSUPPORT" in lines[2], True, f"MPTCP: {lines[2]}")
    for line in lines[3:6]:
        t.is_(line, NO_LISTENER, "UDP")
    for line in lines[7:11]:
        t.is_(line.startswith(("PermissionError", "OSError: EAFNOSUPPORT", "OSError: EPERM")), True, f"other sockets: {line}")
    for line in lines[11:13]:
        t.is_(line.startswith(("OSError", "PermissionError", "TimeoutError", "ConnectionRefused")), True, f"multicast: {line}")
    t.is_(lines[13], "hello from web.test\n", "and the granted still works")
    t.is_({entry.get("web") for entry in t.arrived() if "dns" not in entry}, {WEB}, "nothing else arrived")


def bytes_both_ways(t):
    began = time.monotonic()
    lines = t.client("bulk echo.test 7000 64", "reset echo.test 7000", timeout=60)
    t.note(f"64 MiB both ways in {time.monotonic() - began:.1f} s")
    t.is_(lines[0], [True, f"END {64 << 20}"], "64 MiB both ways, then the last word after half close")
    t.is_(lines[1], "ConnectionResetError: ECONNRESET", "a reset is passed on")
    found = t.connection(name="echo.test", outcome="closed")
    t.is_((found["bytesOut"], found["bytesIn"]), (64 << 20, (64 << 20) + len(f"END {64 << 20}")), "bytes counted exactly")
    t.arrived()


def many_at_once(t):
    lines = t.client("many echo.test 7000 900", "fetch http://web.test/", timeout=60)
    t.is_(lines, [900, "hello from web.test\n"], "900 at once, and one more after them")
    t.is_(len(t.last["connections"]) + t.last["connectionsDropped"], 901, "each is in the record, or counted there")
    t.arrived()


def relay_dies(t):
    process = t.start("held echo.test 7000 7000")
    t.is_(process.stdout.readline(), '"held"\n', "a connection stands")
    relays = t.relays()
    t.is_(len(relays), 1, "one relay")
    for fact, wanted in (("CapEff", "0" * 16), ("CapPrm", "0" * 16), ("NoNewPrivs", "1"), ("Seccomp", "2")):
        t.is_(t.status_of(relays[0])[fact], wanted, f"the relay's {fact}")
    t.is_(t.status_of(relays[0])["Uid"].split()[0] != "0", True, "the relay is not root")
    t.is_({where for where in t.open_files(relays[0]) if where.startswith("/")}, {"/dev/null"}, "the relay has no file")
    subprocess.run(["kill", "-9", relays[0]], check=True)
    process.stdin.write("\n")
    process.stdin.flush()
    last = process.stdout.readline()
    t.is_(last in ('["ECONNRESET", "ECONNREFUSED"]\n', '["ECONNRESET", "Temporary failure in name resolution"]\n',
                   '["", "[Errno -3] Temporary failure in name resolution"]\n',
                   '["ECONNRESET", "[Errno -3] Temporary failure in name resolution"]\n'), True,
          f"its connections end, and there are no others: {last}")
    t.is_(process.wait(), 0, "the command goes on")
    t.arrived()


def keeper_dies(t):
    process = t.start("held echo.test 7000 7000")
    process.stdout.readline()
    relay = t.relays()[0]
    subprocess.run(["kill", "-9", t.status_of(relay)["PPid"]], check=True)
    process.wait()
    for _ in range(100):
        if relay not in t.relays():
            break
        time.sleep(0.02)
    t.is_(relay in t.relays(), False, "no relay outlives its keeper")
    t.arrived()


def egress(*allow, deny=()):
    rules = {"allow": list(allow), "deny": list(deny)}
    return {"version": "1.0.0", "network": {"egress": {key: list(value) for key, value in rules.items() if value}}}


def to(peer, port):
    kind = "cidr" if "/" in peer else "host"
    return {"to": [{kind: peer}], "ports": [{**TCP, "port": port}]}


def narrowed_and_widened(t):
    """N21: an open sandbox, its network changed under live connections, never beyond what it was opened with."""
    web = egress(to("web.test", 80))
    without_echo = {"version": "1.0.0", "network": {"egress": {
        **POLICY["network"]["egress"], "deny": [{"to": [{"cidr": ECHO + "/32"}]}]}}}
    got = t.update(["held echo.test 7000 7000", "lookup echo.test", f"ask {DNS} echo.test 1", "fetch http://web.test/",
                    f"connect {LITERAL} 80", "wait", "held echo.test 7000 7000", f"connect {SILENT} 8080", "wait",
                    "lookup web.test", "connect echo.test 7000"],
                   ["1", web, "go", "6", POLICY, "go", "2", without_echo, "go", "3", {"version": "1.0.0"}, "go"])
    lines = got["lines"]
    t.is_(got["said"], ["updated"] * 4, "updates")
    t.is_(lines[0], "held", "a connection stands")
    t.is_(lines[1][0] in ("ECONNRESET", "EPIPE"), True, f"cut when its rule is gone: {lines[1]}")
    t.is_(lines[1][1] in UNKNOWN[0], True, f"and its name does not exist: {lines[1]}")
    t.is_(lines[2] in UNKNOWN, True, f"names: {lines[2]}")
    t.is_(lines[3], [3, 0], "NXDOMAIN by hand")
    t.is_(lines[4], "hello from web.test\n", "what is still granted works")
    t.is_(lines[5], REFUSED, "an address that is not granted any more")
    t.is_(lines[8], "held", "widened again up to what it was opened with")
    t.is_(lines[9], ["ECONNRESET", "ECONNRESET"], "a new denial cuts too, and refuses")
    t.is_(lines[10], REFUSED, "what was denied at opening stays denied")
    t.is_(lines[13] in UNKNOWN, True, f"a policy that grants nothing: {lines[13]}")
    t.is_(got["rules"], [], "the receipt is that of the last rules")
    cut = [one for one in got["connections"] if one["outcome"] == "cut"]
    t.is_([(one["name"], one["port"], one["bytes_out"]) for one in cut], [("echo.test", 7000, 1)] * 2, "records of the cuts")
    t.is_(cut[1]["rule"], "/network/egress/deny/0", "and the rule that cut")
    t.is_(t.connection(name="web.test", outcome="closed")["rule"], "/network/egress/allow/0", "the rule of the update")
    t.arrived()


def never_beyond(t):
    """An update that grants more than the opening is an error, and nothing changes."""
    steps = [egress(to("other.test", 80)), egress(to("web.test", 81)), egress(to("203.0.113.0/24", 80)),
             egress(to("web.test", 80), to("*.test", 80)), egress({}), egress(to("203.0.113.20/32", 80)),
             {"version": "1.0.0", "network": {"egress": {"default": "allow"}}},
             {"version": "1.0.0", "network": {"publish": [{"port": 8000}]}},
             {"version": "1.0.0", "runtimeConfig": {"networkProxy": "http://127.0.0.1:3128"}}]
    got = t.update(["wait", "fetch http://web.test/", "connect echo.test 7000"], ["1", *steps, "go"])
    first = ["policy_conflict", "/network/egress/allow/0"]
    t.is_(got["said"], [first, first, first, ["policy_conflict", "/network/egress/allow/1"], first, first,
                        ["policy_conflict", "/network/egress/default"], ["policy_conflict", "/network/publish"],
                        ["policy_conflict", "/runtimeConfig/networkProxy"]], "refused, with the pointer")
    t.is_(got["lines"][2:], ["hello from web.test\n", "helloEND 5"], "and all is as it was")
    t.arrived()


def relay_cannot_start(t):
    """The relay needs descriptors that this limit does not give: nothing starts, and the message says whose fault."""
    line = ["prlimit", "--nofile=150:150", "--", *t.line(None), "true"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=30)
    t.is_("relay" in done.stderr and "/network/egress" in done.stderr, True, f"said: {done.stderr}")
    t.is_(done.returncode, 125, "nothing ran")


def proxy_only(t):
    """N8: the proxy of the policy is all there is, whatever a client does with its variables."""
    port, other = t.proxy.port, t.proxy.other_port
    for host in ("127.0.0.1", "localhost"):
        policy = {"version": "1.0.0", "runtimeConfig": {"networkProxy": f"http://{host}:{port}"}}
        t.proxy.asked.clear()
        got = t.run("curl", "-sS", "--max-time", "10", "http://anything.test/", policy=policy)
        t.is_(got["stdout"], "proxied\n", f"curl by its variables: {got['stderr']}")
        t.is_(t.proxy.asked, ["GET http://anything.test/ HTTP/1.1"], "what the proxy was asked")
        found = t.connection(outcome="closed")
        t.is_((found["address"], found["port"], found["rule"]), ("127.0.0.1", port, "/runtimeConfig/networkProxy"), "record")
    got = t.run("python3", "-I", str(t.script), f"connect 127.0.0.1 {other}", f"connect ::1 {port + 1}", f"connect {WEB} 80",
                f"connect {WEB} {port}", f"connect 198.51.100.1 {port}", f"connect 2001:db8:1::1 {port}", "lookup web.test",
                f"udp 127.0.0.1 {port}", f"ask {DNS} web.test 1", f"fastopen {WEB} 80", policy=policy)
    for line in got["stdout"].splitlines():
        t.is_(any(word in line for word in ("ECONNREFUSED", "ENETUNREACH", "EADDRNOTAVAIL", "gaierror")), True, f"other ways: {line}")
    t.is_(t.proxy.count, 0, "nothing else of the host's loopback was reached")
    got = t.run("curl", "-sS", "--noproxy", "*", "--max-time", "5", f"http://{WEB}/", policy=policy)
    t.is_(got["exitCode"], 7, "a client that does without")
    with socket.create_server(("127.0.0.1", 0)) as gone:
        other = gone.getsockname()[1]
    got = t.run("python3", "-I", str(t.script), f"connect 127.0.0.1 {other}",
                policy={"version": "1.0.0", "runtimeConfig": {"networkProxy": f"http://127.0.0.1:{other}"}})
    t.is_(json.loads(got["stdout"]), REFUSED, "N25: a proxy that is not there is no way out")
    t.is_(t.connection(port=other)["outcome"], "unreachable", "and its record")
    got = t.run("env", policy={**policy, "process": {"env": ["A=b"]}})
    t.is_("proxy" in got["stdout"].lower(), False, "a policy with an environment says what is in it")
    t.is_(t.arrived(), [], "nothing arrived")


def published(t):
    """Listeners inside, reached from the host's loopback and from nowhere else."""
    got = t.published()
    t.is_(got["occupied"], ["setup", "/network/publish/1", True], "a port that another program has")
    t.is_(got["ports"], [True, 3, 0], "the chosen port, free ones, and none for what is not published")
    t.is_(got["talk"], ["helloEND 5", "helloEND 5", "ConnectionResetError"], "by IPv4, dual stack, and where nobody listens")
    t.is_(got["elsewhere"], ["ConnectionRefusedError"] * 4, "no other address of the host, no other port")
    t.is_(got["bulk"], [True, f"END {16 << 20}"], "16 MiB both ways, and half close")
    t.is_((got["again"], got["many"]), (300, 100), "more than there are sockets, one after the other and at once")
    t.is_(got["cut"], ["a", "ConnectionResetError"], "an update that does not publish it any more")
    t.is_(got["after"], ["ConnectionResetError", "helloEND 5"], "afterwards")
    t.is_(got["widened"], "helloEND 5", "and back")
    t.is_(got["items"], [f"/network/publish/{i}" for i in range(3)], "receipt")
    t.is_(got["closed"], "ConnectionRefusedError", "the port goes with the sandbox")
    last = got["connections"][-1]
    t.is_({key: last[key] for key in ("direction", "address", "port", "outcome", "rule", "bytes_in", "bytes_out")},
          {"direction": "in", "address": "127.0.0.1", "port": 8000, "outcome": "closed", "rule": "/network/publish/0",
           "bytes_in": 5, "bytes_out": 10}, "record")
    t.is_(len(got["connections"]) + got["dropped"] >= 256, True, "records are bounded")
    t.is_([(one["outcome"], one["port"]) for one in got["connections"] if one["outcome"] in ("cut", "denied")],
          [("cut", 8000), ("denied", 8000)], "records of the update")


def nothing_granted(t):
    """N25: no grant, no relay, no route."""
    process = t.start("held echo.test 7000 7000", policy={"version": "1.0.0"})
    t.is_(t.relays(), [], "no relay")
    process.communicate(timeout=20)
    got = t.run("python3", "-I", str(t.script), "lookup web.test", f"connect {WEB} 80", policy={"version": "1.0.0"})
    t.is_("ENETUNREACH" in got["stdout"], True, f"no way out: {got['stdout']}")
    t.is_(got["connections"], [], "and no records")
    t.is_(t.arrived(), [], "nothing arrived")


def host_loopback(t):
    """A service of the host's own loopback: at the port that a rule for just that address names, and at no other."""
    port, other, came = t.proxy.port, t.proxy.other_port, t.proxy.count
    ways = [f"connect 127.0.0.1 {port} GET", f"connect localhost {port} GET", f"connect 127.0.0.1 {other}", f"connect loop.test {port}",
            f"udp 127.0.0.1 {port}", f"connect 198.51.100.1 {port}"]
    granted = egress(to("127.0.0.1/32", port), to("loop.test", port))
    for policy in (granted, {"version": "1.0.0", "network": {"egress": {"default": "allow", **granted["network"]["egress"]}}}):
        got = t.run("python3", "-I", str(t.script), *ways, policy=policy)
        lines = [json.loads(line) for line in got["stdout"].splitlines()]
        t.is_(["proxied" in line for line in lines[:2]], [True, True], f"by its address and as localhost: {lines[:2]}")
        found = t.connection(outcome="closed", port=port)
        t.is_((found["address"], found["rule"]), ("127.0.0.1", "/network/egress/allow/0"), "record")
        t.is_(lines[2], NO_LISTENER, "another port")
        t.is_(lines[3], REFUSED, "a name that leads to loopback is guarded all the same")
        t.is_(["Error" in line for line in lines[4:]], [True, True], f"UDP, and another address at that port: {lines[4:]}")
    everything = {"version": "1.0.0", "network": {"egress": {"default": "allow", "allow": [to("127.0.0.1/32", 80)]}}}
    got = t.run("python3", "-I", str(t.script), "fetch http://web.test/", policy=everything)
    t.is_(json.loads(got["stdout"]), "hello from web.test\n", "such a port of somebody else is still theirs")
    for policy, what in ((egress(to("0.0.0.0/0", port)), "a wide rule is not about loopback"),
                         (egress(to("127.0.0.1/32", port), deny=[{"to": [{"cidr": "127.0.0.0/8"}]}]), "a denial wins")):
        got = t.run("python3", "-I", str(t.script), f"connect 127.0.0.1 {port}", policy=policy)
        t.is_(json.loads(got["stdout"]), REFUSED, what)
    opening = egress(to("web.test", 80), to("127.0.0.1/32", port))
    got = t.update(["wait", f"connect 127.0.0.1 {port} GET", "wait", f"connect 127.0.0.1 {port} GET"],
                   ["1", egress(to("web.test", 80)), "go", "3", opening, "go"], policy=opening)
    t.is_((got["said"], got["lines"][2], "proxied" in got["lines"][5]), (["updated"] * 2, REFUSED, True), "taken away, and given back")
    got = t.update(["wait"], ["1", egress(to("127.0.0.1/32", port)), "go"], policy=egress(to("0.0.0.0/0", port)))
    t.is_(got["said"], [["policy_conflict", "/network/egress/allow/0"]], "and never by an update of a wide one")
    t.is_(t.proxy.count, came, "nothing else of the host's loopback was reached")
    t.arrived()


CHECKS = (by_name, other_clients, names_not_granted, denied_names, ports, what_would_grant, by_address, rebinding, other_ways, bytes_both_ways, many_at_once,
          relay_dies, keeper_dies, narrowed_and_widened, never_beyond, relay_cannot_start, proxy_only, host_loopback, published,
          nothing_granted)
