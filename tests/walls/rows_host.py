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
from walls import CLEAN, Row


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


ROWS = [
    Row("I1", "System V objects of the host", "SandboxUser", "HostLeak", special=sysv),
    Row("I3", "a file in the host's /dev/shm", "SandboxUser", "HostLeak", special=host_shm),
    Row("I4", "an abstract socket of the host", "SandboxUser", "Lateral", special=abstract_socket),
    Row("T1", "typing into the caller's terminal", "SandboxUser", "Escape", special=terminal_input),
    Row("T3", "no controlling terminal", "SandboxUser", "Escape", inside=[("tty", no("ENXIO", name=None))]),
]
