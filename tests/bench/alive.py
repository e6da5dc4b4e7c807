#!/usr/bin/env python3
"""Many sandboxes alive and idle at the same time: how long it takes to start them all, what memory each needs, and how
long all are gone after the program that holds them was killed.

    alive.py COUNT          by root also for an ordinary user
    alive.py COUNT check    a test: they start, need no more memory than is promised, and all end

Memory is PSS of keeper and init, from smaps_rollup, which only root may read of them: measured by an ordinary user it is
missing.
"""
import contextlib
import os
import pathlib
import resource
import select
import subprocess
import sys
import tempfile
import threading
import time

import rows

TITLE = "Many sandboxes, idle"
ABOUT = "Open sandboxes of one program in which nothing runs."
ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MXC_BUILD", ROOT / "build"))
USER = ("setpriv", "--reuid=23456", "--regid=23456", "--clear-groups")
AT_ONCE = 8
FDS_EACH = 2  # in the program that holds them: the socket and the pidfd of the keeper
PATIENCE = 30
PSS_KIB = 150


# ---- the program that holds them -----------------------------------------------------------------------------

def hold(count, folder):
    """Opens them, says how long it took, and waits to be killed."""
    import mxc
    policy = mxc.Policy.preset("workspace", folder)
    left, opened, failed = iter(range(count)), [], []

    def work():
        try:
            for _ in left:  # the iterator is one object; each thread takes the next
                opened.append(mxc.Sandbox(policy))
        except Exception as error:
            failed.append(error)

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(failed[0] if failed else time.perf_counter() - began, flush=True)
    sys.stdin.read()


# ---- measuring -----------------------------------------------------------------------------------------------

def parents():
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            text = pathlib.Path("/proc", name, "stat").read_text()
        except OSError:
            continue
        found.setdefault(int(text.rpartition(")")[2].split()[1]), []).append(int(name))
    return found


def below(pid):
    children, found, todo = parents(), [], [pid]
    while todo:
        mine = children.get(todo.pop(), [])
        found += mine
        todo += mine
    return found


def pss(pid):
    """Bytes, or None where it may not be read."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def watch(pids):
    """Of each process something that becomes readable when it ends, also before anybody has reaped it."""
    ends = select.poll()
    found = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            found.append(os.pidfd_open(pid))
            ends.register(found[-1], select.POLLIN)
    return ends, found


def seconds_until_gone(ends, pidfds):
    began, left = time.perf_counter(), len(pidfds)
    while left:
        ended = ends.poll(1000 * PATIENCE)
        if not ended:
            raise RuntimeError(f"{left} processes are left after {PATIENCE} s")
        for pidfd, _ in ended:
            ends.unregister(pidfd)
        left -= len(ended)
    took = time.perf_counter() - began
    for pidfd in pidfds:
        os.close(pidfd)
    return took


def look(prefix, count, folder, build=BUILD, python=sys.executable):
    """{"start_s", "pss_kib" of each, "processes" of each, "gone_s"}, and prints how far it is."""
    environment = {**os.environ, "PYTHONPATH": str(build / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    holder = subprocess.Popen([*prefix, python, __file__, "--hold", str(count), folder], env=environment, text=True,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        said = holder.stdout.readline().strip()
        pids = below(holder.pid)
        sizes = [pss(pid) for pid in pids]
        print(f"    {count} sandboxes, {len(pids)} processes: started in {said} s", flush=True)
        watched = watch(pids)
    finally:
        holder.kill()
    gone = seconds_until_gone(*watched)
    holder.communicate()
    return {"start_s": float(said), "processes": len(pids) / count, "gone_s": gone,
            "pss_kib": None if None in sizes else sum(sizes) / 1024 / count}


def measure(setting):
    count = 1000 if setting.full else 100
    found = [look(setting.prefix, count, setting.folder, setting.build, setting.python)
             for _ in range(3 if setting.full else 1)]

    def row(name, key, unit, limit, note):
        values = [one[key] for one in found if one[key] is not None]
        if not values:
            return rows.missing(name, "not readable by an ordinary user")
        targets = [rows.Target(name, limit)] if count == 1000 else ()
        return rows.Row(name, values, unit=unit, targets=targets, note=note)

    return [row(f"{count} started", "start_s", "s", 3, f"{AT_ONCE} threads of one Python program open them"),
            row("memory of each", "pss_kib", "KiB", PSS_KIB, "PSS of keeper and init"),
            row(f"{count} gone", "gone_s", "s", 1, "from SIGKILL to that program until the last process has ended")]


def main():
    if sys.argv[1:2] == ["--hold"]:
        count = int(sys.argv[2])
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)  # of this program alone
        if soft < FDS_EACH * count + 64:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, FDS_EACH * count + 64), hard))
        return hold(count, sys.argv[3])
    count, check = int(sys.argv[1]), sys.argv[2:] == ["check"]
    with tempfile.TemporaryDirectory(prefix="mxc-alive-") as folder:
        os.chmod(folder, 0o777)
        for prefix in ((), USER) if os.geteuid() == 0 else ((),):
            found = look(prefix, count, folder)
            print(found)
            if check and (found["processes"] != 2 or (found["pss_kib"] or 0) > PSS_KIB):
                sys.exit(f"not two processes of {PSS_KIB} KiB for each")
    return 0


if __name__ == "__main__":
    sys.exit(main())
