#!/usr/bin/env python3
"""The attacks again on a host that forbids user namespaces, for policies that take the weaker wall (onUnsupported
"report"): rows that hold as they are, rows that are refused with other errors, and rows that docs/security.md lists as
weaker ("Without user namespaces"). As root and as an ordinary user, with the host's setting and with a filter as
containers have it.

    no_userns.py [--mode setting|filter] [--role root|user] [--only ID]...
    no_userns.py --without CALL:ERRNO ...     where a call is missing instead (tests/lacking)"""
import argparse
import ctypes
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback

import coverage
import run_rows
import walls
from common import ROOT, SEE_OUTSIDE, Victim, no, ok, only_line, ran
from rows_agent import SECRETS
from rows_files import CAP_SETUID
from walls import CLEAN, Row, find_processes, wait_until

NO_USERNS, WITHOUT = walls.BUILD / "tests" / "no-userns", walls.BUILD / "tests" / "without"
MODE = os.environ.get("MXC_NO_USERNS_MODE", "")
# The same acts with the same outcomes as with namespaces.
SAME = ["F18", "F24", "F25", "P4", "K1", "K2", "K3", "K4", "K5", "K10", "A11", "A12", "D2", "D6", "D8", "D10", "D11",
        "D13"]
# Refused before anything starts: Landlock has no rule that takes away.
REFUSED = {"F5": "readonlyPaths", "F13": "deniedPaths", "F14": "deniedPaths", "F15": "deniedPaths"}
landlock_create_ruleset, VERSION = 444, 1
ABI = max(0, ctypes.CDLL(None).syscall(landlock_create_ruleset, None, ctypes.c_size_t(0), VERSION))  # 0: this kernel has none
ABI_TRUNCATE, ABI_SCOPES = 3, 6
TRUNCATE = "EACCES" if ABI >= ABI_TRUNCATE else "EPERM"  # by Landlock, or by the filter
SIGNALS_HELD = ROOT or ABI >= ABI_SCOPES  # by root: the sandbox's own uid
METADATA = "EPERM"  # by the filter for a user; by root the sandbox's uid owns nothing outside


class World(walls.World):
    """Every policy takes the weaker wall, and by root the workspace is open to everybody, as the receipt says."""

    def set_up(self, items):
        super().set_up(items)
        if not ROOT:
            return
        for folder, names, files in os.walk(self.work):
            os.chmod(folder, 0o777)
            for name in files:
                if not os.path.islink(os.path.join(folder, name)):
                    os.chmod(os.path.join(folder, name), 0o666)

    def policy(self, given):
        return super().policy({**given, "onUnsupported": "report"})


def marked(world, shell):
    """A run with processes that are found by their command lines, and the process of the command line."""
    mark = f"3.{os.getpid()}{time.monotonic_ns() % 10**6}"
    line = [walls.MXC, "run", "--policy", world.policy({}), "--", "/bin/sh", "-c", shell.replace("SLEEP", f"sleep {mark}e5")]
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=CLEAN)
    return process, f"sleep {mark}e5".replace(" ", "\0")


TREE = "(setsid SLEEP & setsid sh -c 'SLEEP & SLEEP' &); mkdir -p $TMPDIR/a/b; echo x > $TMPDIR/a/b/c; "


def scratches():
    return set(pathlib.Path("/tmp").glob("mxc-scratch-*"))


def keeper_of(process):
    """Of this very run: its child."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(pid) for pid in children if pathlib.Path(f"/proc/{pid}/comm").read_text() == "mxc-keeper\n"]


def ends(world, whom):
    """Whoever is killed, nothing of the sandbox stays."""
    before = scratches()
    process, mark = marked(world, TREE + ("kill -9 $PPID; " if whom == "init" else "") + "SLEEP")
    if whom != "init":
        world.expect(wait_until(lambda: len(find_processes(mark)) >= 4, 10), f"{whom}: the command never ran")
        os.kill(process.pid if whom == "host" else keeper_of(process)[0], signal.SIGKILL)
    world.expect(wait_until(lambda: process.poll() is not None, 5), f"{whom}: the command line goes on")
    world.expect(wait_until(lambda: not find_processes(mark), 2), f"{whom}: left: {find_processes(mark)}")
    if whom != "keeper":  # what a killed keeper leaves the next one removes, after a minute
        world.expect(wait_until(lambda: scratches() <= before, 2), f"{whom}: left: {scratches() - before}")
    for folder in scratches() - before:
        shutil.rmtree(folder)


def lifecycle(world):
    """P-L1"""
    for whom in ("host", "init", "keeper"):
        ends(world, whom)


def scratch(world):
    """A folder that only its owner may open, emptied whatever is in it."""
    before = scratches()
    deep = "i=0; while [ $i -lt 400 ]; do mkdir d && cd d; i=$((i+1)); done; "
    shell = ("cd $TMPDIR && umask 777 && mkdir closed && umask 22 && ln -s /etc link && mkfifo pipe && mkdir -p .deep-0/x && "
             + deep + "cd $TMPDIR; stat -c %a . ; echo $HOME")
    policy = world.policy({})
    done = subprocess.run([walls.MXC, "run", "--policy", policy, "--", "/bin/sh", "-c", shell], capture_output=True,
                          text=True, env=CLEAN, timeout=60 * walls.SLOW)
    lines = done.stdout.split()
    world.expect(done.returncode == 0 and len(lines) == 2 and lines[0] == "700" and lines[1].startswith("/tmp/mxc-scratch-"),
                 f"{done.returncode} {done.stdout} {done.stderr}")
    world.expect(scratches() <= before, f"left: {scratches() - before}")
    world.expect(os.path.isdir("/etc/alternatives"), "a link was followed")


def state_of_command(world):
    """P1: read from outside, because /proc is closed inside."""
    process, mark = marked(world, "exec SLEEP")
    try:
        world.expect(wait_until(lambda: any("sleep" == pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
                                            for pid in find_processes(mark)), 10), "the command never ran")
        pids = [pid for pid in find_processes(mark) if pathlib.Path(f"/proc/{pid}/comm").read_text() == "sleep\n"]
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pids[0]}/status").read_text().splitlines())
        sets = ["CapInh", "CapPrm", "CapEff", "CapAmb"] + (["CapBnd"] if ROOT else [])
        for name in sets:
            world.expect(int(status[name], 16) == 0, f"{name} {status[name]}")
        world.expect(status["NoNewPrivs"].strip() == "1" and status["Seccomp"].strip() == "2", str(status))
        uids = set(status["Uid"].split())
        world.expect(len(uids) == 1 and (int(min(uids)) > 1879048192 if ROOT else uids == {str(os.getuid())}), str(uids))
        world.expect(not ROOT or not status["Groups"].strip(), status["Groups"])
    finally:
        process.kill()
        process.wait()
    world.expect(wait_until(lambda: not find_processes(mark), 2), "left")


def told_receipt(world):
    """Beforehand; where only the start shows what the host refuses, afterwards."""
    if MODE == "without":
        return world.run(["ids"])["receipt"]
    told = subprocess.run([walls.MXC, "explain", "--json", "--policy", world.policy({})], capture_output=True, text=True,
                          env=CLEAN)
    lines = json.loads(told.stdout)
    return lines.get("receipt", lines) if isinstance(lines, dict) else lines


def signals_level(world):
    return [line["level"] for line in told_receipt(world) if line["rule"] == "no signals to processes outside"][0]


def signals_not_held(world):
    with Victim() as victim:
        ran(world, ["kill -1 9", f"kill {victim.pid} 0", f"kill {victim.pid} 9"], [no("EPERM"), ok(), ok()])
        world.expect(wait_until(lambda: not victim.alive, 2), "docs/security.md says that this is not held")


def signals(world):
    """P6, P7: other processes of the same user are out of reach, one by one and all at once; by a user before ABI 6 only
    the latter, and the receipt says so."""
    world.expect(signals_level(world) == ("kernel" if SIGNALS_HELD else "none"), f"the receipt says {signals_level(world)}")
    if not SIGNALS_HELD:
        return signals_not_held(world)
    with Victim() as victim:
        calls = ("kill", "tkill", "tgkill", "rt_sigqueueinfo")
        ran(world, [f"signals-at {victim.pid}", f"kill {victim.pid} 9"],
                    [{call: "EPERM" for call in calls}, {"errno": "EPERM"}])
        process, mark = marked(world, "SLEEP & kill -9 -1; echo; SLEEP")  # its own shell is not hit
        world.expect(wait_until(lambda: process.poll() is not None, 5), "kill(-1) did not end the sandbox")
        world.expect(wait_until(lambda: not find_processes(mark), 2), "left")
        world.expect(victim.alive, "the host's process is dead")


def memory_and_descriptors(world):
    """P8, P9"""
    with Victim() as victim:
        ran(world, [f"memory-of {victim.pid}", f"take-fd {victim.pid}"],
                    [{"mem": "EACCES", "process_vm_readv": "EPERM", "process_vm_writev": "EPERM", "maps": "EACCES",
                      "environ": "EACCES"}, {"ok": False, "errno": "EPERM"}])
        world.expect(victim.alive, "the host's process is dead")


def fork_bomb(world):
    """D1: by root the uid's own count holds; a user's sandbox is ended by the keeper."""
    seen = int(400 * walls.SLOW)  # milliseconds: how long it waits for the keeper to look, among all these
    for act in (f"fork-bomb 2000 {seen}", f"threads 2000 {seen}"):
        record = world.run([act], {"limits": {"processes": 200}})
        world.expect(record.get("limitHit") == "processes", f"{act}: limit {record.get('limitHit')} {record.get('error')}")
        if ROOT:
            world.compare("inside", [(act, {"errno": "EAGAIN", "made": {"$max": 200, "$min": 50}})], record["stdout"])
        else:
            world.expect(record.get("signalName") == "SIGKILL" or b"EAGAIN" in record["stdout"], f"{act}: {record}")
        world.expect(record["seconds"] < 10, f"{act}: took {record['seconds']:.1f} s")


def own_uids(world):
    """The kernel's objects of another sandbox of root have another owner."""
    first, mark = marked(world, "echo secret > $TMPDIR/s; SLEEP")
    try:
        world.expect(wait_until(lambda: find_processes(mark), 10), "the command never ran")
        folder = max(scratches(), key=lambda path: path.stat().st_mtime)
        ran(world, [f"open-read {folder}/s", f"create {folder}/x", f"readdir {folder}"], [no("EACCES")] * 3)
    finally:
        first.kill()
        first.wait()


def setuid_helper(world):
    """P2: made by the driver as root, only the test's user may run it. A filter's host may have no setuid programs."""
    helper = f"{world.places['BIN']}/suid-probe"
    if not os.path.exists(helper):
        raise walls.Skip("root to make a setuid program")
    if MODE == "setting":
        control = subprocess.run([helper, "ids"], stdout=subprocess.PIPE, check=False)
        only_line(world, control.stdout, {"euid": 0}, "control")
    record = world.run([["try-exec", helper, "ids"]])
    line = record["stdout"].decode().splitlines()[0]
    world.expect(walls.match.matches(json.loads(line), {"uid": walls.USER, "euid": walls.USER}), f"inside: {line}")


def receipt(world):
    """What is weaker is said, and a policy that does not ask for it starts nothing."""
    lines = told_receipt(world)
    world.expect("namespace" not in json.dumps([line["mechanism"] for line in lines]), "namespaces are claimed")
    none = [line for line in lines if line["level"] == "none" and line["item"] in
            ("/containment", "/filesystem", "/filesystem/protectedNames", "/filesystem/tmpBytes")]
    world.expect(len(none) >= 4 and all(line.get("note") for line in none), str(none))
    plain = World.__mro__[1].policy(world, {})
    done = subprocess.run([walls.MXC, "run", "--policy", plain, "--", "/bin/true"], capture_output=True, text=True, env=CLEAN)
    says = ["/containment", "doctor"] if MODE != "without" else ["filter"]
    world.expect(done.returncode == 125 and all(word in done.stderr for word in says), done.stderr)


def refusals(world):
    """A record says what was wrong on this wall, where more is refused."""
    (world.work / "f").touch()
    acts = [f"open-with ${{WORK}}/f {os.O_ACCMODE}"] + ([] if ROOT else ["chmod ${WORK}/f 0600"])
    said = {one["what"] for one in ran(world, acts, [no("EPERM")] * len(acts))["denials"]}
    world.expect(any(re.fullmatch(r"open(at)? \(access mode, setuid or setgid bit\)", one) for one in said), str(said))
    world.expect(ROOT or any(re.fullmatch(r"f?chmod(at)?", one) for one in said), str(said))


def refused(world, row):
    record = world.run(["true"], row.policy)
    world.expect(record.get("error", {}).get("status") == "unsupported" and REFUSED[row.id] in record["error"]["origin"],
                 str(record)[:300])


def closed(path):
    return "EACCES EACCES" if os.path.exists(path) else "ENOENT ENOENT"


# the access mode 3 gives a descriptor without any right of Landlock; before its ABI 3 a reader may empty
UNSEEN = [os.O_ACCMODE, os.O_ACCMODE | os.O_TRUNC, os.O_RDONLY | os.O_TRUNC]
KERNEL_FILES = ["/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg", "/proc/kallsyms",
                "/proc/self/mem", "/proc/1/environ", "/sys/kernel/uevent_helper"]
OTHER = [
    Row("F1", "writing outside the workspace", "SandboxUser", "HostWrite", setup=[{"file": "${WORK}/f", "text": "f"}],
        outside=[("create ${OUTSIDE}/x", ok()), ("append ${WORK}/f more", ok()), ("truncate ${WORK}/f", ok())],
        inside=[("create ${OUTSIDE}/x", no("EACCES")), ("append ${OUTSIDE}/canary.txt x", no("EACCES")),
                ("truncate ${OUTSIDE}/canary.txt", no(TRUNCATE)), ("create /etc/mxc-x", no("EACCES")),
                ("create /usr/local/mxc-x", no("EACCES")), ("create ${WORK}/../x", no("EACCES")),
                ("create ${HOME_CANARY}.x", no("EACCES")), ("create /tmp/mxc-x", no("EACCES")),
                ("create /dev/shm/mxc-x", no("EACCES")), ("open-read ${HOME_CANARY}", no("EACCES")),
                ("open-read /etc/passwd", no("EACCES")), ("readdir /", no("EACCES")), ("readdir /tmp", no("EACCES"))],
        allowed=[("create ${WORK}/ok", ok()), ("append ${WORK}/f x", ok()), ("open-read /usr/bin/env", ok())]),
    Row("F2", "changing what belongs to a visible file outside", "SandboxUser", "HostWrite", policy=SEE_OUTSIDE,
        setup=[{"file": "${WORK}/f", "text": "f"}],
        outside=[(f"open-with ${{WORK}}/f {flags}", ok()) for flags in UNSEEN],
        inside=[(f"open-with {path} {flags}", no("EPERM")) for path in ("${OUTSIDE}/canary.txt", "${HOME_CANARY}", "${WORK}/f")
                for flags in UNSEEN] +
               [("chmod ${OUTSIDE}/canary.txt 0666", no(METADATA)), ("chown ${OUTSIDE}/canary.txt 1000 1000", no(METADATA)),
                ("touch ${OUTSIDE}/canary.txt", no("EPERM")),
                ("setxattr ${OUTSIDE}/canary.txt user.a b", no("EACCES" if ROOT else "EPERM")),
                ("chmod ${HOME_CANARY} 0666", no(METADATA)), ("rename ${OUTSIDE}/canary.txt ${OUTSIDE}/y", no("EACCES")),
                ("rmdir ${OUTSIDE}", no("EACCES")), ("link ${OUTSIDE}/canary.txt ${OUTSIDE}/y", no("EPERM" if ROOT else "EACCES")),
                ("link ${OUTSIDE}/canary.txt ${WORK}/y", no("EPERM" if ROOT else "EXDEV"))],
        allowed=[("open-read ${OUTSIDE}/canary.txt", ok())]),
    Row("F3", "a link in the workspace that leads out", "SandboxUser", "HostWrite", policy=SEE_OUTSIDE,
        setup=[{"symlink": "${WORK}/l", "target": "${OUTSIDE}/canary.txt"}, {"symlink": "${WORK}/d", "target": "${OUTSIDE}"},
               {"file": "${WORK}/f", "text": "f"}, {"symlink": "${WORK}/own", "target": "f"}],
        inside=[("append ${WORK}/l x", no("EACCES")), ("create ${WORK}/d/x", no("EACCES")),
                ("write ${WORK}/l new", no("EACCES")), ("rename ${WORK}/f ${WORK}/d/canary.txt", no("EACCES")),
                ("truncate ${WORK}/l", no(TRUNCATE))],
        allowed=[("append ${WORK}/own x", ok())]),
    Row("F22", "the kernel's files in /proc and /sys", "SandboxUser", "Escape",
        inside=[(["read-write", *KERNEL_FILES], {"files": {path: closed(path) for path in KERNEL_FILES}}),
                ("readdir /proc", no("EACCES")), ("readdir /sys/kernel", no("EACCES"))]),
    Row("F23", "what is in /dev", "SandboxUser", "Escape",
        inside=[("readdir /dev", no("EACCES")), ("open-read /dev/kmsg", no("EACCES" if os.path.exists("/dev/kmsg") else "ENOENT")),
                ("open-read /dev/ptmx", no("EACCES"))],
        allowed=[("append /dev/null x", ok())]),
    Row("F26", "attributes that give rights", "SandboxUser", "Escape", setup=[{"file": "${WORK}/f", "text": ""}],
        inside=[(f"setxattr ${{WORK}}/f security.capability {CAP_SETUID}", no("EPERM")),
                ("setxattr ${WORK}/f trusted.a b", no("EPERM"))]),
    Row("P3", "making namespaces", "SandboxUser", "Escape",
        inside=[("unshare-each", {"made": 0, **{n: "EPERM" for n in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup")}}),
                ("clone user", no("EPERM")), ("clone net", no("EPERM"))]),
    Row("K7", "socket families", "SandboxUser", "Escape",
        outside=[("families", {"families": {"unix": "ok", "inet": "ok"}})],
        inside=[("families", {"families": {name: "EPERM" for name in (
            "unix", "inet", "inet6", "netlink-route", "packet", "alg", "vsock", "raw", "ping", "mptcp", "udplite")}})]),
    Row("T3", "no controlling terminal", "SandboxUser", "Escape", inside=[("tty", no("EACCES", name=None))]),
    Row("A7", "secrets in the environment", "Remote", "Exfil", env=SECRETS,
        inside=[("env", {"env": {"$contains": ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"],
                                 "$lacks": ["walls-secret"]}})]),
    Row("P1", "capabilities and ids of the command", "SandboxUser", "Escape", special=state_of_command),
    Row("P2", "a setuid root program in a readable place", "SandboxUser", "Escape", special=setuid_helper,
        roles=("user",)),
    Row("P6", "signals to processes of the host", "SandboxUser", "HostDoS", special=signals),
    Row("P8", "memory and descriptors of the host's processes", "SandboxUser", "Escape", special=memory_and_descriptors),
    Row("D1", "fork bomb and thread bomb", "SandboxUser", "HostDoS", special=fork_bomb),
    Row("L1", "the caller, init or the keeper is killed", "SandboxUser", "Lifecycle", special=lifecycle),
    Row("L2", "the private folder", "SandboxUser", "Lifecycle", special=scratch),
    Row("L3", "two sandboxes of root", "SandboxUser", "Lateral", special=own_uids, roles=("root",)),
    Row("R1", "the receipt, and policies that ask for the whole wall", "SandboxUser", "Honest report", special=receipt),
    Row("R2", "the record of what was refused", "SandboxUser", "Honest report", special=refusals),
]


def all_rows():
    known = coverage.load_rows()
    found = [row for row in known if row.id in SAME]
    for row in known:
        if row.id in REFUSED:
            found.append(Row(row.id, row.title, row.attacker, row.impact, setup=row.setup,
                             special=lambda world, row=row: refused(world, row)))
    return found + OTHER


def here(args):
    """The rows in this process, in the role and on the host that it has."""
    walls.World = World
    count = {"ok": 0, "FAILED": 0, "SKIP": 0}
    for row in all_rows():
        if walls.ROLE not in row.roles or (args.only and row.id not in args.only):
            continue
        if row.id == "P4" and MODE == "filter":
            continue  # the host itself has no clone3 then
        try:
            faults, _ = walls.run_row(row, args.base)
        except walls.Skip as skip:
            print(f"SKIP {row.id}-{walls.ROLE}: {skip}", flush=True)
            count["SKIP"] += 1
            continue
        except Exception:
            faults = ["the test failed: " + traceback.format_exc()]
        word = "FAILED" if faults else "ok"
        count[word] += 1
        print(f"{word} {row.id} ({args.mode}, {walls.ROLE}) {row.title}", *faults, sep="\n    ", flush=True)
    print(f"counted {count['ok']} {count['FAILED']} {count['SKIP']}", flush=True)
    return 1 if count["FAILED"] else 0


def drive(args, mode, role):
    base = run_rows.make_base(role)
    line = [str(NO_USERNS), mode, "--"]
    if args.without:
        call, error = args.without.split(":")
        line = [str(WITHOUT), call, "--errno", error, "--"]
    if role == "user" and os.geteuid() == 0:
        line += ["setpriv", f"--reuid={walls.USER}", f"--regid={walls.USER}", "--clear-groups", "--"]
    line += [sys.executable, __file__, "--mode", mode, "--base", str(base), *[w for one in args.only for w in ("--only", one)]]
    env = dict(os.environ, MXC_BUILD=str(walls.BUILD), MXC_NO_USERNS_MODE=mode, PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, text=True)
    shutil.rmtree(base, ignore_errors=True)
    lines = done.stdout.splitlines()
    print("\n".join(line for line in lines if not line.startswith("counted ")))
    counts = [line.split()[1:] for line in lines if line.startswith("counted ")]
    if done.returncode == 77 and not counts:
        return [0, 0, 1]
    return [int(number) for number in counts[-1]] if counts else [0, 1, 0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["setting", "filter", "without"])
    parser.add_argument("--without")
    parser.add_argument("--role", choices=["root", "user"])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--base", type=pathlib.Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.base:
        return here(args)
    if not ABI:
        print("Landlock")
        return 77
    roles = [args.role] if args.role else ["root", "user"] if os.geteuid() == 0 else ["user"]
    total = [0, 0, 0]
    for mode in ["without"] if args.without else [args.mode] if args.mode else ["setting", "filter"]:
        for role in roles:
            total = [a + b for a, b in zip(total, drive(args, mode, role))]
    print("{} passed, {} failed, {} skipped".format(*total))
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
