"""A running command: `Process`, with the words of subprocess.Popen."""
from __future__ import annotations

import io
import os
import select
import selectors
import signal
import time
from typing import IO, Any

from . import _core, errors
from ._command import Input
from ._native import ffi, lib
from .result import Result


class Process:
    """A command that was started with spawn(). Ends with the `with` block, or when nobody refers to it any more.

    The words are those of subprocess.Popen; wait() gives the `Result`. Pipes carry bytes: for text put an
    io.TextIOWrapper around one, or take `stdout_text` of the result.
    """

    pid: None = None  #: there is none: the command's own number means something inside only; see `send_signal`
    args: Any  #: the code or argument list
    stdin: IO[bytes] | None  #: with stdin=PIPE: where to write
    stdout: IO[bytes] | None  #: with stdout=PIPE: where to read
    stderr: IO[bytes] | None
    returncode: int | None  #: None while it runs; the exit code, or minus the signal

    def __init__(self, pointer: Any, args: Any, owner: Any = None, merged: int = -1) -> None:
        """Takes over an `mxc_process *` and the read end of stderr=STDOUT; programs get processes from spawn()."""
        self._handle = _core.Handle(pointer, lib.mxc_process_free,
                                    lambda running: lib.mxc_process_kill(running, signal.SIGKILL, ffi.NULL), "process")
        self._owner = owner  # a sandbox lives as long as its processes are of interest
        self.args = args
        self.returncode = None
        self._result: Result | None = None
        self._read: dict[IO[bytes], bytearray] = {}
        self._unsent: memoryview | None = None
        self.stdin = _file(lib.mxc_process_take_stdin(pointer), "wb")
        self.stdout = _file(merged if merged >= 0 else lib.mxc_process_take_stdout(pointer), "rb")
        self.stderr = _file(lib.mxc_process_take_stderr(pointer), "rb")

    # ---- the end

    def _ended(self, pointer: Any, timeout: float | None) -> bool:
        """Waits on the status descriptor, in slices that signals and Ctrl-C interrupt."""
        poll = select.poll()
        poll.register(lib.mxc_process_status_fd(pointer), select.POLLIN)
        limit = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 3600.0 if limit is None else min(3600.0, max(0.0, limit - time.monotonic()))
            if poll.poll(left * 1000):
                return True
            if limit is not None and time.monotonic() >= limit:
                return False

    def _finish(self, timeout: float | None) -> Result | None:
        """The result; None when the command still runs after `timeout`."""
        if self._result is None:
            with self._handle as pointer:
                if not self._ended(pointer, timeout):
                    return None
                result = Result(_core.made("mxc_result", lib.mxc_process_wait, pointer, -1), self.args)
            self.returncode = -result.signal if result.signal else result.exit_code
            self._result = result
        return self._result

    def poll(self) -> int | None:
        """`returncode`, without waiting."""
        self._finish(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> Result:
        """Waits for the end. timeout: seconds, None for no limit; raises `TimeoutExpired`, and the command goes on."""
        result = self._finish(checked(timeout))
        if result is None:
            raise errors.TimeoutExpired(self.args, timeout or 0.0)
        return result

    # ---- input and output

    def communicate(self, input: Input = None, timeout: float | None = None) -> tuple[bytes, bytes]:
        """Writes input to stdin (with PIPE), reads what is piped to the end, waits. Gives (stdout, stderr): what came
        through the pipe, or what was captured. After `TimeoutExpired` it may be called again; nothing is lost."""
        limit = None if checked(timeout) is None else time.monotonic() + (timeout or 0.0)
        self._prepare(input)
        if not self._exchange(limit):
            raise errors.TimeoutExpired(self.args, timeout or 0.0)
        left = None if limit is None else max(0.0, limit - time.monotonic())
        if self._finish(left) is None:
            raise errors.TimeoutExpired(self.args, timeout or 0.0)
        return self._communicated()

    def _communicated(self) -> tuple[bytes, bytes]:
        result = self.wait()
        return self._piped(self.stdout, result.stdout), self._piped(self.stderr, result.stderr)

    def _prepare(self, input: Input) -> None:
        if input is not None:
            if self.stdin is None:
                raise ValueError("input needs stdin=PIPE")
            if self._unsent is not None:
                raise ValueError("input was given to an earlier communicate()")
            self._unsent = memoryview(input.encode("utf-8") if isinstance(input, str) else input).cast("B")
        if self.stdin and not self.stdin.closed:
            self.stdin.flush()
            if not self._unsent:
                _close_input(self.stdin)

    def _exchange(self, limit: float | None) -> bool:
        """Moves bytes until all pipes have ended; False when the time ran out."""
        with selectors.DefaultSelector() as selector:
            self._register(selector)
            while selector.get_map():
                left = None if limit is None else limit - time.monotonic()
                if left is not None and left <= 0:
                    return False
                self._move(selector, left)
        return True

    def _register(self, selector: selectors.BaseSelector) -> None:
        if self.stdin and not self.stdin.closed and self._unsent:
            selector.register(self.stdin, selectors.EVENT_WRITE)
        for stream in (self.stdout, self.stderr):
            if stream and not stream.closed:
                self._read.setdefault(stream, bytearray())
                selector.register(stream, selectors.EVENT_READ)

    def _move(self, selector: selectors.BaseSelector, timeout: float | None) -> None:
        """Waits for pipes that are ready and moves bytes through them, once."""
        for key, _ in selector.select(timeout):
            pipe: Any = key.fileobj
            going_on = self._send if pipe == self.stdin else self._receive
            if not going_on(pipe):
                selector.unregister(pipe)
                _close_input(pipe)

    def _send(self, stream: Any) -> bool:
        assert self._unsent is not None
        try:
            self._unsent = self._unsent[os.write(stream.fileno(), self._unsent[:select.PIPE_BUF]):]
        except BrokenPipeError:
            return False
        return len(self._unsent) > 0

    def _receive(self, stream: IO[bytes]) -> bool:
        data = os.read(stream.fileno(), 65536)
        self._read[stream] += data
        return bool(data)

    def _piped(self, stream: IO[bytes] | None, captured: bytes) -> bytes:
        return captured if stream is None else bytes(self._read.get(stream, b""))

    # ---- signals

    def send_signal(self, number: int) -> None:
        """Sends a signal to the command itself; nothing happens when it has ended."""
        if self.returncode is None:
            with self._handle as pointer:
                _core.call(lib.mxc_process_kill, pointer, int(number))

    def terminate(self) -> None:
        """SIGTERM to the command itself."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL to the command and all it started."""
        self.send_signal(signal.SIGKILL)

    def stop(self, grace: float = 1.0) -> None:
        """As the deadline does: SIGTERM to the command and all it started, SIGKILL after `grace` seconds."""
        if self.returncode is None:
            with self._handle as pointer:
                _core.call(lib.mxc_process_stop, pointer, int((checked(grace) or 0.0) * 1000))

    # ---- descriptors, closing

    @property
    def status_fd(self) -> int:
        """Becomes readable when the command has ended: for event loops. Do not read or close it."""
        with self._handle as pointer:
            return int(lib.mxc_process_status_fd(pointer))

    def fileno(self) -> int:
        """The same as `status_fd`, so that a process can be given to select and selectors."""
        return self.status_fd

    @property
    def closed(self) -> bool:
        return self._handle.closed

    def close(self) -> None:
        """Kills the command if it still runs, closes the pipes. A result that wait() gave stays valid."""
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream:
                _close_input(stream)
        self._handle.close()
        self._owner = None

    def __enter__(self) -> Process:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None and not self.closed:
                if self.stdin:
                    _close_input(self.stdin)
                self._drain()
                self.wait()
        finally:
            self.close()

    def _drain(self) -> None:
        """Nobody reads the pipes any more: a command that still writes gets SIGPIPE instead of waiting for ever."""
        for stream in (self.stdout, self.stderr):
            if stream:
                stream.close()

    def __repr__(self) -> str:
        state = "running" if self.returncode is None else f"returncode={self.returncode}"
        return f"<mxc.Process {state if self._result or not self.closed else 'closed'} args={self.args!r:.80}>"


def _file(descriptor: int, mode: str) -> IO[bytes] | None:
    stream: Any = None if descriptor < 0 else io.open(descriptor, mode)
    return stream  # type: ignore[no-any-return]


def _close_input(stream: IO[bytes]) -> None:
    """Closes a stream; what is still buffered for a command that no longer reads is dropped."""
    try:
        stream.close()
    except BrokenPipeError:
        pass


def checked(timeout: float | None) -> float | None:
    """Seconds to wait, as they were given; ValueError, TypeError."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"seconds must be a number or None, not {type(timeout).__name__}")
    if not timeout >= 0:  # NaN as well
        raise ValueError(f"seconds must not be negative: {timeout!r}")
    return timeout
