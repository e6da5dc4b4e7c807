#!/usr/bin/env python3
"""The n-th system call of a start fails, for every n: then either nothing of the workload ran, or all its walls
stand (the call did not matter), and nothing is left on the host. The errors take turns; as root and as an ordinary
user, both at once. Usage: faults.py [--every N] [--no-userns]
--every: only each N-th call, for quick runs; --no-userns: on a host that forbids user namespaces, with the weaker wall."""

import argparse
import concurrent.futures
import ctypes
import json
import multiprocessing
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ["MXC_BUILD"])
MXC = BUILD / "bin" / "mxc"
INJECT = BUILD / "tests" / "inject"
PROBE = BUILD / "libexec" / "mxc-testprobe"
USER = 23456
PR_SET_CHILD_SUBREAPER = 36
# poll, recvmsg, ppoll, signalfd4 by their numbers on x86-64, the only machine that inject knows: what keeper and init watch with
WATCHING = (7, 47, 271, 289)
ERRORS = {"EIO": 5, "ENOSYS": 38, "EPERM": 1}
NO_USERNS = [str(BUILD / "tests" / "no-userns"), "setting", "--"]
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]


def is_of(who, uid):
    """What the sweep of the other one leaves belongs to somebody else."""
    return (uid == USER) == (who == "user" and os.geteuid() == 0)


def adopt_orphans():
    """Whatever outlives the one that started it becomes a child of this process, and not of the host's pid 1."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def bury_orphans():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def descendants(pid):
    """Everything that a process has started, and what that has started."""
    for thread in tasks(pid):
        try:
            children = pathlib.Path(f"/proc/{pid}/task/{thread}/children").read_text().split()
        except OSError:
            continue
        for child in children:
            yield child
            yield from descendants(child)


def tasks(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def is_of_another(group, own):
    """A control group whose keeper lives and is none of ours."""
    pid = group.rpartition("-")[2]
    try:
        return pid not in own and pathlib.Path("/proc", pid, "comm").read_text() == "mxc-keeper\n"
    except OSError:
        return False


def files_of(who, folder, pattern):
    for path in pathlib.Path(folder).glob(pattern):
        try:
            if is_of(who, path.stat().st_uid):
                yield str(path)
        except FileNotFoundError:
            continue


def leftovers(who):
    """What a start may leave on the host: processes, control groups, mounts, folders of the weaker wall."""
    bury_orphans()
    own = list(descendants("self"))
    groups = [group for group in files_of(who, "/sys/fs/cgroup", "*/mxc-*") if not is_of_another(group, own)]
    mounts = [line for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines() if "mxc" in line]
    return (own, groups, mounts,
            list(files_of(who, "/tmp", "mxc-scratch-*")))


def wait_clean(who, before):
    for _ in range(200):
        now = leftovers(who)
        if all(set(new) <= set(old) for new, old in zip(now, before)):
            return None
        time.sleep(0.01)
    return now


def ghosts_left(work):
    """The folders that hold the places of protected names and should be gone."""
    for _ in range(100):
        left = [entry.name for entry in os.scandir(work) if entry.is_dir()]
        if not left:
            return []
        time.sleep(0.01)
    return left


def walls_stand(output, plain=False):
    """The workload's own look at itself: every line must be what a whole sandbox gives. The weaker wall closes /proc,
    where the first act would look."""
    facts = {}
    for line in output.splitlines():
        if line.startswith("{"):
            fact = json.loads(line)
            facts[fact["act"]] = fact
    caps = facts.get("caps", {})
    sets = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    problems = [name for name in sets if int(str(caps.get(name, "1")), 16) != 0] if not plain else []
    if plain and caps.get("errno") != "EACCES":
        problems.append("/proc can be read")
    if not plain and (str(caps.get("NoNewPrivs")) != "1" or str(caps.get("Seccomp")) != "2"):
        problems.append("no_new_privs or seccomp")
    for act in ("unshare", "open-read", "connect-tcp"):
        if facts.get(act, {}).get("ok") is not False:
            problems.append(f"{act} was not refused")
    return problems


LISTENER = socket.create_server(("127.0.0.1", 0))  # of the host: a start without its network wall would reach it


def acts(outside):
    port = str(LISTENER.getsockname()[1])
    return ["caps", "++", "unshare", "user", "++", "open-read", outside, "++", "connect-tcp", "127.0.0.1", port]


def is_plain(prefix):
    return prefix[:1] == NO_USERNS[:1]


def attempt(n, number, work, outside, prefix):
    sentinel = work / "ran"
    sentinel.unlink(missing_ok=True)
    probe = work / "probe"
    shell = f"echo ran > {sentinel}; exec {probe} " + " ".join(f"'{word}'" for word in acts(outside))
    policy = ["--preset", "strict"]
    if is_plain(prefix):
        (work.parent / "policy.json").write_text('{"onUnsupported": "report"}')
        policy = ["--policy", str(work.parent / "policy.json")]
    command = prefix + [str(INJECT), str(n), str(number), "--", str(MXC), "run", *policy, "--rw", str(work), "--",
                        "/bin/sh", "-c", shell]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", stdin=subprocess.DEVNULL)
    found = re.search(r"inject: (\d+) calls, failed: (-?\d+)", done.stderr)
    return done, sentinel.exists(), int(found.group(1)), int(found.group(2))


def got_through(output):
    """What the workload could do before it was ended; it may have been ended before it said anything."""
    facts = [json.loads(line) for line in output.splitlines() if line.startswith("{") and line.endswith("}")]
    return [f"{fact['act']} was not refused" for fact in facts if fact["act"] != "caps" and fact.get("ok")]


def judge(done, ran, call=-1, plain=False):
    if call in WATCHING and done.returncode == 137:
        return got_through(done.stdout)  # the walls stood, but nobody could watch any longer: the command was ended
    if ran:
        return walls_stand(done.stdout, plain)
    if done.returncode not in (125, 126, 127) or not done.stderr.startswith("mxc: "):
        return [f"refused without saying so: exit {done.returncode}, {done.stderr[:200]!r}"]
    return []


def sweep(who, prefix, every):
    passed, problems, refused = 0, [], 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="faults-", dir="/tmp"))
    folder.chmod(0o755)
    adopt_orphans()
    work, outside = folder / "work", folder / "outside"
    work.mkdir()
    shutil.copy(PROBE, work / "probe")
    outside.write_text("canary")
    if "setpriv" in prefix:
        os.chown(work, USER, USER)
    elif prefix:
        work.chmod(0o777)
    try:
        before = leftovers(who)
        done, ran, calls, _ = attempt(0, 0, work, str(outside), prefix)
        if not ran or judge(done, ran, plain=is_plain(prefix)):
            return 0, [f"{who}: without a fault: exit {done.returncode} {done.stderr[:300]} {judge(done, ran, plain=is_plain(prefix))}"]
        for n in range(1, calls + 1, every):
            name = list(ERRORS)[n % len(ERRORS)]
            done, ran, _, call = attempt(n, ERRORS[name], work, str(outside), prefix)
            found = judge(done, ran, call, is_plain(prefix))
            left = wait_clean(who, before)
            if left:
                found.append(f"left behind: {left}")
                before = leftovers(who)  # said once
            if ghosts_left(work):
                found.append(f"left in the writable folder: {ghosts_left(work)}")
                for name in os.listdir(work):
                    if (work / name).is_dir():
                        (work / name).rmdir()
            if found:
                problems.append(f"{who}: call {n} (number {call}) {name}: {found}")
            else:
                passed += 1
            refused += not ran
        print(f"{who}: {calls} calls of set-up, errors {', '.join(ERRORS)} in turn; {refused} starts refused")
        # without namespaces much of it is looking at the host's processes, which may fail
        if refused * (10 if is_plain(prefix) else 2) < calls // every:
            problems.append(f"{who}: only {refused} starts were refused: the faults do not reach the set-up")
    finally:
        shutil.rmtree(folder)
    return passed, problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--no-userns", action="store_true")
    args = parser.parse_args()
    first = NO_USERNS if args.no_userns else []
    who = [("root", first)] if os.geteuid() == 0 else []
    who.append(("user", first + (AS_USER if os.geteuid() == 0 else [])))
    passed, problems = 0, []
    # a process each, to whom its own orphans come
    with concurrent.futures.ProcessPoolExecutor(mp_context=multiprocessing.get_context("fork")) as pool:
        done = list(pool.map(sweep, *zip(*who), [args.every] * len(who)))
    for ok, bad in done:
        passed += ok
        problems += bad
    for line in problems:
        print("FAIL", line)
    print(f"{passed} passed, {len(problems)} failed, 0 skipped")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
