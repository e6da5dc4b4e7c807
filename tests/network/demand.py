#!/usr/bin/env python3
"""Grants of every port, of more ports than there are listeners, and of everything: the relay listens where a connection
is about to go. That it does so is a hint, so the half of this is about hints that are lies.
demand.py root|user"""
import json
import os
import pathlib
import subprocess

import run
from addresses import DNS, ECHO, LITERAL, METADATA, PRIVATE, SILENT, WEB
from checks import NO_LISTENER, REFUSED, UNKNOWN
from world import World

PEERS = [{"host": "web.test"}, {"host": "*.web.test"}, {"host": "echo.test"}, {"host": "six.test"}, {"cidr": "203.0.113.16/28"}]
TCP = {"protocol": "tcp"}


def egress(**rules):
    return {"version": "1.0.0", "network": {"egress": rules}}


ANY = egress(allow=[{"to": PEERS}])
RANGE = egress(allow=[{"to": PEERS, "ports": [{**TCP, "port": 79, "endPort": 9000}]}])
ALL = egress(default="allow", deny=[{"to": [{"cidr": SILENT + "/32"}]}, {"to": [{"host": "api.web.test"}]}, {"ports": [{**TCP, "port": 25}]}])


def act(t, rules, *acts, timeout=60, options=()):
    done = subprocess.run([*t.line(rules, "--json", *options), "python3", "-I", str(t.script), *acts], capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL, check=False)
    t.last = json.loads(done.stdout or "{}")
    lines = [json.loads(line) for line in t.last.get("stdout", "").splitlines()]
    if len(lines) != len(acts):
        raise RuntimeError(f"the client ended early: {done.stdout}{done.stderr}")
    return lines


def answered(found):
    """How often somebody was there: a reset may be so fast that connecting sees it."""
    return sum(found.get(name, 0) for name in ("connected", "EINPROGRESS", "ECONNRESET"))


def every_port(t):
    """By name and by address, on ports that nothing named."""
    lines = act(t, ANY, "fetch http://web.test/", "fetch http://api.web.test/", "connect echo.test 7000", f"connect {ECHO} 7000",
                f"fetch http://{LITERAL}/", "fetch http://six.test/", f"mapped {ECHO} 7000", "connect echo.test 22", f"connect {WEB} 80",
                f"connect {METADATA} 80", "lookup other.test", f"ask {DNS} other.test 1 tcp", "connect 127.0.0.1 7000", "connect ::1 7000",
                "connect 0.0.0.0 7000")
    for line, host in zip((*lines[:2], lines[4], lines[5]), ("web.test", "api.web.test", LITERAL, "six.test")):
        t.is_(line, f"hello from {host}\n", host)
    t.is_((lines[2], lines[3], lines[6]), ("helloEND 5",) * 3, "echo by name, by address, and that in its IPv6 form")
    for line, what in zip(lines[7:10], ("nobody is there", "an address without a rule", "metadata")):
        t.is_(line, REFUSED, what)
    t.is_((lines[10] in UNKNOWN, lines[11]), (True, [3, 0]), "other names")
    t.is_(lines[12:], [NO_LISTENER] * 3, "its own loopback is its own")
    t.is_({entry.get("web") or entry["echo"] for entry in t.arrived() if "dns" not in entry} & {WEB, LITERAL, ECHO} != set(), True, "arrived")
    found = t.connection(name="echo.test", port=22)
    t.is_((found["outcome"], found["rule"]), ("unreachable", "/network/egress/allow/0"), "record")
    t.is_(t.connection(address=WEB, name="")["outcome"], "denied", "record of a refusal")


def ranges(t):
    """More ports than there are listeners from the beginning; outside of them nobody listens."""
    lines = act(t, RANGE, "fetch http://web.test/", f"connect {ECHO} 7000", "connect echo.test 9001", f"connect {ECHO} 22",
                f"connect {METADATA} 80", f"scattered {LITERAL} 1000 600 10")
    t.is_(lines[:4], ["hello from web.test\n", "helloEND 5", NO_LISTENER, NO_LISTENER], "inside and outside")
    t.is_(lines[4], REFUSED, "an address without a rule")
    t.is_(answered(lines[5]), 600, f"600 ports, one after the other: {lines[5]}")
    t.arrived()


def everything(t):
    """egress.default allow: the guard and every denial stand."""
    lines = act(t, ALL, "fetch http://web.test/", f"connect {ECHO} 7000", f"connect {PRIVATE} 80", f"connect {METADATA} 80",
                f"connect {SILENT} 80", f"connect {WEB} 25", "lookup api.web.test", "connect 198.51.100.1 8080", "connect loop.test 80",
                "connect 198.18.77.7 80", f"connect {DNS} 53")
    t.is_(lines[:2], ["hello from web.test\n", "helloEND 5"], "granted")
    for line, what in zip(lines[2:6], ("private", "metadata", "denied", "a denied port")):
        t.is_(line, REFUSED, what)
    t.is_(lines[6] in UNKNOWN, True, "a denied name")
    t.is_(lines[7:10], [REFUSED] * 3, "the host's own, a name that leads to loopback, a synthetic address of nobody")
    t.is_(t.connection(port=25)["rule"], "/network/egress/deny/2", "the rule that denies")
    t.is_({t.connection(address=one)["outcome"] for one in (PRIVATE, METADATA)}, {"guarded"}, "the guard")
    t.is_(t.host_came(), 0, "nobody reached the host")
    opened = {**ALL["network"]["egress"], "allow": [{"to": [{"cidr": "10.9.0.0/16"}]}]}
    lines = act(t, egress(**opened), f"connect {PRIVATE} 80 GET", f"connect {METADATA} 80")
    t.is_("400" in lines[0], True, f"a private block is opened by a rule for it: {lines[0]}")
    t.is_(lines[1], REFUSED, "and nothing beside it")
    t.is_([entry for entry in t.arrived() if entry.get("web") == METADATA], [], "nothing arrived there")


def other_clients(t):
    for line, said in ((("curl", "-sS", "--max-time", "10", "--cacert", t.world.ca, "https://web.test/"), "hello from web.test\n"),
                       (("wget", "-q", "-O", "-", "--timeout=10", "http://api.web.test/"), "hello from api.web.test\n")):
        got = t.run(*line, policy=ANY)
        t.is_(got["stdout"], said, line[0])
    t.arrived()


def as_without(t):
    """Whatever way a program connects, it sees what it would see without."""
    acts = [f"nonblocking {ECHO} 7000", f"bound {ECHO} 7000", f"deferred {ECHO} 7000", f"fastopen {ECHO} 7000",
            f"first_packet sendmsg {ECHO} 7000", f"first_packet sendmmsg {ECHO} 7000", f"hidden {ECHO} 7000", f"beside {ECHO} 7000",
            "crooked", "local /tmp/own", f"crossed {ECHO} 7000"]
    lines = act(t, ANY, *acts)
    named = act(t, egress(allow=[{"to": PEERS, "ports": [{**TCP, "port": 7000}, {**TCP, "port": 80}]}]), *acts[:7], *acts[8:])
    t.is_([*map(str, lines[:3]), *[line[:5] for line in lines[3:7]], *lines[8:]],
          [*named[:3], *[line[:5] for line in named[3:7]], *named[7:]], "the same as with the ports named")
    t.is_(lines[:3], ["helloEND 5"] * 3, "they arrive")
    t.is_([line[:5] for line in lines[3:7]], ["hello"] * 4, "with data in the first packet, and from where nobody may look")
    t.is_(lines[7], ["own", "helloEND 5", "own"], "a server of one's own on the same port of the loopback")
    t.arrived()


def where_others_listen(t):
    """A program inside that listens on every address is met, as ever, and nothing breaks."""
    script = "import socket, sys; s = socket.create_server(('', 7000)); c = socket.create_connection((sys.argv[1], 7000)); " \
             "s.accept()[0].sendall(b'own'); print(c.recv(9).decode()); s.close(); c.close(); " \
             "c = socket.create_connection((sys.argv[1], 7000)); c.sendall(b'x'); print(c.recv(9).decode())"
    got = t.run("python3", "-c", script, ECHO, policy=ANY)
    t.is_(got["stdout"], "own\nx\n", f"first its own, then the other: {got['stderr']}")
    t.arrived()


def lies(t):
    """The address is changed while the keeper looks: what a connection meets is decided by where it goes."""
    for lie in (PRIVATE, METADATA, WEB, "198.51.100.1", "127.0.0.1"):
        found = act(t, ANY, f"flipping {LITERAL} {lie} 80 3000", timeout=120)[0]
        t.note(f"{LITERAL} or {lie}: {found}")
        t.is_(set(found) <= {"connected", "ECONNREFUSED", "ECONNRESET"}, True, f"{lie}: {found}")
        t.is_(found.get("connected", 0) > 0, True, "control: some of them were true")
    came = [entry for entry in t.arrived() if "dns" not in entry]
    t.is_([entry for entry in came if entry.get("web") != LITERAL], [], "nothing else arrived")
    t.is_(t.host_came(), 0, "nobody reached the host")


def facts(pid):
    status = run.Sandbox.status_of(pid)
    return int(status["VmRSS"].split()[0]), len(os.listdir(f"/proc/{pid}/fd"))


def flood(t):
    """So many places that none of them can stay: memory and descriptors are bounded, others are served, and the last
    connection works as the first."""
    acts = ["crawl 10.1 80 20000", f"scattered {LITERAL} 1024 20000", f"connect {ECHO} 7000", "held echo.test 7000 7000"]
    process = t.start(*acts, policy=ALL)
    lines = [json.loads(process.stdout.readline()) for _ in acts]
    relay = t.relays()[0]
    keeper = t.status_of(relay)["PPid"]
    for who, pid, memory, files in (("relay", relay, 72 << 10, 2700), ("keeper", keeper, 8 << 10, 120)):
        used = facts(pid)
        t.note(f"{who} after 40,000 places: {used[0]} KiB, {used[1]} descriptors")
        t.is_(used[0] < memory and used[1] < files, True, f"{who} is bounded")
    t.is_(answered(lines[0]), 20000, f"20,000 addresses: {lines[0]}")
    t.is_(answered(lines[1]), 20000, f"20,000 ports: {lines[1]}")
    t.is_(lines[2:], ["helloEND 5", "held"], "and others as ever")
    process.stdin.write("\n")
    process.communicate(timeout=20)
    t.arrived()


def updated(t):
    """Narrowed to named ports, to nothing, and back."""
    web = egress(allow=[{"to": [{"host": "web.test"}], "ports": [{**TCP, "port": 80}]}])
    steps = ["1", web, "go", "3", ANY, "go", "1", egress(allow=[{"to": [{"cidr": "203.0.113.0/24"}]}]), egress(default="allow"), "go"]
    policy = {**ANY, "filesystem": {"readonlyPaths": [str(t.script)]}}
    acts = ["wait", "fetch http://web.test/", f"connect {ECHO} 7000", "wait", f"connect {ECHO} 7000", "wait", "fetch http://web.test/"]
    done = subprocess.run([*t.wrap, "env", f"PYTHONPATH={run.BUILD}/python", "python3", str(run.HERE / "updating.py"), json.dumps(policy),
                           str(t.script), *acts, "--", *[step if isinstance(step, str) else json.dumps(step) for step in steps]],
                          capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise RuntimeError(f"updating.py said {done.stdout}{done.stderr}")
    got = json.loads(done.stdout)
    t.is_(got["said"], ["updated", "updated", ["policy_conflict", "/network/egress/allow/0"], ["policy_conflict", "/network/egress/default"]], "said")
    t.is_([got["lines"][at] for at in (2, 3, 6, 9)], ["hello from web.test\n", REFUSED, "helloEND 5", "hello from web.test\n"], "came of it")
    t.arrived()


def denied_calls(t):
    """A call that the policy denies is denied, whoever else would be told of it; and without sockets nobody is told."""
    lines = act(t, {**ANY, "syscalls": {"deny": ["connect"]}}, f"bound {ECHO} 7000", f"fastopen {ECHO} 7000")
    t.is_(lines[0].startswith("PermissionError"), True, f"connect: {lines[0]}")
    t.is_([(one["what"], one["count"]) for one in t.last["denials"]], [("connect", 1)], "its record")
    t.is_(lines[1][:5], "hello", "and what is not denied")
    lines = act(t, {**ANY, "syscalls": {"profile": "strict"}}, f"bound {ECHO} 7000", "local /tmp/own")
    t.is_((lines[0].startswith("PermissionError"), lines[1]), (True, "connected"), f"strict: {lines}")
    t.arrived()


def published(t):
    """A published port is for a program inside to listen on, also where every port is granted."""
    rules = {**ALL, "network": {**ALL["network"], "publish": [{"port": 8000, "hostPort": 18231}]}}
    script = "import socket; s = socket.create_server(('127.0.0.1', 8000)); print('ready', flush=True); s.accept()[0].sendall(b'inside'); " \
             "c = socket.create_connection(('%s', 7000)); c.sendall(b'x'); print(c.recv(1).decode())" % ECHO
    process = subprocess.Popen([*t.line(rules), "python3", "-c", script], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    with run.socket.create_connection(("127.0.0.1", 18231), timeout=5) as one:
        t.is_(one.recv(10), b"inside", "from the host")
    t.is_(process.communicate(timeout=10)[0], "x\n", "and out")
    t.arrived()


def dead(t):
    """The keeper killed while a connection asks it: the call fails and the sandbox ends. The relay killed: nobody listens."""
    process = t.start("held echo.test 7000 7000", f"scattered {LITERAL} 1024 60000", policy=ALL)
    process.stdout.readline()
    relay = t.relays()[0]
    process.stdin.write("\n")
    process.stdin.flush()
    process.stdout.readline()
    subprocess.run(["kill", "-9", t.status_of(relay)["PPid"]], check=True)
    process.wait(timeout=20)
    t.is_(process.returncode != 0, True, "it is told")
    process = t.start("held echo.test 7000 7000", f"connect {ECHO} 7000", f"connect {LITERAL} 81", policy=ALL)
    process.stdout.readline()
    subprocess.run(["kill", "-9", t.relays()[0]], check=True)
    out = process.communicate("\n", timeout=20)[0].splitlines()
    t.is_([json.loads(line) for line in out[-2:]], [NO_LISTENER] * 2, "without the relay")
    t.arrived()


def nobody_may_look(t):
    """Where a keeper may not read inside, the start fails and says why. No setting of this host is touched: a filter around
    mxc says EPERM as the kernel would."""
    shim = pathlib.Path(t.folder) / "no_reading.py"
    shim.write_text(SHIM)
    os.chmod(shim, 0o644)
    done = subprocess.run([*t.wrap, "python3", str(shim), *t.line(ANY)[len(t.wrap):], "true"], capture_output=True, text=True, check=False)
    t.is_(done.returncode, 125, "nothing ran")
    t.is_("/network/egress" in done.stderr and "ptrace_scope" in done.stderr, True, f"said: {done.stderr}")
    named = egress(allow=[{"to": PEERS, "ports": [{**TCP, "port": 80}]}])
    done = subprocess.run([*t.wrap, "python3", str(shim), *t.line(named)[len(t.wrap):], "true"], capture_output=True, text=True, check=False)
    t.is_(done.returncode, 0, f"control: named ports need no look: {done.stderr}")


SHIM = """import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 310, "aarch64": 270}[os.uname().machine]  # process_vm_readv
code = b"".join(struct.pack("HBBI", *one) for one in ((0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7fff0000)))
text = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxQ", 4, ctypes.addressof(text))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit(1)
os.execv(sys.argv[1], sys.argv[1:])
"""

CHECKS = (every_port, ranges, everything, other_clients, as_without, where_others_listen, lies, flood, updated, denied_calls, published,
          dead, nobody_may_look)

ONLY = os.environ.get("MXC_ONLY", "").split()

if __name__ == "__main__":
    run.main(World, lambda world, folder, role: run.play(world, folder, role, [one for one in CHECKS if not ONLY or one.__name__ in ONLY]))
