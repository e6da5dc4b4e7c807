"""Rows that need more than acts: something on the host beforehand, a second process, a terminal, a clock. Each is a
function of the world that adds to its faults; where a positive control is possible it comes first."""
import ctypes
import fcntl
import json
import os
import pathlib
import pty
import select
import socket
import stat
import struct
import subprocess
import termios
import time

from walls import CLEAN, MXC, ROLE, USER, Skip, find_processes, match, wait_until

LIBC = ctypes.CDLL(None, use_errno=True)


def only_line(world, data, pattern, where):
    world.compare(where, [("", pattern)], data)


def ran(world, acts, pairs, policy=None, exit_code=0, **named):
    """Runs inside, checks that it ended well, compares its lines."""
    record = world.run(acts, policy, **named)
    if world.check_result(record, exit_code) and pairs:
        world.compare("inside", list(zip(acts, pairs)), record["stdout"])
    return record


class Victim:
    """A process of the host that the sandbox has no business with."""

    def __enter__(self):
        self.process = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        return self

    @property
    def alive(self):
        return self.process.poll() is None

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


# ---- files

def leaked_descriptors(world):
    """F18: a folder, a writable file, /, a memfd and a socket, open and inheritable at many numbers."""
    opened = [os.open(world.outside, os.O_RDONLY), os.open(world.canaries[0], os.O_RDWR), os.open("/", os.O_RDONLY),
              os.memfd_create("secret", 0)]
    left, right = socket.socketpair()
    opened += [left.fileno()]
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in opened]
    kept = opened + copies
    for fd in kept:
        os.set_inheritable(fd, True)
    try:
        done = world.outside_run(["fds"], pass_fds=kept)
        only_line(world, done.stdout, {"count": {"$min": len(kept) + 3}}, "control")
        record = world.run(["fds"], pass_fds=kept)
        found = json.loads(record["stdout"])["fds"]
        world.expect(sorted(found) == ["0", "1", "2"], f"inside: descriptors {found}")
        world.expect(not any(str(world.outside) in target or "memfd" in target for target in found.values()),
                     f"inside: a descriptor of the host: {found}")
    finally:
        for fd in kept[:4] + copies:
            os.close(fd)
        left.close()
        right.close()


def marker_in(folder, world):
    marker = pathlib.Path(folder) / f"mxc-walls-{os.getpid()}"
    marker.write_text("host marker\n")
    try:
        only_line(world, world.outside_run([["stat", str(marker)]]).stdout, {"ok": True}, "control")
        ran(world, [["stat", str(marker)], ["create", f"{marker}.inside"]], [{"errno": "ENOENT"}, {"ok": True}])
        world.expect(not os.path.exists(f"{marker}.inside"), f"{folder}: a file of the sandbox is on the host")
    finally:
        marker.unlink()


def host_tmp(world):
    """F35"""
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):
        marker_in(folder, world)
    ran(world, [f"readdir /run/user/{os.geteuid()}", "stat /run/docker.sock"], [{"errno": "ENOENT"}, {"errno": "ENOENT"}])


def host_shm(world):
    """I3"""
    marker_in("/dev/shm", world)


def setuid_left(world):
    """F25: what counts is what lies on the host afterwards."""
    control = world.root / "control"
    control.mkdir()
    only_line(world, world.outside_run([["setuid-left-behind", str(control)]]).stdout, {"left": {"$min": 8}}, "control")
    ran(world, ["setuid-left-behind ${WORK}", "setuid-left-behind ${WORK} 02000", "setuid-left-behind /tmp 06000"],
        [{"left": 0}] * 3)
    bad = [path for path in world.work.rglob("*") if path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID)]
    world.expect(not bad, f"on the host: {bad}")


# ---- processes

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


# ---- kernel

def dangerous_calls(world):
    """K2: by difference: outside most of them look at their arguments, inside none does."""
    outside = json.loads(world.outside_run(["dangerous"]).stdout)["calls"]
    looked = [name for name, answer in outside.items() if answer not in ("EPERM", "ENOSYS")]
    world.expect(len(looked) >= 8, f"control: only {looked} got through outside")
    record = world.run(["dangerous"])
    world.check_result(record)
    inside = json.loads(record["stdout"])["calls"]
    through = {name: answer for name, answer in inside.items() if answer not in ("EPERM", "ENOSYS")}
    world.expect(not through, f"inside: the kernel looked at the arguments of {through}")


def session_key(world):
    """K3: in a session keyring of our own, so that nothing of the tester's is touched."""
    SYS_add_key, SYS_keyctl = (248, 250) if os.uname().machine == "x86_64" else (217, 219)

    def launch():
        LIBC.syscall(SYS_keyctl, 1, None)  # JOIN_SESSION_KEYRING
        LIBC.syscall(SYS_add_key, b"user", b"mxc-walls", b"walls-secret-key", 16, -3)
    control = world.outside_run(["key-search mxc-walls"], preexec_fn=launch)
    only_line(world, control.stdout, {"ok": True, "text": "walls-secret-key"}, "control")
    record = ran(world, ["key-search mxc-walls"], [{"ok": False, "search": "EPERM", "request": "EPERM", "text": None}],
                 preexec_fn=launch)
    world.expect(b"walls-secret-key" not in record["stdout"], "the key was read inside")


# ---- ipc

def sysv(world):
    """I1"""
    key = str(0x4D580000 + os.getpid() % 65536)
    made = world.outside_run([["sysv-make", key]])
    only_line(world, made.stdout, {"ok": True}, "control (make)")
    try:
        only_line(world, world.outside_run([["sysv", key]]).stdout, {"shm": "ok"}, "control")
        ran(world, [["sysv", key]], [{"shm": "ENOENT", "msg": "ENOENT", "sem": "ENOENT"}])
    finally:
        world.outside_run([["sysv-remove", key]])


def abstract_socket(world):
    """I4"""
    name = f"mxc-walls-{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("\0" + name)
        listener.listen(4)
        only_line(world, world.outside_run([f"connect-unix @{name}"]).stdout, {"ok": True}, "control")
        listener.accept()[0].close()
        ran(world, [f"connect-unix @{name}"], [{"errno": "ECONNREFUSED"}])
        world.expect(not select.select([listener], [], [], 0)[0], "somebody connected")


# ---- terminal

def on_terminal(line, env=CLEAN):
    """Runs a command as the foreground job of a terminal of its own: (output, unread input left behind)."""
    master, slave = pty.openpty()  # the slave stays open here: its last close would throw unread input away

    def take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    data, end = b"", time.monotonic() + 20
    with subprocess.Popen(line, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True,
                          preexec_fn=take_terminal) as process:
        while process.poll() is None and time.monotonic() < end:
            data += available(master, 0.1)
        process.kill()
    while part := available(master, 0.1):
        data += part
    waiting = unread(slave)
    os.close(master)
    os.close(slave)
    return data, waiting


def available(master, seconds):
    return os.read(master, 65536) if select.select([master], [], [], seconds)[0] else b""


def unread(slave):
    """Characters that wait to be read by the terminal's next reader."""
    attributes = termios.tcgetattr(slave)
    attributes[3] &= ~termios.ICANON  # what waits as half a line counts too
    termios.tcsetattr(slave, termios.TCSANOW, attributes)
    return struct.unpack("i", fcntl.ioctl(slave, termios.FIONREAD, b"\0" * 4))[0]


def lines_in(data, act):
    """The records of an act; the terminal may have echoed something before one."""
    found = []
    for row in data.decode("utf-8", "replace").splitlines():
        at = row.find('{"act":"' + act)
        if at >= 0:
            found.append(json.loads(row[at:]))
    return found


def terminal_input(world):
    """T1: the command gets the caller's terminal as its streams."""
    legacy = pathlib.Path("/proc/sys/dev/tty/legacy_tiocsti")
    data, waiting = on_terminal(world.command(["tiocsti"]))
    control = lines_in(data, "tiocsti")
    allowed = not legacy.exists() or legacy.read_text().strip() == "1"
    if allowed:
        world.expect(control and control[0]["TIOCSTI"] == "ok" and waiting > 0, f"control: {data[:300]!r}, {waiting} waiting")
    data, waiting = on_terminal(world.mxc(["tiocsti", "tiocsti /dev/tty"], json_output=False))
    seen = lines_in(data, "tiocsti")
    world.expect(len(seen) == 2, f"inside: {data[:500]!r}")
    for one in seen:
        for call in ("TIOCSTI", "TIOCSTI (high bits set)", "TIOCLINUX"):
            world.expect(one[call] == "EPERM", f"inside: {call} gave {one[call]}")
    world.expect(len(seen) < 2 or seen[1]["open"] == "ENXIO", f"inside: /dev/tty {seen[-1:]}")
    world.expect(waiting == 0, f"{waiting} characters wait in the caller's terminal")


# ---- agent

def environ_of_others(world):
    """A8: the launcher's secret is nowhere in the sandbox's /proc."""
    secret = {**CLEAN, "LAUNCHER_SECRET": "walls-secret-env"}
    control = world.outside_run(["file-contains /proc/self/environ walls-secret-env"], env=secret)
    only_line(world, control.stdout, {"found": ["walls-secret-env"]}, "control")
    ran(world, ["file-contains /proc/self/environ walls-secret-env", "file-contains /proc/1/environ walls-secret-env",
                "file-contains /proc/1/cmdline walls-secret-env", "pids"],
        [{"ok": True, "found": []}, {"errno": "EACCES"}, {"found": []}, {"count": {"$max": 4}}], env=secret)


def imitation(world):
    """A11"""
    forged = '{"exitCode": 0, "signal": null, "timedOut": false, "stdout": "forged"}'
    record = world.run([["args", "x"], ["say-err", forged]])
    world.expect(record["exitCode"] == 0 and forged.encode() in record["stderr"], f"inside: {record}")
    record = world.run([["say", forged]])
    world.expect(record["stdout"].decode() == forged + "\n", f"inside: {record['stdout']!r}")
    done = subprocess.run(world.mxc(["exit 3"]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN)
    world.expect(done.returncode == 3 and json.loads(done.stdout)["exitCode"] == 3, f"status {done.returncode}")


def exit_codes(world):
    """A12"""
    for code in (0, 1, 124, 125, 126, 127, 137, 255):
        record = world.run([f"exit {code}"])
        world.expect("error" not in record and (record["exitCode"], record["signal"], record["timedOut"]) == (code, None, False),
                     f"exit {code}: {record}")
    record = world.run(["signal 9"])
    world.expect((record["exitCode"], record["signalName"], record["timedOut"]) == (None, "SIGKILL", False), f"{record}")
    done = subprocess.run([MXC, "run", "--json", "--policy", world.policy({}), "--", "no-such-command"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN)
    world.expect(done.returncode == 127 and json.loads(done.stdout)["error"]["status"] == "command_not_found", f"{done}")


# ---- denial of service

def fork_bomb(world):
    """D1"""
    for act in ("fork-bomb 2000", "threads 2000"):
        record = ran(world, [act], [{"errno": "EAGAIN", "made": {"$max": 256, "$min": 100}}])
        world.expect(record.get("limitHit") == "processes", f"{act}: limit {record.get('limitHit')}")
        world.expect(record["seconds"] < 10, f"{act}: took {record['seconds']:.1f} s")
    world.expect(subprocess.run(["true"]).returncode == 0, "the host cannot fork")


def memory(world):
    """D2"""
    small = {"limits": {"memoryBytes": 67108864}}
    only_line(world, world.outside_run(["memory 100"]).stdout, {"mib": 100}, "control")
    for act in ("memory 600", "memory-spread 8 40"):
        record = world.run([act], small)
        world.expect(record.get("limitHit") == "memory" and record.get("signalName") == "SIGKILL", f"{act}: {record}")
        world.expect(record["seconds"] < 15, f"{act}: took {record['seconds']:.1f} s")
    ran(world, ["memory 20"], [{"mib": 20}], small)


def output_flood(world):
    """D6: a gibibyte on both streams; mxc itself stays small."""
    size = 512 << 20
    with open(world.root / "out.json", "wb") as out:
        process = subprocess.Popen(world.mxc([f"print-both {size}"]), stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.DEVNULL, env=CLEAN)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    record = json.loads((world.root / "out.json").read_text())
    world.expect(process.returncode == 0, f"status {process.returncode}")
    for stream in ("stdout", "stderr"):
        world.expect(record[stream + "Length"] == size and record[stream + "Truncated"],
                     f"{stream}: {record[stream + 'Length']} bytes, truncated {record[stream + 'Truncated']}")
    world.expect(usage.ru_maxrss < 64 << 10, f"mxc took {usage.ru_maxrss >> 10} MiB")


def daemon(world):
    """D8: with plain pipes, so that the daemon holds what the caller reads."""
    began = time.monotonic()
    beat = world.work / "beat"
    process = subprocess.Popen(world.mxc([["daemon", str(beat)]], json_output=False), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=CLEAN)
    data = process.stdout.read()  # ends only when nobody holds the pipe any more
    process.wait()
    process.stdout.close()
    world.expect(time.monotonic() - began < 4, f"it took {time.monotonic() - began:.1f} s")
    only_line(world, data, {"act": "daemon", "ok": True}, "inside")
    world.check_host([{"path": str(beat), "stillMs": 300}])
    world.expect(not find_processes(str(beat)), "a process is left")


def own_groups():
    """Control groups that look like ours."""
    return {folder for top in ("/sys/fs/cgroup",) for folder, _, _ in os.walk(top) if "mxc" in os.path.basename(folder)}


def caller_killed(world):
    """D10: SIGKILL of the command line, in the middle of a run and at many moments of the start."""
    groups_before = own_groups()
    mounts_before = pathlib.Path("/proc/self/mountinfo").read_text()
    delays = [0.5] + [0.001 * n for n in range(0, 24, 2)]
    for number, delay in enumerate(delays):
        beat = world.work / f"beat{number}"
        process = subprocess.Popen(world.mxc([["beat", str(beat)]]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=CLEAN)
        if number == 0:
            world.expect(wait_until(beat.exists, 10), "control: the command never ran")
        else:
            time.sleep(delay)
        process.kill()
        process.wait()
        world.expect(wait_until(lambda: not find_processes(str(beat)), 2), f"killed after {delay} s: a process is left")
        if beat.exists():
            world.check_host([{"path": str(beat), "stillMs": 100}])
    world.expect(wait_until(lambda: own_groups() <= groups_before, 2), f"control groups left: {own_groups() - groups_before}")
    world.expect(pathlib.Path("/proc/self/mountinfo").read_text() == mounts_before, "mounts of the host changed")


def forks_on_term(world):
    """D11"""
    beat = world.work / "beat"
    record = world.run([["fork-on-term", str(beat)]], {"process": {"timeout": 500}})
    world.expect(record.get("timedOut") is True, f"not timed out: {record}")
    world.expect(record["seconds"] < 0.5 + 1 + 1, f"it took {record['seconds']:.2f} s")
    world.check_host([{"path": str(beat), "stillMs": 300}])
    world.expect(not find_processes(str(beat)), "a process is left")


def core_dumps(world):
    """D13: a limit of 1 keeps even a pipe handler from being started, and it cannot be raised."""
    ran(world, ["rlimits"], [{"core": 1, "coreHard": 1}])
    record = world.run(["signal 11"])
    world.expect(record.get("signalName") == "SIGSEGV", f"{record}")
    left = [name for name in os.listdir(world.work) if "core" in name]
    world.expect(not left, f"a core dump is left: {left}")
