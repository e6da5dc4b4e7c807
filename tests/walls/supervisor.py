#!/usr/bin/env python3
"""The supervisor under attack: what keeper and init hold and show, a flood of refused calls, the keeper or the host
killed at any moment, many starts at once and one after another. As root and as an ordinary user.

    supervisor.py [--role root|user] [--only NAME]...      MXC_RUNS: sequential runs of each role (1000; by hand 10000)"""
import argparse
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time
import traceback

import leftovers
import run_rows
import walls
from walls import CLEAN, MXC, USER, wait_until

KEEPER_MAY = ("socket:", "pipe:", "anon_inode:[pidfd]", "pidfd:", "anon_inode:seccomp notify", "/dev/null", "/memfd:mxc", "/proc",
              "/sys/fs/cgroup", "anon_inode:inode")
INIT_MAY = ("socket:", "pipe:", "anon_inode:[signalfd]", "/dev/null")
KEEPER_CAPS = {"root": 1 << 5 | 1 << 1, "user": 0}  # CAP_KILL, CAP_DAC_OVERRIDE
RUNS = int(os.environ.get("MXC_RUNS", 1000))


class Running:
    """A sandbox whose command writes its beat, with the pids of host, keeper and init."""

    def __init__(self, world, acts=None, policy=None, wrap=()):
        self.beat = world.work / f"beat-{random.getrandbits(40)}"
        self.process = subprocess.Popen([*wrap, *world.mxc(acts or [["beat", str(self.beat)]], policy)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=CLEAN)

    def find(self):
        """Waits until the command runs; (keeper, init)."""
        assert wait_until(self.beat.exists, 10), "the command never ran"
        keeper = leftovers.keepers(self.process.pid)[0]
        return keeper, leftovers.keepers(keeper)[0]

    def end(self):
        self.process.kill()
        self.process.communicate()


def targets(pid):
    """What the descriptors of a process are; the kernel shows them to root only."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
    return found


def is_own_proc(pid, fd, beat):
    """The sandbox's /proc, which has no path outside: its pid 1 is init and a process in it is the command."""
    folder = f"/proc/{pid}/fd/{fd}"
    lines = [pathlib.Path(folder, name, "cmdline").read_bytes() for name in os.listdir(folder) if name.isdigit()]
    return len(lines) == 2 and any(str(beat).encode() in line for line in lines)


def is_place(world, pid, fd, target):
    """A ghost, or the writable folder that it is in: the workload may read that anyway, and the keeper no more."""
    flags = int(pathlib.Path(f"/proc/{pid}/fdinfo/{fd}").read_text().split("flags:")[1].split()[0], 8)
    return (target == str(world.work) or os.path.dirname(target) == str(world.work)) and flags & os.O_ACCMODE == os.O_RDONLY


def status(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def descriptors(world):
    """Of keeper and init: looked at by root, also for a user's sandbox (run by the driver beforehand)."""
    running = Running(world)
    try:
        for pid, may, who in zip(running.find(), (KEEPER_MAY, INIT_MAY), ("keeper", "init")):
            if walls.ROLE == "user":  # another process of the same user must not see them
                try:
                    targets(pid)
                    world.faults.append(f"{who}: its descriptors are open to its own user")
                except PermissionError:
                    continue
            odd = {fd: target for fd, target in targets(pid).items() if not target.startswith(may) and not (
                who == "keeper" and (is_place(world, pid, fd, target) or is_own_proc(pid, fd, running.beat)))}
            world.expect(not odd, f"{who} holds {odd}")
    finally:
        running.end()


def rights(world):
    """No new privileges, a filter, and no capability but the two for ending; init none at all."""
    running = Running(world)
    try:
        keeper, init = (status(pid) for pid in running.find())
        for who, seen, caps in (("keeper", keeper, KEEPER_CAPS[walls.ROLE]), ("init", init, 0)):
            world.expect((seen["NoNewPrivs"], seen["Seccomp"]) == ("1", "2"), f"{who}: {seen['NoNewPrivs']} {seen['Seccomp']}")
            for name in ("CapPrm", "CapEff"):
                world.expect(int(seen[name], 16) == caps, f"{who}: {name} {seen[name]}")
            world.expect(int(seen["CapInh"], 16) == int(seen["CapAmb"], 16) == 0, f"{who}: inheritable or ambient capabilities")
    finally:
        running.end()


def closed_to_its_user(world):
    """Another process of the same user: no memory, no tracing, no descriptors. The control is such a process itself."""
    running = Running(world)
    try:
        pids = running.find()
        wrap = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"] if walls.ROLE == "root" else []
        control = subprocess.Popen([*wrap, "sleep", "20"])
        time.sleep(0.1)
        seen = world.outside_run([f"memory-of {control.pid}"], wrap)
        world.compare("control", [("", {"mem": "ok", "maps": "ok"})], seen.stdout)
        control.kill()
        control.wait()
        for pid in pids:
            seen = world.outside_run([f"memory-of {pid}", f"ptrace {pid}", f"take-fd {pid}", f"exe-write {pid}"], wrap)
            world.compare("outside", [("", {"mem": "EACCES", "process_vm_readv": "EPERM", "process_vm_writev": "EPERM", "environ": "EACCES"}),
                                      ("", {"seize": "EPERM", "attach": "EPERM"}), ("", {"errno": "EPERM"}), ("", {"ok": False})],
                          seen.stdout)
    finally:
        running.end()


def tender(world):
    """What looks after a command of an open sandbox, pid 1 or a child of it, has the workload's own uid: closed to it."""
    mxc = binding()
    with mxc.Sandbox(mxc.Policy(read=[world.places["BIN"]], write=[str(world.work)])) as sandbox:
        closed_parent(world, sandbox, "test $PPID -eq 1")
        first = sandbox.spawn(["sleep", "20"])
        closed_parent(world, sandbox, "test $PPID -gt 1")
        first.kill()
        first.wait()
        world.expect(sandbox.run(["true"]).exit_code == 0, "the sandbox did not go on")


def closed_parent(world, sandbox, condition):
    acts = " ++ ".join(f"{act} $PPID" for act in ("memory-of", "ptrace", "take-fd", "exe-write", "raise-limits"))
    result = sandbox.run(["sh", "-c", f"{condition} || exit 9; exec {world.places['PROBE']} {acts} ++ readdir /proc/$PPID/fd"])
    world.expect(result.exit_code == 0, f"exit code {result.exit_code} {result.stderr_text}")
    closed = {"mem": "EACCES", "process_vm_readv": "EPERM", "process_vm_writev": "EPERM", "environ": "EACCES"}
    world.compare("inside", [("memory-of", closed), ("ptrace", {"seize": "EPERM", "attach": "EPERM"}), ("take-fd", {"errno": "EPERM"}),
                             ("exe-write", {"errno": "EACCES"}), ("raise-limits", {"of another": "EPERM"}),
                             ("readdir", {"errno": "EACCES"})], result.stdout)


def binding():
    """The Python package, from the build."""
    sys.path.insert(0, str(walls.BUILD / "python"))
    import mxc
    return mxc


def two_namespaces(world):
    """Two hosts that cannot see each other, as in two containers, whose keepers have the same pid: neither the host's
    user id nor the control groups are shared."""
    if walls.ROLE == "user":
        return  # an ordinary user's workload has the user's own id, and no group
    line = ["unshare", "-p", "-f", "--mount-proc", "sh", "-c", '"$@"; sleep 0.5', "sh"]
    both = [Running(world, [f"create {world.work}/beat-{number}", "sleep 1500"], wrap=line) for number in range(2)]
    for number, one in enumerate(both):
        one.beat = world.work / f"beat-{number}"
    try:
        assert wait_until(lambda: all(one.beat.exists() for one in both), 10), "the commands never ran"
        inside = [[pid for pid in walls.find_processes(str(one.beat)) if status(pid)["Seccomp"] == "2"] for one in both]
        uids = {status(pid)["Uid"] for pids in inside for pid in pids}
        groups = {pathlib.Path(f"/proc/{pids[0]}/cgroup").read_text() for pids in inside}
        world.expect(len(uids) == 2 and all(min(map(int, uid.split())) >= 1879048192 for uid in uids), f"host ids: {uids}")
        world.expect(len(groups) == 2, f"both are in {groups}")
    finally:
        for one in both:
            one.process.communicate(timeout=20)


def flood(world):
    """Refused calls from 64 threads: the deadline holds, output arrives, another sandbox starts and ends."""
    quiet = min(timed_true(world) for _ in range(3))
    running = Running(world, ["flood 64 20000"], {"process": {"timeout": 2000}})
    time.sleep(0.5)
    began = time.monotonic()
    beside = sorted(timed_true(world) for _ in range(5))
    output, _ = running.process.communicate(timeout=30)
    took = time.monotonic() - began
    record = json.loads(output)
    count = sum(one["count"] for one in record["denials"])
    print(f"    {count} refused calls in 2 s; another sandbox: {1000 * quiet:.0f} ms alone, {1000 * beside[2]:.0f} ms (median), "
          f"{1000 * beside[-1]:.0f} ms (worst) beside; ended {1000 * (took - 1.5):.0f} ms after the deadline")
    world.expect(record["timedOut"] and took < 1.5 + 1 + 2, f"the deadline of 2 s: ended {took + 0.5:.1f} s after the start")
    world.expect(record["stdout"].startswith("flooding"), "its output is lost")
    world.expect(count > 1000, f"only {count} refused calls were counted")
    world.expect(beside[-1] < 3, f"another sandbox took {beside[-1]:.1f} s")


def timed_true(world):
    began = time.monotonic()
    record = world.run(["true"])
    world.expect(record.get("exitCode") == 0, f"another sandbox: {str(record)[:300]}")
    return time.monotonic() - began


def nothing_left(world, before):
    left = leftovers.left(before)
    world.expect(not left, f"left: {left}")


def forget_groups(killed, world):
    """A killed keeper cannot remove its groups: they are empty, and the next sandbox removes old ones. Here at once."""
    for path in leftovers.groups():
        if os.path.basename(path) not in killed:
            continue
        members = pathlib.Path(path, "cgroup.procs").read_text()
        world.expect(members == "", f"{path} still has {members.split()}")
        try:
            os.rmdir(path)
        except OSError as error:
            world.faults.append(f"{path}: {error}")


def keeper_killed(world):
    """At 20 moments: the command ends at once, the caller is told, nothing is left but empty groups."""
    before, killed = leftovers.looked(), set()
    for number in range(20):
        running = Running(world)
        keeper = None
        if number < 8:  # while it runs
            keeper = running.find()[0]
            time.sleep(0.002 * number)
        else:  # while it starts
            wait_until(lambda: leftovers.keepers(running.process.pid), 2)
            time.sleep(0.0004 * (number - 8))
            keeper = (leftovers.keepers(running.process.pid) or [None])[0]
        if keeper:
            os.kill(keeper, signal.SIGKILL)
            killed.add(f"mxc-{keeper}")
        output, _ = running.process.communicate(timeout=20)
        record = json.loads(output)
        world.expect("error" in record or record["signalName"] == "SIGKILL", f"kill {number}: {str(record)[:300]}")
        world.expect(wait_until(lambda: not walls.find_processes(str(running.beat)), 2), f"kill {number}: a process is left")
    forget_groups(killed, world)
    nothing_left(world, before)


def host_killed(world):
    """At 50 moments over the measured time of a start."""
    before, moments = leftovers.looked(), 50
    start = max(0.004, min(timed_true(world) for _ in range(5)))
    ran = 0
    for number in range(moments):
        running = Running(world)
        time.sleep(1.3 * start * number / moments)
        running.end()
        world.expect(wait_until(lambda: not walls.find_processes(str(running.beat)), 2), f"kill {number}: a process is left")
        ran += running.beat.exists()
    world.expect(0 <= ran < moments, f"{ran} of {moments} had started")
    print(f"    a start took {1000 * start:.1f} ms; {ran} of {moments} commands had begun")
    nothing_left(world, before)


def at_once(world):
    """200 starts in parallel."""
    before, began = leftovers.looked(), time.monotonic()
    line = world.mxc(["true"], json_output=False)
    running = [subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=CLEAN)
               for _ in range(200)]
    failed = []
    for process in running:
        _, errors = process.communicate(timeout=60)
        if process.returncode:
            failed.append((process.returncode, errors[:200]))
    print(f"    200 starts at once: {time.monotonic() - began:.1f} s")
    world.expect(not failed, f"{len(failed)} of 200 failed: {failed[:3]}")
    nothing_left(world, before)


def settled(mxc, policy):
    """Descriptors and threads of this process. The library keeps the pidfd of the last one-shot's keeper until a later
    start or close reaps it: closing an open sandbox does."""
    mxc.Sandbox(policy).close()
    return leftovers.in_host()


def one_after_another(world):
    """In one host process that lives on: no descriptor, thread or anything else more than before."""
    mxc = binding()
    policy = mxc.Policy(preset="strict")
    for _ in range(20):
        mxc.run(["true"], policy)
    inside = settled(mxc, policy)
    before, began = leftovers.looked(), time.monotonic()
    bad = sum(mxc.run(["true"], policy).exit_code != 0 for _ in range(RUNS))
    print(f"    {RUNS} runs one after another: {time.monotonic() - began:.1f} s")
    world.expect(not bad, f"{bad} of {RUNS} failed")
    now = settled(mxc, policy)
    world.expect(all(after <= was for after, was in zip(now, inside)), f"descriptors and threads: {inside} before, {now} after")
    nothing_left(world, before)


TESTS = (descriptors, rights, closed_to_its_user, tender, two_namespaces, flood, keeper_killed, host_killed, at_once, one_after_another)


def here(args):
    failed = 0
    for test in TESTS:
        if args.only and test.__name__ not in args.only:
            continue
        world = walls.World(args.base, f"supervisor-{test.__name__}")
        try:
            test(world)
            world.faults += world.canary_faults()
        except Exception:
            world.faults.append("the test failed: " + traceback.format_exc())
        print(f"{'FAILED' if world.faults else 'ok'} {test.__name__} ({walls.ROLE})", *world.faults, sep="\n    ", flush=True)
        failed += bool(world.faults)
        world.remove()
    return min(failed, 100)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", choices=["root", "user"])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--base", type=pathlib.Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.base:
        return here(args)
    return run_rows.in_roles(__file__, args, len([test for test in TESTS if not args.only or test.__name__ in args.only]))


if __name__ == "__main__":
    sys.exit(main())
