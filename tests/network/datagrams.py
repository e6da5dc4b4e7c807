"""What holds of UDP: the same rules as for TCP, answers from nobody but the one that was asked, and bounds."""
import json

from addresses import DNS, ECHO, LITERAL, METADATA, PRIVATE, SILENT, WEB, WEB6
from checks import NO_LISTENER, UNKNOWN

HOST, HOST6 = "198.51.100.1", "2001:db8:1::1"
UDP = {"protocol": "udp"}
NAMES = "echo.test *.web.test six.test both.test second.test loop.test private.test meta.test mapped.test host.test".split()
POLICY = {"version": "1.0.0", "network": {"egress": {
    "allow": [
        {"to": [{"host": name} for name in NAMES], "ports": [{**UDP, "port": 7000}]},
        {"to": [{"cidr": "203.0.113.16/28"}], "ports": [{"port": 7001, "endPort": 7003}]},
        {"to": [{"cidr": "0.0.0.0/0"}, {"cidr": "::/0"}], "ports": [{**UDP, "port": 8080}]},
        {"to": [{"cidr": WEB6 + "/128"}, {"cidr": "203.0.113.16/28", "except": [ECHO + "/32"]}], "ports": [{**UDP, "port": 7004}]},
    ],
    "deny": [{"to": [{"cidr": SILENT + "/32"}]}, {"to": [{"host": "api.web.test"}, {"cidr": ECHO + "/32"}], "ports": [{**UDP, "port": 7003}]}],
}}}


def client(t, *acts, policy=None):
    got = t.run("python3", "-I", str(t.script), *acts, policy=policy or POLICY)
    lines = [json.loads(line) for line in got["stdout"].splitlines()]
    if len(lines) != len(acts):
        raise RuntimeError(f"the client ended early: {got}")
    return lines


def came(t):
    return [(one["udp"], one["port"]) for one in t.arrived() if "udp" in one]


def datagrams_by_name(t):
    lines = client(t, "udp echo.test 7000", "unheard 7000 x.web.test", "udp6 echo.test 7000", "udp six.test 7000",
                   "udp both.test 7000", "lookup other.test", "lookup web.test", "connect echo.test 7000")
    t.is_(lines[0], "hello", "a granted name")
    t.is_(lines[1], [], "one that nobody knows")
    t.is_(lines[2:5], ["hello"] * 3, "over IPv6 inside, IPv6 outside, and the private one of two answers left out")
    for line in lines[5:7]:
        t.is_(line in UNKNOWN, True, f"names without a rule: {line}")
    t.is_(lines[7], NO_LISTENER, "a grant of UDP is none of TCP")
    t.is_(sorted(came(t)), sorted([(ECHO, 7000)] * 2 + [(WEB6, 7000), (WEB, 7000)]), "what arrived")
    found = t.connection(name="echo.test", protocol="udp")
    t.is_((found["address"], found["port"], found["rule"], found["outcome"], found["bytesOut"], found["bytesIn"]),
          (ECHO, 7000, "/network/egress/allow/0", "open", 5, 5), "record")
    t.is_((t.connection(name="x.web.test", protocol="udp")["outcome"], t.connection(name="other.test")["protocol"]),
          ("unresolved", ""), "records of others")


def datagrams_by_address(t):
    lines = client(t, f"udp {ECHO} 7001", f"connect {ECHO} 7001", f"udp {LITERAL} 8080", f"udp {WEB6} 7004", f"udp {WEB6} 8080",
                   f"mapped_udp {ECHO} 7001", f"whence {ECHO} 7001", f"whence {WEB6} 7004", "whence echo.test 7000",
                   f"udp_from 192.0.2.77 {ECHO} 7001", f"udp_from {PRIVATE} {LITERAL} 8080", f"udp {ECHO} 80",
                   f"unheard 7002 {ECHO}")
    t.is_(lines[0:6], ["hello", "helloEND 5", "hello", "hello", "hello", "hello"], "granted addresses")
    t.is_(lines[6:8], [[ECHO, 7001], [WEB6, 7004]], "answers come from the address that was asked")
    t.is_((lines[8][0].startswith("198.18."), lines[8][1]), (True, 7000), "also from one that stands for a name")
    t.is_(lines[9:11], ["hello"] * 2, "another source address inside is nobody's but the sandbox's")
    t.is_(lines[11], NO_LISTENER, "a port without a rule")
    t.is_(lines[12], [], "only who was asked is heard")
    peers = {one["peer"] for one in t.arrived() if "udp" in one}
    t.is_(peers, {HOST, HOST6}, "outside every packet has the host's own source")
    found = t.connection(address=ECHO, port=7002)
    t.is_((found["protocol"], found["bytesOut"], found["bytesIn"]), ("udp", 5, 0), "record")


def datagrams_refused(t):
    """Each is dropped without a word, and nothing of it leaves the sandbox."""
    names = "loop private meta mapped host second"
    away = [PRIVATE, METADATA, "127.0.0.1", HOST, "0.0.0.0", "100.100.100.200", "198.18.200.1", SILENT, "224.0.0.251", "::1", HOST6,
            "fd00:ec2::254", "64:ff9b::a9fe:a9fe", "2002:a09:807::1", "ff02::1", f"::ffff:{METADATA}"]
    lines = client(t, "unheard 7000 " + " ".join(f"{name}.test" for name in names.split()), "unheard 8080 " + " ".join(away),
                   f"unheard 7000 {ECHO} {WEB} {PRIVATE}", f"unheard 7004 {ECHO} {WEB}", f"unheard 7003 {ECHO}",
                   f"unheard 7001 {WEB} {SILENT}")
    t.is_(lines, [["second.test"], *[[]] * 5], "answers")
    t.is_(came(t), [(WEB, 7000)], "what arrived: the one of second.test's addresses that is not denied")
    t.is_([t.connection(name=f"{name}.test")["outcome"] for name in ("loop", "private", "meta", "mapped", "host")], ["guarded"] * 5,
          "records of names")
    for address, outcome in ((METADATA, "guarded"), (PRIVATE, "guarded"), (HOST, "guarded"), (SILENT, "denied")):
        found = t.connection(address=address, port=8080)
        t.is_((found["protocol"], found["outcome"]), ("udp", outcome), f"record of {address}")
    t.is_(t.connection(address=PRIVATE, port=8080)["grant"], {"to": [{"cidr": PRIVATE}], "ports": [{**UDP, "port": 8080}]},
          "the rule that would grant it")
    t.is_(t.connection(address=SILENT, port=8080)["rule"], "/network/egress/deny/0", "the rule that denies")
    t.is_(t.connection(address=ECHO, port=7003)["rule"], "/network/egress/deny/1", "the rule that denies UDP alone")


def datagrams_of_all_sizes(t):
    lines = client(t, "sizes echo.test 7000 0 1 1472 9000 65507", f"unheard 7003 {ECHO}", f"connect {ECHO} 7003", f"unheard 7001 {LITERAL}")
    t.is_(lines[0], [0, 1, 1472, 9000, 65507], "each comes back as it was")
    t.is_((lines[1], lines[3]), ([], []), "denied, and where nobody listens")
    t.is_("ECONNRESET" in lines[2], True, f"nobody listens there by TCP: {lines[2]}")
    found = t.connection(name="echo.test")
    t.is_((found["bytesOut"], found["bytesIn"]), (75980, 75980), "bytes counted exactly")
    t.is_(t.connection(address=LITERAL, port=7001)["outcome"], "unreachable", "the kernel there says that nobody listens")
    t.arrived()


def many_flows(t):
    """256 at the same time; those that have been quiet for a second make room."""
    lines = client(t, "flows echo.test 7000 200", "pause 1.2", "crowd_udp echo.test 7000 600", "pause 1.2", "flows echo.test 7000 200",
                   "udp echo.test 7000")
    answered, quick = lines[2]
    t.is_((lines[0], lines[4], lines[5]), (200, 200, "hello"), "200 at once, and once more")
    t.is_(200 <= answered and (answered <= 256 or not quick), True, f"of 600 at once: {answered}")
    t.is_(t.last["connectionsDropped"] > 256, True, "records are bounded")
    t.arrived()


def other_name_servers(t):
    """Port 53 is the relay's, but for an address that a rule for just that port grants."""
    policy = {"version": "1.0.0", "network": {"egress": {"allow": [
        {"to": [{"cidr": DNS + "/32"}], "ports": [{"port": 53}]},
        {"to": [{"host": "echo.test"}], "ports": [{**UDP, "port": 7000}]}]}}}
    lines = client(t, f"ask {DNS} web.test 1", f"ask {DNS} web.test 1 tcp", "ask 8.8.8.8 web.test 1", "ask 127.0.0.1 web.test 1 tcp",
                   "ask 8.8.8.8 echo.test 1", "udp echo.test 7000", policy=policy)
    t.is_(lines, [[0, 1], [0, 1], [3, 0], [3, 0], [0, 1], "hello"], "the granted one answers, all others are the relay")
    asked = [(one["dns"], one["tcp"]) for one in t.arrived() if "dns" in one]
    t.is_(asked[:2], [("web.test", False), ("web.test", True)], "what it was asked")
    found = t.connection(address=DNS, protocol="udp")
    t.is_((found["port"], found["rule"], found["outcome"]), (53, "/network/egress/allow/0", "open"), "record")
    t.is_(t.connection(address=DNS, protocol="tcp")["port"], 53, "record of the one by TCP")


def flows_cut(t):
    """An update ends flows that it does not grant, and grants of TCP do not keep them."""
    rules = POLICY["network"]["egress"]
    tcp = {"version": "1.0.0", "network": {"egress": {"allow": [
        {"to": [{"cidr": ECHO + "/32"}], "ports": [{"protocol": "tcp", "port": 7001}]}]}}}
    more = {"version": "1.0.0", "network": {"egress": {"allow": [
        {"to": [{"host": "echo.test"}], "ports": [{"protocol": "any", "port": 7000}]}]}}}
    denied = {"version": "1.0.0", "network": {"egress": {**rules, "deny": [{"to": [{"host": "echo.test"}], "ports": [UDP]}]}}}
    got = t.update([f"held_udp {ECHO} 7001", f"connect {ECHO} 7001", "wait", "held_udp echo.test 7000", f"udp {ECHO} 7001"],
                   ["1", tcp, more, "go", "3", POLICY, "go", "2", denied, "go"], policy=POLICY)
    t.is_(got["said"], ["updated", ["policy_conflict", "/network/egress/allow/0"], "updated", "updated"], "updates")
    t.is_(got["lines"], ["held", "nothing", "helloEND 5", "waiting", "goes on", "held", "nothing", "hello"], "cut, and nothing more")
    cut = [(one["name"], one["address"], one["port"], one["protocol"], one["bytes_out"], one["bytes_in"])
           for one in got["connections"] if one["outcome"] == "cut"]
    t.is_(cut, [("", ECHO, 7001, "udp", 1, 1), ("echo.test", ECHO, 7000, "udp", 1, 1)], "records of the cuts")
    t.arrived()


CHECKS = (datagrams_by_name, datagrams_by_address, datagrams_refused, datagrams_of_all_sizes, many_flows, other_name_servers,
          flows_cut)
