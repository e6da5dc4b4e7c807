"""P: rights, identities, namespaces, signals, the memory of others."""
import json
import os
import pathlib
import subprocess

from common import NO_CAPS, ROOT, Victim, no, ok, only_line, ran
from walls import CLEAN, FILTERED, ROLE, USER, Row, Skip, find_processes, match, wait_until


def setuid_helper(world):
    """P2: made by the driver as root, only the test's user may run it."""
    helper = f"{world.places['BIN']}/suid-probe"
    if not os.path.exists(helper):
        raise Skip("root to make a setuid program")
    as_user = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"] if ROLE == "root" else []
    control = subprocess.run([*as_user, helper, "ids"], stdout=subprocess.PIPE, check=False)
    only_line(world, control.stdout, {"euid": 0}, "control")
    ran(world, [["exec", helper]], None, exit_code=64)  # it runs, and has nothing to do
    record = world.run([["try-exec", helper, "ids"]])
    rows = record["stdout"].decode().splitlines()
    world.expect(len(rows) == 2 and match.matches(json.loads(rows[0]), {"uid": 1000, "euid": 1000}), f"inside: {rows}")


def signals_to_host(world):
    """P6"""
    with Victim() as victim:
        only_line(world, world.outside_run([f"kill {victim.pid}"]).stdout, {"ok": True}, "control")
        calls = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "pidfd_open")
        ran(world, [f"signals-at {victim.pid}", f"kill {victim.pid} 9"],
            [{call: "ESRCH" for call in calls}, {"errno": "ESRCH"}])
        world.expect(victim.alive, "the host's process is dead")
    for inside in (False, True):
        signalled_aside(world, inside)


def signalled_aside(world, inside):
    """A victim that says whether its handler ran; signals by descriptor owner, timer and pidfd."""
    command = world.command(["victim 3000"])
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as victim:
        victim.stdout.readline()
        act = [f"signals-aside {victim.pid}"]
        if inside:
            ran(world, act, [{"F_SETOWN": "ESRCH", "timer_create": "EINVAL", "pidfd_send_signal": "EBADF"}])
        else:
            only_line(world, world.outside_run(act).stdout, {"F_SETOWN": "ok", "O_ASYNC": "ok"}, "control")
        victim.stdin.close()
        only_line(world, victim.stdout.read(), {"signalled": 0 if inside else {"$min": 1}}, "victim")


def kill_everyone(world):
    """P7"""
    with Victim() as victim:
        ran(world, ["daemon /tmp/beat", "kill-everyone 9"], [{"ok": True}, {"ok": True}])
        world.expect(victim.alive, "the host's process is dead")
        ran(world, ["true"], [{"ok": True}])


def memory_of_others(world):
    """P8"""
    with Victim() as victim:
        control = world.outside_run([f"memory-of {victim.pid}"])
        only_line(world, control.stdout, {"mem": "ok", "maps": "ok"}, "control")
        ran(world, ["ptrace 1", "memory-of 1", f"memory-of {victim.pid}", f"ptrace {victim.pid}"],
            [{"seize": "EPERM", "attach": "EPERM"},
             {"mem": "EACCES", "process_vm_readv": "EPERM", "process_vm_writev": "EPERM", "environ": "EACCES"},
             {"mem": "ENOENT", "process_vm_readv": "EPERM", "process_vm_writev": "EPERM", "maps": "ENOENT"},
             {"seize": "EPERM", "attach": "EPERM"}])


def parts_of_tender(world):
    """P8 in an open sandbox: the process that looks after a command is as closed as pid 1. The one-shot command has
    init itself for it, so a second command of the Python package's kind is not needed: pid 1 is the parent."""
    record = world.run(["pids", "exe-write 1", "fds", "readdir /proc/1/fd", "readdir /proc/1/task"])
    lines = [json.loads(row) for row in record["stdout"].decode().splitlines()]
    world.expect(lines[0]["pids"] == ["1", str(lines[0]["self"])] and lines[0]["parent"] == 1, f"processes: {lines[0]}")
    world.expect(lines[1]["errno"] == "EACCES" and lines[3]["errno"] == "EACCES", f"pid 1 is open: {lines[1:]}")


def other_processes(world):
    """P11: with something on the host to be seen."""
    with Victim() as victim:
        only_line(world, world.outside_run([f"read-write /proc/{victim.pid}/environ"]).stdout,
                  {"files": {f"/proc/{victim.pid}/environ": {"$starts": "ok"}}}, "control")
        parts = ("environ", "cmdline", "maps", "cwd", "root", "exe", "status")
        ran(world, ["pids", *[f"open-read /proc/{victim.pid}/{part}" for part in parts]],
            [{"count": 2, "highest": {"$max": 16}}] + [{"errno": "ENOENT"}] * len(parts))


def limits_of_others(world):
    """P15: the control is a process of the same user on the host."""
    with Victim() as victim:
        ran(world, ["raise-limits 1", f"raise-limits {victim.pid}"],
            [{"raised": 0, "of another": "EPERM"}, {"raised": 0, "of another": "EPERM"}])


def descriptors_of_others(world):
    """P9"""
    with Victim() as victim:
        only_line(world, world.outside_run([f"take-fd {victim.pid}"]).stdout, {"ok": True}, "control")
        ran(world, ["take-fd 1", f"take-fd {victim.pid}"], [{"errno": "EPERM"}, {"errno": "EPERM", "pidfd_open": "ESRCH"}])


def groups(world):
    """P12: as root with groups that mean something on a host."""
    wrap = ["setpriv", "--groups", "0,4,6,27", "--"] if ROLE == "root" else []
    if wrap:
        control = world.outside_run(["ids"], wrap)
        only_line(world, control.stdout, {"groups": {"$contains": ["4", "6", "27"]}}, "control")
    done = subprocess.run([*wrap, *world.mxc(["ids"])], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN)
    seen = json.loads(json.loads(done.stdout)["stdout"])
    world.expect(seen["uid"] == 1000 and seen["gid"] == 1000 and seen["setgroups"] == "deny", f"inside: {seen}")
    world.expect(not {"0", "4", "6", "27"} & set(seen["groups"]), f"inside: groups {seen['groups']}")
    world.expect(seen["uidMap"].split()[0] == "1000" and seen["uidMap"].split()[2] == "1", f"inside: {seen['uidMap']}")
    world.expect(seen["gidMap"].split()[0] == "1000" and seen["gidMap"].split()[2] == "1", f"inside: {seen['gidMap']}")


def host_uids(pid):
    rows = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {int(word) for row in rows if row.startswith(("Uid:", "Gid:")) for word in row.split()[1:]}


def root_is_nobody(world):
    """P16: what runs for root is nobody's host uid, with no rights over what root owns."""
    marker = str(world.work / "sleeper")
    with subprocess.Popen(world.mxc([["beat", marker]]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, env=CLEAN) as running:
        try:
            inside = []

            def started():
                inside[:] = [pid for pid in find_processes(marker)
                             if "mxc-testprobe" in os.path.realpath(f"/proc/{pid}/exe")]
                return inside
            world.expect(wait_until(started, 10), "the command was not seen on the host")
            for pid in inside:
                world.expect(min(host_uids(pid)) >= 1879048192, f"host ids of the workload: {host_uids(pid)}")
        finally:
            running.kill()
    ran(world, ["read-write /proc/sys/kernel/core_pattern", "setns /proc/self/ns/net", "mount /tmp", "become-root", "caps"],
        [{"writable": 0}, {"errno": "EPERM"}, {"errno": "EPERM"}, {"setuid": "EINVAL", "euid": 1000},
         {"CapEff": "0" * 16, "CapBnd": "0" * 16}])


ROWS = [
    Row("P1", "capabilities and flags of the command and of pid 1", "SandboxUser", "Escape",
        outside=[("caps", {"NoNewPrivs": "0", "Seccomp": FILTERED})], inside=[("caps", NO_CAPS), ("caps 1", NO_CAPS), ("caps-of-threads", {"threads": 5, "differ": 0})]),
    Row("P2", "a setuid root program in a readable place", "SandboxUser", "Escape", special=setuid_helper),
    Row("P3", "making namespaces", "SandboxUser", "Escape", outside=[("unshare-each", {"made": {"$min": 1}})],
        inside=[("unshare-each", {"made": 0, **{n: "EPERM" for n in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time")}}),
                ("clone user", no("EPERM")), ("clone net", no("EPERM")), ("clone 0x7e020000", no("EPERM"))]),
    Row("P4", "clone3", "SandboxUser", "Escape", outside=[("clone3", ok())],
        inside=[("clone3", no("ENOSYS")), ("clone3 user", no("ENOSYS"))],
        allowed=[("threads 4", ok(made=4)), ("zombies 3", {"made": 3})]),
    Row("P5", "entering namespaces", "SandboxUser", "Escape", outside_wrap=["unshare", "-Uru", "--"],
        outside=[("setns /proc/self/ns/uts", ok(opened=True))],
        inside=[("setns /proc/self/ns/uts", no("EPERM")), ("setns /proc/self/ns/user", no("EPERM")),
                ("setns /proc/1/ns/net", no("EPERM", opened=False)), ("setns /proc/1/ns/mnt", no("EPERM", opened=False))]),
    Row("P6", "signals to a process of the host", "SandboxUser", "HostDoS", special=signals_to_host),
    Row("P7", "kill everyone", "SandboxUser", "PeerDoS", special=kill_everyone),
    Row("P8", "memory of pid 1 and of the host's processes", "SandboxUser", "Escape", special=memory_of_others),
    Row("P9", "taking descriptors of pid 1", "SandboxUser", "Escape", special=descriptors_of_others),
    Row("P8.1", "what pid 1 shows of itself", "SandboxUser", "Escape", special=parts_of_tender),
    Row("P10", "prctl and capset: no gain", "SandboxUser", "Escape", outside=[("gain", {"capset": "ok" if ROOT else "EPERM"})],
        inside=[("gain", {"securebits": "EPERM", "ambient": "EPERM", "no_new_privs off": "EINVAL", "PR_SET_MM": "EPERM",
                          "dumpable 2": "EINVAL", "capset": "EPERM"}), ("caps", NO_CAPS)]),
    Row("P11", "other processes in /proc", "SandboxUser", "HostLeak", special=other_processes),
    Row("P12", "ids, maps and groups", "SandboxUser", "HostLeak", special=groups),
    Row("P13", "priorities and processors", "SandboxUser", "HostDoS",
        outside=[("priority", {"fifo": "ok" if ROOT else "EPERM", "nice -20": "ok" if ROOT else "EACCES"})],
        inside=[("priority", {"fifo": "EPERM", "nice -20": "EACCES", "io real time": "EPERM", "more processors": False})]),
    Row("P14", "switching hardening off", "SandboxUser", "Escape",
        outside=[("personality", {"READ_IMPLIES_EXEC": "ok", "ADDR_NO_RANDOMIZE": "ok"})],
        inside=[("personality", {"READ_IMPLIES_EXEC": "EPERM", "ADDR_NO_RANDOMIZE": "EPERM", "query": "ok"})]),
    Row("P15", "raising limits, and those of others", "SandboxUser", "HostDoS", special=limits_of_others),
    Row("P16", "started by root it is as weak as by anyone", "SandboxUser", "Escape", special=root_is_nobody,
        roles=("root",)),
]
