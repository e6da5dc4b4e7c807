"""mxc run on a terminal, and signals: the command never holds the terminal, and a person can always end it."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pytest
from conftest import ENVIRONMENT, MXC, call

pytestmark = pytest.mark.usefixtures("wall")


class Terminal:
    """A program in a session of its own on a new terminal; we are the person."""

    def __init__(self, *words, cwd):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execve(words[0], list(map(str, words)), ENVIRONMENT)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.seen = b""
        self.status = None

    def read(self, until=None, seconds=20):
        """Until these bytes were seen, or until the program has closed the terminal."""
        end = time.monotonic() + seconds
        while until is None or until not in self.seen:
            left = end - time.monotonic()
            assert left > 0, f"waited for {until!r}, saw {self.seen!r}"
            if not select.select([self.fd], [], [], left)[0]:
                continue
            try:
                part = os.read(self.fd, 65536)
            except OSError:
                part = b""
            if not part:
                assert until is None, f"waited for {until!r}, saw {self.seen!r}"
                return self.seen
            self.seen += part
        return self.seen

    def type(self, text):
        os.write(self.fd, text)

    def end(self):
        """The exit status, as subprocess gives it."""
        self.read()
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        self.pid = None
        return os.waitstatus_to_exitcode(status)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)


def on_terminal(place, *words):
    return Terminal(MXC, "run", "--", *words, cwd=place)


def test_the_command_has_no_terminal(place):
    script = ("for fd in 0 1 2; do [ -t $fd ] && echo terminal $fd; done; (: </dev/tty) 2>/dev/null && echo opened; "
              "echo end; echo err >&2")
    with on_terminal(place, "sh", "-c", script) as terminal:
        terminal.read(b"err\r\n")
        assert terminal.end() == 0
        assert b"terminal" not in terminal.seen and b"opened" not in terminal.seen and b"end\r\n" in terminal.seen


def test_it_cannot_type_into_the_terminal(place):
    script = ("import fcntl, termios\nfor fd in 0, 1, 2:\n try:\n  fcntl.ioctl(fd, termios.TIOCSTI, b'X'); print('typed')\n"
              " except OSError as e: print('refused')")
    with on_terminal(place, "python3", "-c", script) as terminal:
        assert terminal.end() == 0
        assert terminal.seen.count(b"refused\r\n") == 3


def test_lines_and_end_of_file(place):
    with on_terminal(place, "sh", "-c", 'while read -r line; do echo "<$line>"; done; echo eof') as terminal:
        terminal.type(b"one\n")
        terminal.read(b"<one>\r\n")
        terminal.type(b"two\n\x04")
        terminal.read(b"<two>\r\n")
        terminal.read(b"eof\r\n")
        assert terminal.end() == 0


def test_big_output(place):
    with on_terminal(place, "sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x; exit 3") as terminal:
        assert terminal.end() == 3
        assert terminal.seen.count(b"x") == 3000000


def test_output_right_before_the_end_is_not_lost(place):
    for _ in range(10):
        with on_terminal(place, "sh", "-c", "echo first; echo last") as terminal:
            assert terminal.end() == 0
            assert terminal.seen == b"first\r\nlast\r\n"


def test_a_command_that_does_not_read_ends(place):
    with on_terminal(place, "sh", "-c", "exec <&-; echo ready; sleep 0.2; exit 5") as terminal:
        terminal.read(b"ready")
        terminal.type(b"nobody reads this\n")
        assert terminal.end() == 5


def test_interrupt_ends_it(place):
    with on_terminal(place, "sh", "-c", "trap 'echo told; exit 9' TERM; echo ready; while :; do sleep 0.05; done") as terminal:
        terminal.read(b"ready")
        terminal.type(b"\x03")
        assert terminal.end() == 9
        assert b"told" in terminal.seen


def test_second_interrupt_kills(place):
    with on_terminal(place, "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done") as terminal:
        terminal.read(b"ready")
        terminal.type(b"\x03")
        time.sleep(0.2)
        began = time.monotonic()
        terminal.type(b"\x03")
        # ended by a signal because of INT: a shell that started mxc must see that
        assert terminal.end() == -signal.SIGINT
        assert time.monotonic() - began < 0.7


def test_hang_up_ends_it(place):
    terminal = on_terminal(place, "sh", "-c", "echo $$ >pid; echo ready; exec sleep 4713")
    terminal.read(b"ready")
    os.close(terminal.fd)
    end = time.monotonic() + 10
    while os.waitpid(terminal.pid, os.WNOHANG)[0] == 0:
        assert time.monotonic() < end, "mxc goes on without its terminal"
        time.sleep(0.02)


def test_terminal_modes_are_left_alone(place):
    before = after = None
    with on_terminal(place, "sh", "-c", "echo ready; read -r x; stty raw 2>/dev/null; echo end") as terminal:
        terminal.read(b"ready")
        before = termios.tcgetattr(terminal.fd)
        flags = fcntl.fcntl(terminal.fd, fcntl.F_GETFL)
        terminal.type(b"\n")
        terminal.read(b"end")
        after = termios.tcgetattr(terminal.fd)
        assert flags == fcntl.fcntl(terminal.fd, fcntl.F_GETFL)
        assert terminal.end() == 0
    assert before == after


def test_nonblocking_is_not_left_behind(place):
    """The shell that started us shares the descriptor: O_NONBLOCK on it would outlive mxc."""
    script = ("import fcntl, os, subprocess, sys\nsubprocess.run([sys.argv[1], 'run', '--', 'true'])\n"
              "print([fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK for fd in (0, 1, 2)])")
    with Terminal("/usr/bin/python3", "-c", script, MXC, cwd=place) as terminal:
        assert terminal.end() == 0
        assert b"[0, 0, 0]" in terminal.seen


# ---- signals without a terminal ----

@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_end_the_command(number, place):
    script = "trap 'echo told; exit 6' TERM; echo ready; while :; do sleep 0.05; done"
    with subprocess.Popen([MXC, "run", "--", "sh", "-c", script], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=place,
                          env=ENVIRONMENT) as mxc:
        assert mxc.stdout.readline() == b"ready\n"
        mxc.send_signal(number)
        assert mxc.stdout.read() == b"told\n"
        assert mxc.wait(20) == 6


def test_status_after_term_is_that_of_the_command(place):
    with subprocess.Popen([MXC, "run", "--", "sh", "-c", "echo ready; exec sleep 30"], stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=place, env=ENVIRONMENT) as mxc:
        assert mxc.stdout.readline() == b"ready\n"
        mxc.terminate()
        assert mxc.wait(20) == 128 + signal.SIGTERM


def test_ignored_signals_stay_ignored(place):
    with subprocess.Popen([MXC, "run", "--", "sh", "-c", "echo ready; sleep 0.5; echo end"], stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=place, env=ENVIRONMENT,
                          preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)) as mxc:
        assert mxc.stdout.readline() == b"ready\n"
        mxc.send_signal(signal.SIGHUP)
        assert mxc.stdout.read() == b"end\n" and mxc.wait(20) == 0


def test_kill_of_mxc_ends_everything(place):
    """Standard output is the command's own copy of the pipe: end of file means that all of it is gone."""
    with subprocess.Popen([MXC, "run", "--", "sh", "-c", "echo ready; sleep 4714 & trap '' TERM; sleep 4714"],
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, cwd=place, env=ENVIRONMENT) as mxc:
        assert mxc.stdout.readline() == b"ready\n"
        mxc.kill()
        assert select.select([mxc.stdout], [], [], 5)[0] and mxc.stdout.read() == b""


REFUSED = "getent hosts example.com; unshare -r true; git init -q own; : >own/.git/hooks/post-commit; exit 7"


def test_a_person_hears_what_was_refused(place):
    with Terminal(MXC, "run", "--allow", "example.org:443", "--", "sh", "-c", REFUSED, cwd=place) as terminal:
        assert terminal.end() == 7
        for line in (b"mxc: refused: connection to example.com", b"(hint: --allow example.com:443)",
                     b"mxc: refused: system call unshare: by seccomp", b"mxc: found: " + str(place / "own/.git").encode() + b": a new"):
            assert line in terminal.seen, terminal.seen


def test_a_program_does_not(place):
    done = call("run", "--allow", "example.org:443", "--", "sh", "-c", REFUSED + " 2>&1", cwd=place)
    assert done.returncode == 7 and "mxc: " not in done.stderr
    done = call("run", "--allow", "example.org:443", "--receipt", "--", "sh", "-c", REFUSED, cwd=place)
    assert "mxc: refused: connection to example.com" in done.stderr and "/containment" in done.stderr


def test_many_refusals_are_cut_short(place):
    names = " ".join(f"n{number}.example.com" for number in range(12))
    done = call("run", "--allow", "example.org:443", "--receipt", "--", "sh", "-c", f"for n in {names}; do getent hosts $n; done",
                cwd=place)
    assert done.stderr.count("mxc: refused: ") == 8 and "mxc: and 4 more: --json lists them\n" in done.stderr
