"""I and T: ipc, sockets and the terminal of the host."""
import fcntl
import json
import os
import pathlib
import pty
import select
import socket
import struct
import subprocess
import termios
import time

from common import marker_in, no, only_line, ran
from walls import since, CLEAN, MXC, Row, match


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


def host_shm(world):
    """I3"""
    marker_in("/dev/shm", world)


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


def queues(world):
    """I2"""
    name = f"mxc-walls-{os.getpid()}"
    only_line(world, world.outside_run([f"mqueue-make {name}"]).stdout, {"ok": True}, "control (make)")
    try:
        only_line(world, world.outside_run([f"mqueue {name}"]).stdout, {"ok": True}, "control")
        ran(world, [f"mqueue {name}", f"mqueue-remove {name}"], [{"errno": "ENOENT"}, {"errno": "ENOENT"}])
    finally:
        only_line(world, world.outside_run([f"mqueue-remove {name}"]).stdout, {"ok": True}, "the queue")


SERVICES = ("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock",
            "/run/crio/crio.sock", "/run/dbus/system_bus_socket", "/run/snapd.sock", "/run/WSL", "/run/systemd/private",
            "/tmp/.X11-unix", "/tmp/.ICE-unix", "/dev/log")


def path_sockets(world):
    """I5: those of the system, and one of the host outside of the grants."""
    path = str(world.outside / "service")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(4)
        world.before = world.look()
        only_line(world, world.outside_run([f"connect-unix {path}"]).stdout, {"ok": True}, "control")
        listener.accept()[0].close()
        acts = [f"connect-unix {name}" for name in (path, *SERVICES, f"/run/user/{os.geteuid()}/bus")]
        ran(world, acts, [{"errno": "ENOENT"}] * len(acts))
        world.expect(not select.select([listener], [], [], 0)[0], "somebody connected")
        os.unlink(path)
        world.before = world.look()


def socket_in_workspace(world):
    """I6: as documented, it can be connected to; what a policy's author grants is granted."""
    path = str(world.work / "service")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        os.chmod(path, 0o777)
        listener.listen(4)
        ran(world, [f"connect-unix {path}"], [{"ok": True}])
        world.expect(bool(select.select([listener], [], [], 1)[0]), "nobody connected")


def fifos(world):
    """I8: neither a start nor an end waits for one, also as a granted path (which is refused)."""
    os.mkfifo(world.work / "pipe", 0o666)
    began = time.monotonic()
    record = ran(world, [f"stat {world.work}/pipe", "mknod ${WORK}/mine p"], [{"type": "fifo"}, {"ok": True}])
    world.expect("error" not in record, f"{record}")
    record = world.run(["true"], {"filesystem": {"readonlyPaths": ["${BIN}", "${WORK}/pipe"]}})
    world.expect(record.get("error", {}).get("origin") == "/filesystem/readonlyPaths/1", f"a fifo was granted: {record}")
    world.expect(since(began) < 3, "it waited")


def descriptor_back(world):
    """I10: a descriptor for whoever reads the output; the control has a socket there."""
    left, right = socket.socketpair()
    with left, right:
        subprocess.run(world.command(["send-fd 1"]), stdin=subprocess.DEVNULL, stdout=right.fileno(), env=CLEAN, check=True)
        _, fds, _, _ = socket.recv_fds(left, 1, 4)
        world.expect(len(fds) == 1, "control: no descriptor came")
        for fd in fds:
            os.close(fd)
    ran(world, ["send-fd 1", "send-fd 2"], [{"errno": "ENOTSOCK"}] * 2)


def terminal_others(world):
    """T2 and T7: on the caller's terminal; nothing hangs and nothing waits in it."""
    data, _ = on_terminal(world.command(["terminal-requests"]))
    control = lines_in(data, "terminal-requests")
    world.expect(control and control[0]["terminal"] is True and control[0]["TCFLSH"] == "ok", f"control: {data[:300]!r}")
    data, waiting = on_terminal(world.mxc(["terminal-requests", "true"], json_output=False))
    seen = lines_in(data, "terminal-requests")
    wanted = {"terminal": False, "TCFLSH": "ENOTTY", "tcsetpgrp": "ENOTTY", "TIOCSCTTY": "ENOTTY", **{name: "EPERM" for name in (
        "TIOCLINUX 2", "TIOCLINUX 3", "TIOCLINUX 11", "TIOCCONS", "KDSKBENT", "TIOCSETD")}}
    world.expect(len(seen) == 1 and match.matches(seen[0], wanted), f"inside: {data[:500]!r}")
    world.expect(len(lines_in(data, "true")) == 1 and waiting == 0, f"afterwards: {data[-200:]!r}, {waiting} waiting")


def terminal_refused(world):
    """T4: a terminal inside is refused, not half given."""
    record = world.run(["create ${WORK}/started"], {"process": {"tty": True}})
    world.expect(record.get("error", {}).get("origin") == "/process/tty", f"{record}")
    world.check_host([{"path": str(world.work / "started"), "absent": True}])


def escape_sequences(world):
    """T5: raw where bytes are passed on, never in what mxc prints itself."""
    nasty = "\x1b]52;c;aGk=\x07\x1bP$q\x9c"
    done = subprocess.run(world.mxc([["say", nasty]]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN)
    controls = [byte for byte in done.stdout.rstrip(b"\n") if byte < 32 or byte == 127]
    world.expect(json.loads(done.stdout)["stdout"] == nasty + "\n" and not controls, f"JSON: {done.stdout[:300]!r}")
    record = subprocess.run([MXC, "run", "--preset", "strict", "--ro", f"/no{nasty}", "--", "true"], stdin=subprocess.DEVNULL,
                            capture_output=True, env=CLEAN)
    world.expect(record.returncode == 125 and b"\x1b" not in record.stderr and b"\x07" not in record.stderr,
                 f"an error: {record.stderr!r}")


def terminal_kept(world):
    """T6: a daemon that would hold the terminal; the caller has it back at once."""
    began = time.monotonic()
    beat = world.work / "beat"
    data, _ = on_terminal(world.mxc([["daemon", str(beat)]], json_output=False))
    world.expect(len(lines_in(data, "daemon")) == 1 and since(began) < 5, f"{data[:300]!r}")
    world.check_host([{"path": str(beat), "stillMs": 300}])


ROWS = [
    Row("I1", "System V objects of the host", "SandboxUser", "HostLeak", special=sysv),
    Row("I2", "POSIX queues of the host", "SandboxUser", "HostLeak", special=queues),
    Row("I3", "a file in the host's /dev/shm", "SandboxUser", "HostLeak", special=host_shm),
    Row("I4", "an abstract socket of the host", "SandboxUser", "Lateral", special=abstract_socket),
    Row("I5", "sockets of services, by path", "SandboxUser", "Escape", special=path_sockets),
    Row("I6", "a service's socket in the workspace (reachable, as documented)", "SandboxUser", "Lateral", special=socket_in_workspace),
    Row("I8", "fifos where the host might open them", "SandboxUser", "HostDoS", special=fifos),
    Row("I9", "displays, clipboards, sound", "SandboxUser", "HostLeak",
        env={"PATH": "/usr/bin:/bin", "DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "XAUTHORITY": "/x", "PULSE_SERVER": "/p",
             "DBUS_SESSION_BUS_ADDRESS": "unix:path=/d", "XDG_RUNTIME_DIR": "/run/user/0"},
        outside=[("getenv DISPLAY", {"value": ":0"})],
        inside=[(f"getenv {name}", {"value": None}) for name in ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "PULSE_SERVER",
                                                                 "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")]
        + [("stat /tmp/.X11-unix", no("ENOENT")), ("stat /run/user", no("ENOENT")), ("stat /dev/snd", no("ENOENT")),
           ("stat /dev/dri", no("ENOENT")), ("connect-unix @/tmp/.X11-unix/X0", no("ECONNREFUSED"))]),
    Row("I10", "a descriptor sent back to the supervisor", "SandboxUser", "Escape", special=descriptor_back),
    Row("T1", "typing into the caller's terminal", "SandboxUser", "Escape", special=terminal_input),
    Row("T2", "requests to a terminal", "SandboxUser", "Escape", special=terminal_others),
    Row("T3", "no controlling terminal", "SandboxUser", "Escape", inside=[("tty", no("ENXIO", name=None))]),
    Row("T4", "a terminal inside is refused", "Policy", "Escape", special=terminal_refused),
    Row("T5", "escape sequences in output", "SandboxUser", "Escape", special=escape_sequences),
    Row("T6", "something left that holds the terminal", "SandboxUser", "HostDoS", special=terminal_kept),
    Row("T7", "taking the terminal's foreground", "SandboxUser", "HostDoS", special=terminal_others),
]
