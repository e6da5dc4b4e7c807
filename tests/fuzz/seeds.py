#!/usr/bin/env python3
"""Writes the binary seeds of the corpus: plans, records, DNS messages and scripts of packets, accepted and refused ones.

tests/fuzz/seeds.py      after a change of plan/plan.h, plan/channel.h or report/record.h; then look at git diff
Files that a fuzzer found (with `found` in their names) and the policies, which are text, are not touched.
"""
import pathlib
import re
import struct

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
# in the order of the enum, which begins with 1 and ends with MXC_OP_KINDS
KINDS = {name.lower(): number for number, name in enumerate(
    re.findall(r"^ +MXC_OP_(\w+)(?: = 1)?,", (HERE.parents[1] / "core/src/plan/plan.h").read_text(), re.M), 1)}
SPAWN, SIGNAL, STOP, SHUTDOWN, READY, FAILED = range(1, 7)
RETURN_ALLOW = struct.pack("<HBBI", 6, 0, 0, 0x7fff0000)


def write(folder, name, data):
    (CORPUS / folder / name).write_bytes(data)


# ---- plans ---------------------------------------------------------------------------------------------------

class Plan:
    def __init__(self, origin="/containment"):
        self.ops, self.strings, self.blobs, self.origin = b"", b"\0", b"", origin

    def text(self, text):
        if not text:
            return 0
        at = len(self.strings)
        self.strings += text.encode() + b"\0"
        return at

    def op(self, kind, *numbers, text="", text2="", blob=b""):
        if blob:
            self.blobs += bytes(-len(self.blobs) % 8)
        at = len(self.blobs) if blob else 0
        self.blobs += blob
        numbers = (list(numbers) + [0] * 4)[:4]
        self.ops += struct.pack("<6I4Q", KINDS[kind], self.text(self.origin), self.text(text), self.text(text2), at, len(blob),
                                *numbers)
        return self

    def bytes(self, **wrong):
        head = {"magic": 0x3143584d, "total": None, "ops": len(self.ops) // 56, "strings": len(self.strings),
                "blobs": len(self.blobs), "flags": 0}
        body = self.ops + self.strings
        body += bytes(-(24 + len(body)) % 8) + self.blobs
        head["total"] = 24 + len(body)
        head.update(wrong)
        return struct.pack("<6I", *head.values()) + body


def whole_plan(origin="/containment"):
    plan = Plan(origin).op("identity", 1, 0, 1000).op("cgroup", 5, 2, text="/sys/fs/cgroup")
    plan.op("cgroup_set", text="memory.max", text2="1000").op("watch", 4, 5000).op("namespaces", 0x7e020000)
    plan.op("hostname", text="sandbox").op("root", 4096, 16).op("dir", 0o755, text="/a")
    plan.op("file", 0o644, text="/etc/passwd", blob=b"root:x:0:0::/:/bin/sh\n").op("symlink", text="/bin", text2="usr/bin")
    plan.op("bind", 5, 2049, 77, 0o040000, text="/usr", text2="/usr").op("tmpfs", 4096, 16, 0o1777, 2, text="/tmp")
    plan.op("devpts", text="/dev/pts").op("proc", text="/proc").op("device", 1, 3, text="/dev/null", text2="/dev/null")
    plan.op("mask", 0o100000, 1, text="/proc/kcore").op("ghost", 0, 2049, 77, text="/w/.mcp.json").op("loopback").op("seal_namespaces").op("pivot").op("lock", 1000, 1000).op("rlimit", 7, 1024)
    plan.op("caps").op("nnp").op("landlock_rule", 13, text="/").op("landlock", 0xffff, 3, 4, 6)
    return plan.op("seccomp", 40, blob=RETURN_ALLOW).op("verify")


def plans():
    write("plan_wire", "ok-whole", whole_plan().bytes())
    write("plan_wire", "ok-empty-origin", whole_plan("").bytes())  # its printing was wrong once
    write("plan_wire", "ok-empty", Plan().bytes())
    write("plan_wire", "ok-odd-names", Plan().op("dir", 0o755, text="/\x1b[2J\u202e\u00e4").bytes())
    write("plan_wire", "ok-spares", Plan().op("routes", 524280).op("spares", 24, 15).bytes())
    write("plan_wire", "no-spares-that-nobody-asks-for", Plan().op("spares", 24, 0).bytes())
    write("plan_wire", "no-spares-too-many", Plan().op("spares", 49, 1).bytes())
    write("plan_wire", "no-bytes", b"")
    write("plan_wire", "no-short-header", whole_plan().bytes()[:20])
    write("plan_wire", "no-magic", whole_plan().bytes(magic=1))
    write("plan_wire", "no-flags", whole_plan().bytes(flags=1))
    write("plan_wire", "no-too-many-ops", whole_plan().bytes(ops=4097))
    write("plan_wire", "no-huge-strings", whole_plan().bytes(strings=0xfffffff0))
    write("plan_wire", "no-huge-blobs", whole_plan().bytes(blobs=0xffffffff))
    write("plan_wire", "no-truncated", whole_plan().bytes()[:-8])
    write("plan_wire", "no-path-up", Plan().op("dir", 0o755, text="/a/../b").bytes())
    write("plan_wire", "no-relative-path", Plan().op("dir", 0o755, text="a").bytes())
    write("plan_wire", "no-setuid-folder", Plan().op("dir", 0o4755, text="/a").bytes())
    write("plan_wire", "no-order", Plan().op("verify").op("caps").bytes())
    write("plan_wire", "no-twice", Plan().op("caps").op("caps").bytes())
    write("plan_wire", "no-group-file-with-slash",
          Plan().op("cgroup", 5, 2, text="/g").op("cgroup_set", text="../memory.max", text2="1").bytes())
    write("plan_wire", "no-setting-without-group", Plan().op("cgroup_set", text="memory.max", text2="1").bytes())
    unused = bytearray(Plan().op("nnp").bytes())
    unused[24 + 24] = 1
    write("plan_wire", "no-unused-field-set", bytes(unused))
    middle = bytearray(Plan().op("dir", 0o755, text="/a").bytes())
    middle[24 + 8] += 1
    write("plan_wire", "no-offset-in-a-string", bytes(middle))
    past = bytearray(Plan().op("seccomp", blob=RETURN_ALLOW).bytes())
    past[24 + 20] = 16
    write("plan_wire", "no-blob-past-the-end", bytes(past))


# ---- DNS messages --------------------------------------------------------------------------------------------

def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def dns_head(flags=0x100, questions=1, answers=0):
    return struct.pack(">6H", 0x1234, flags, questions, answers, 0, 0)


def dns_record(owner, kind, data, ttl=60):
    return owner + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data


def dns_messages():
    ask, hear, mine, here = b"\0", b"\1", dns_name("a.example"), b"\xc0\x0c"
    question = mine + struct.pack(">HH", 1, 1)
    one = dns_record(here, 1, b"\xc0\0\2\1")
    files = {
        "ok-question": ask + dns_head() + question,
        "ok-question-capitals": ask + dns_head() + dns_name("A.eXample") + struct.pack(">HH", 28, 1),
        "ok-question-edns": ask + dns_head() + question + b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0),
        "no-question-number": ask + dns_head() + dns_name("127.0.0.1") + struct.pack(">HH", 1, 1),
        "no-question-dot-in-label": ask + dns_head() + b"\3a.b\0" + struct.pack(">HH", 1, 1),
        "no-question-pointer-to-itself": ask + dns_head() + here + struct.pack(">HH", 1, 1),
        "no-question-cut": ask + dns_head() + question[:-3],
        "no-question-an-answer": ask + dns_head(flags=0x8180) + question,
        "no-question-two": ask + dns_head(questions=2) + question * 2,
        "ok-reply": hear + dns_head(0x8180, 1, 1) + question + one,
        "ok-reply-alias": hear + dns_head(0x8180, 1, 2) + question + dns_record(here, 5, dns_name("b.example"))
                          + dns_record(dns_name("b.example"), 1, b"\xc0\0\2\1"),
        "ok-reply-ring": hear + dns_head(0x8180, 1, 2) + question + dns_record(here, 5, dns_name("b.example"))
                         + dns_record(dns_name("b.example"), 5, here),
        "ok-reply-cut-off": hear + dns_head(0x8380, 1, 0) + question,
        "ok-reply-no-name": hear + dns_head(0x8183, 1, 0) + question,
        "no-reply-another-name": hear + dns_head(0x8180, 1, 1) + dns_name("b.example") + question[-4:] + one,
        "no-reply-record-past-the-end": hear + dns_head(0x8180, 1, 1) + question + one[:-2],
        "no-reply-fewer-than-said": hear + dns_head(0x8180, 1, 9) + question + one,
        "no-reply-a-question": hear + dns_head() + question,
    }
    for name, data in files.items():
        write("relay_dns", name, data)


# ---- rules for a running sandbox -----------------------------------------------------------------------------

HOST, BLOCK, LOCAL, PUBLISHED = range(1, 5)
WEB, LOOPBACK = (4, 32, bytes([192, 0, 2, 7])), (4, 32, bytes([127, 0, 0, 1]))


class Rules:
    def __init__(self):
        self.entries, self.excepts, self.strings = [], [], b"\0"

    def text(self, text):
        at = len(self.strings)
        self.strings += text.encode() + b"\0"
        return at

    def add(self, kind, allow, port, end, name="", block=(0, 0, b""), excepts=(), protocols=1):
        family, prefix, address = block
        at = self.text(name) if name else 0
        self.entries.append(struct.pack("<4B2H2I4B16s2I", kind, allow, protocols, 0, port, end, at, self.text("/network/egress/allow/0"),
                                        family, prefix, 0, 0, address, len(self.excepts), len(excepts)))
        self.excepts += [struct.pack("<4B16s", f, p, 0, 0, a) for f, p, a in excepts]
        return self

    def bytes(self, **wrong):
        body = b"".join(self.entries + self.excepts) + self.strings
        head = {"magic": 0x4e43584d, "total": 24 + len(body), "entries": len(self.entries), "excepts": len(self.excepts),
                "strings": len(self.strings), "reserved": 0, **wrong}
        return struct.pack("<6I", *head.values()) + body


def rules_updates():
    def update(rules, fds=2, generation=1, more=0):
        return bytes([fds]) + generation.to_bytes(3, "little") + struct.pack("b", more) + rules

    def wide():
        return Rules().add(HOST, 1, 1, 65535, "*.test").add(BLOCK, 1, 80, 80, block=WEB)

    files = {
        "ok-nothing-granted": update(Rules().bytes()),
        "ok-the-same": update(wide().add(PUBLISHED, 1, 8000, 8000, block=LOOPBACK).bytes()),
        "ok-narrower": update(Rules().add(HOST, 1, 80, 80, "a.test").bytes()),
        "ok-denied-name": update(wide().add(HOST, 0, 0, 0, "*.a.test").bytes()),
        "ok-denied-before": update(Rules().add(HOST, 0, 0, 0, "a.test").add(HOST, 1, 1, 65535, "*.test").bytes()),
        "ok-denied-port": update(wide().add(HOST, 0, 443, 443, "*").bytes()),
        "ok-denied-block": update(wide().add(BLOCK, 0, 0, 0, block=(4, 24, bytes([192, 0, 2]))).bytes()),
        "ok-except": update(Rules().add(BLOCK, 1, 80, 80, block=(4, 24, bytes([192, 0, 2])), excepts=[WEB]).bytes()),
        "ok-both-protocols": update(Rules().add(HOST, 1, 1, 65535, "*.test", protocols=3).add(BLOCK, 1, 80, 80, block=WEB, protocols=2).bytes()),
        "ok-udp-denied": update(Rules().add(HOST, 0, 0, 0, "*", protocols=2).add(HOST, 1, 1, 65535, "*.test", protocols=3).bytes()),
        "ok-proxy": update(Rules().add(LOCAL, 1, 3128, 3128, block=LOOPBACK).bytes()),
        "ok-last-generation": update(wide().bytes(), generation=1048574),
        "no-generation-too-high": update(wide().bytes(), generation=1048576),
        "no-memory": update(wide().bytes(), fds=0),
        "no-answer": update(wide().bytes(), fds=1),
        "no-third-descriptor": update(wide().bytes(), fds=3),
        "no-longer-than-it-is": update(wide().bytes(), more=4),
        "no-shorter-than-it-is": update(wide().bytes(), more=-4),
        "no-empty": update(b""),
        "no-magic": update(wide().bytes(magic=1)),
        "no-entries-past-the-end": update(wide().bytes(entries=4000)),
        "no-too-many-entries": update(wide().bytes(entries=0xffffffff)),
        "no-excepts-past-the-end": update(wide().bytes(excepts=9)),
        "no-text": update(wide().bytes(strings=0)),
        "no-kind": update(Rules().add(9, 1, 80, 80, "a.test").bytes()),
        "no-protocol": update(Rules().add(HOST, 1, 80, 80, "a.test", protocols=0).bytes()),
        "no-such-protocol": update(Rules().add(HOST, 1, 80, 80, "a.test", protocols=5).bytes()),
        "no-udp-proxy": update(Rules().add(LOCAL, 1, 3128, 3128, block=LOOPBACK, protocols=2).bytes()),
        "no-name": update(Rules().add(HOST, 1, 80, 80).bytes()),
        "no-port-backwards": update(Rules().add(HOST, 1, 81, 80, "a.test").bytes()),
        "no-published-denial": update(Rules().add(PUBLISHED, 0, 80, 80, block=LOOPBACK).bytes()),
        "no-local-elsewhere": update(Rules().add(LOCAL, 1, 80, 80, block=WEB).bytes()),
        "no-prefix": update(Rules().add(BLOCK, 1, 80, 80, block=(4, 33, b"")).bytes()),
    }
    for name, data in files.items():
        write("rules_update", name, data)


# ---- exit records --------------------------------------------------------------------------------------------

TIMES = 30  # began_ns, said_ns, and MXC_TIMES of base/timing.h


def record(outcome=1, exit_code=0, signal=0, out=(0, 0, 0), err=(0, 0, 0), denials=(), stage=(0, 0, 0, 0), limits=0, **wrong):
    head = {"magic": 0x5243584d, "size": 128 + 8 * TIMES + 24 * len(denials), "count": len(denials)}
    head.update(wrong)
    data = struct.pack("<7Iii3I", head["magic"], head["size"], outcome, *stage, exit_code, signal, limits, head["count"], 0)
    data += struct.pack("<3Q", 5_000_000, 1_000_000, 1 << 20) + struct.pack("<6Q2I", *out, *err, 0, 0)
    data += struct.pack(f"<{TIMES}Q", *range(TIMES))
    return data + b"".join(struct.pack("<2I2Q", number, 0, times, 1000) for number, times in denials)


def stream(data, kind=1, limit=16, piece=255, area=None, control=b""):
    head = struct.pack("<BHB", kind, limit, piece)
    if kind & 2:
        head += struct.pack("<H", area)
    return head + (control.ljust(44, b"\0") if kind & 16 else b"") + data


def records():
    folder = "exit_record"
    write(folder, "ok-exited", stream(record()))
    write(folder, "ok-in-small-pieces", stream(record(exit_code=3, denials=[(165, 2), (101, 1)]), piece=1))
    write(folder, "ok-signal", stream(record(exit_code=-1, signal=9, limits=1 << 31)))
    write(folder, "ok-nothing-captured", stream(record(out=(5, 0, 0)), kind=0))
    write(folder, "ok-short-output", stream(record(out=(5, 5, 0), err=(3, 3, 0))))
    write(folder, "ok-ring-not-full", stream(record(out=(12, 8, 4))))
    write(folder, "ok-ring-wrapped", stream(record(out=(1003, 8, 8), err=(16, 8, 8))))
    write(folder, "ok-odd-limit", stream(record(out=(1003, 9, 8)), limit=17))
    write(folder, "ok-limit-of-one", stream(record(out=(9, 1, 0)), limit=1))
    write(folder, "ok-killed-by-the-host", stream(b"", kind=9))
    write(folder, "ok-torn-area-unused", stream(record(), kind=3, area=0))
    write(folder, "no-record", stream(b""))
    write(folder, "no-half-a-record", stream(record()[:70]))
    write(folder, "no-magic", stream(record(magic=1)))
    write(folder, "no-size", stream(record(size=4)))
    write(folder, "no-count-without-entries", stream(record(count=2)))
    write(folder, "no-too-many-denials", stream(record(denials=[(1, 1)] * 65)))
    write(folder, "no-more-than-a-record", stream(record() + b"x"))
    write(folder, "no-outcome", stream(record(outcome=3)))
    write(folder, "no-exit-code-256", stream(record(exit_code=256)))
    write(folder, "no-signal-65", stream(record(exit_code=-1, signal=65)))
    write(folder, "no-head-larger-than-total", stream(record(out=(4, 5, 0))))
    write(folder, "no-head-larger-than-the-area", stream(record(out=(100, 100, 0))))
    write(folder, "no-tail-larger-than-the-ring", stream(record(out=(1000, 8, 992))))
    write(folder, "no-tail-before-the-head-is-full", stream(record(out=(4, 2, 2))))
    write(folder, "no-area-too-short", stream(record(out=(5, 5, 0)), kind=3, area=2))
    write(folder, "no-huge-numbers", stream(record(out=(2**64 - 1, 2**63, 2**63 - 1))))
    for stage in range(12):
        write(folder, f"no-refused-at-stage-{stage:02}", stream(record(outcome=2, stage=(stage, 1, 2, 3))))
    write(folder, "no-refused-at-an-op-that-is-not-there", stream(record(outcome=2, stage=(4, 99, 13, 0))))
    said = struct.pack("<3I4Q", 0, 0, 0, 5, 1, 1, 0)
    write(folder, "no-last-command-and-why-on-the-control-socket", stream(b"", kind=21, control=said))


# ---- packets -------------------------------------------------------------------------------------------------

def message(kind, id=0, flags=0, numbers=(0, 0, 0, 0), reserved=0):
    return struct.pack("<4I4Q", kind, id, flags, reserved, *numbers)


def raw(data, fds=()):
    return bytes([0, len(fds)]) + b"".join(bytes(fd) for fd in fds) + bytes([len(data)]) + data


def to_host(data, fds=()):
    return b"\6" + raw(data, fds)[1:]


def spawn(id, flags=0, timeout=0, limit=0, fds=()):
    return struct.pack("<BBBHBH", 1, id, flags, timeout, 1, limit) + b"".join(bytes(fd) for fd in fds)


def tender(slot, kind, flags=0, a=0, b=0):
    return struct.pack("<BBBBIQ", 2, slot, kind, flags, a, b)


def tender_raw(slot, data, fds=()):
    return bytes([3, slot, 0]) + raw(data, fds)[1:]


def signals(times, stop, id, number):
    return struct.pack("<BHBBB", 4, times, stop, id, number)


def block(data):
    return struct.pack("<BH", 5, len(data)) + data


def command(argv, env=(), tail=(b"", b"/bin"), **wrong):
    body = b"".join(text + b"\0" for text in (*argv, *env, *tail))
    head = {"magic": 0x4243584d, "total": 24 + len(body), "argc": len(argv), "envc": len(env), "cwd": 0, "reserved": 0}
    head.update(wrong)
    return struct.pack("<6I", *head.values()) + body


def within(block, id=1, said=None, more=b""):
    numbers = (0, 0, 0, len(block) if said is None else said)
    return raw(message(SPAWN, id, 2048, numbers) + block + more, [(0, 0)])


def packets():
    folder = "keeper_protocol"
    null, area = (0, 0), (1, 4)
    write(folder, "ok-one-command", spawn(1, 3, limit=64) + tender(1, 0, a=7, b=9) + bytes([7, 1]) + tender(1, 1))
    write(folder, "ok-every-stream", spawn(2, 2 + 4 + 8 + 16, limit=32, fds=(null, null, null)) + tender(2, 1, a=9))
    write(folder, "ok-dropped-streams", spawn(2, 2 + 32 + 64, limit=32) + tender(2, 1, a=11))
    write(folder, "ok-no-exec", spawn(3) + tender(3, 2, a=2, b=9))
    write(folder, "ok-several", spawn(1, 2, limit=8) + spawn(2, timeout=5) + spawn(3) + tender(2, 1) + tender(1, 1))
    write(folder, "ok-stop-and-signals", spawn(1) + signals(1, 1, 1, 0) + signals(3, 0, 1, 15) + signals(1, 0, 1, 200))
    write(folder, "ok-nobody-of-that-id", signals(1, 0, 77, 9) + signals(1, 1, 0, 9))
    write(folder, "ok-tender-killed", spawn(1, 2, limit=8) + bytes([8, 1]) + spawn(2))
    write(folder, "ok-tender-says-something-else", spawn(1) + tender_raw(1, message(READY)))
    write(folder, "ok-tender-sends-descriptors", spawn(1) + tender_raw(1, message(9, 1), [null, area]))
    write(folder, "ok-tender-says-an-impossible-status", spawn(1) + tender(1, 1, a=0x7f) + spawn(2) + tender(2, 1, a=66))
    write(folder, "ok-tender-that-takes-nothing", spawn(1) + signals(590, 0, 1, 15))
    write(folder, "ok-same-id-twice", spawn(1) + spawn(1) + tender(1, 1))
    write(folder, "ok-id-0", spawn(0))
    write(folder, "ok-spawn-without-descriptors", raw(message(SPAWN, 1)))
    write(folder, "ok-spawn-with-too-many", raw(message(SPAWN, 1), [null] * 6))
    write(folder, "ok-area-smaller-than-said", raw(message(SPAWN, 1, 2, (0, 0, 4096, 0)), [null, null, area]))
    write(folder, "ok-area-that-can-shrink", raw(message(SPAWN, 1, 2, (0, 0, 64, 0)), [null, null, (2, 4)]))
    write(folder, "ok-area-of-2-to-the-63", raw(message(SPAWN, 1, 2, (0, 0, 1 << 63, 0)), [null, null, area]))
    write(folder, "ok-to-the-host", to_host(message(READY)) + to_host(message(FAILED, numbers=(4, 1, 2, 3))))
    write(folder, "ok-command-block", block(command([b"sh", b"-c", b"true"], [b"A=b"])))
    write(folder, "ok-block-within", within(command([b"sh", b"-c", b"true"], [b"A=b"])) + tender(1, 1))
    write(folder, "ok-two-blocks-within", within(command([b"a"])) + within(command([b"b", b"c"]), 2) + tender(2, 1))
    write(folder, "no-block-within-longer-than-said", within(command([b"a"]), more=b"x"))
    write(folder, "no-block-within-shorter-than-said", within(command([b"a"]), said=200))
    write(folder, "no-block-within-of-nothing", within(b""))
    write(folder, "no-block-within-without-a-head", within(b"MXCB"))
    write(folder, "no-block-within-size", within(command([b"a"], total=9)))
    write(folder, "no-block-within-a-signal", raw(message(SIGNAL, 1, 2048, (0, 0, 0, 1)) + b"x"))
    write(folder, "no-short-packet", raw(b"short"))
    write(folder, "no-empty-packet", raw(b""))
    write(folder, "no-long-packet", raw(message(SIGNAL) + b"x"))
    write(folder, "no-more-descriptors-than-any-message-has", raw(message(SPAWN, 1), [null] * 8))
    write(folder, "no-short-packet-with-descriptors", raw(b"x", [null, area]))
    write(folder, "no-descriptors-to-the-host", to_host(message(READY), [null]))
    write(folder, "no-short-packet-to-the-host", to_host(b"xy"))
    write(folder, "no-reserved-field-to-the-host", to_host(message(READY, reserved=1)))
    write(folder, "no-command-block-of-nothing", block(b""))
    write(folder, "no-command-without-argv", block(command([])))
    write(folder, "no-command-block-magic", block(command([b"a"], magic=1)))
    write(folder, "no-command-block-size", block(command([b"a"], total=9)))
    write(folder, "no-command-block-argc", block(command([b"a"], argc=40)))
    write(folder, "no-command-block-huge-argc", block(command([b"a"], argc=0xffffffff)))
    write(folder, "no-command-block-with-more-behind", block(command([b"a"], tail=(b"", b"", b"more"))))
    write(folder, "no-command-block-without-last-nul", block(command([b"a"])[:-1]))


if __name__ == "__main__":
    plans()
    records()
    dns_messages()
    rules_updates()
    packets()
