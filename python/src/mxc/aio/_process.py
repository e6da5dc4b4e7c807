"""A running command in an async program: `Process`, around the one of the package, which does all but the waiting."""
from __future__ import annotations

import contextlib
import selectors
import time
from typing import Any

from .. import errors
from .. import process as sync
from .._command import Input
from ..result import Result
from ._library import current, readable
from ._streams import ReadStream, WriteStream

# the library itself gives a keeper that does not obey some seconds and then ends it
_KILL_WITHIN = 10.0


class Process:
    """A command that was started with `await spawn()`. Ends with the `async with` block, or when nobody refers to it."""

    pid: None = None  #: as in mxc.Process
    stdin: WriteStream | None  #: with stdin=PIPE
    stdout: ReadStream | None  #: with stdout=PIPE
    stderr: ReadStream | None

    def __init__(self, inner: sync.Process) -> None:
        """Takes over a process; programs get processes from spawn()."""
        self._inner = inner
        self.stdin = WriteStream(inner.stdin) if inner.stdin else None
        self.stdout = ReadStream(inner.stdout) if inner.stdout else None
        self.stderr = ReadStream(inner.stderr) if inner.stderr else None
        inner.stdin = inner.stdout = inner.stderr = None  # closed by the streams, not behind their backs
        self._input_given = False
        self._output: tuple[bytes, bytes] | None = None

    @property
    def args(self) -> Any:
        """The code or argument list."""
        return self._inner.args

    @property
    def returncode(self) -> int | None:
        """None while it runs; the exit code, or minus the signal."""
        return self._inner.returncode

    @property
    def status_fd(self) -> int:
        """Becomes readable when the command has ended. Do not read or close it."""
        return self._inner.status_fd

    def fileno(self) -> int:
        """The same as `status_fd`."""
        return self._inner.fileno()

    @property
    def closed(self) -> bool:
        return self._inner.closed

    # ---- the end

    def poll(self) -> int | None:
        """`returncode`, without waiting."""
        return self._inner.poll()

    async def wait(self, timeout: float | None = None) -> Result:
        """Waits for the end; several tasks may. timeout: seconds, None for no limit; raises `TimeoutExpired`, and the
        command goes on. Cancelling it leaves the command running, as that of any wait."""
        sync.checked(timeout)
        if self._inner.poll() is None and not await readable(self._inner.status_fd, timeout):
            raise errors.TimeoutExpired(self.args, timeout or 0.0)
        return self._inner.wait()

    async def ended(self) -> Result:
        """Waits for the end and closes it. Cancelled, it kills the command first and waits for that."""
        try:
            return await self.wait()
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Kills the command if it still runs, waits until it has ended, closes the pipes. Done to its end also in a
        task that is cancelled; that takes milliseconds, and never more than some seconds."""
        try:
            if self._running():
                self._inner.kill()
                await current().shielded(self._killed)
        finally:
            for stream in self._streams():
                stream.close()
            self._inner.close()

    async def _killed(self) -> None:
        with contextlib.suppress(errors.ClosedError):  # another task was here first
            await readable(self._inner.status_fd, _KILL_WITHIN)
        self._running()  # takes the result for those who wait as well

    def _running(self) -> bool:
        try:
            return not self._inner.closed and self._inner.poll() is None
        except errors.Error:  # it could not be started
            return False

    def _streams(self) -> list[ReadStream | WriteStream]:
        return [stream for stream in (self.stdin, self.stdout, self.stderr) if stream]

    async def __aenter__(self) -> Process:
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None and not self.closed:
                # nobody reads the pipes any more: a command that still writes gets SIGPIPE
                for stream in self._streams():
                    stream.close()
                await self.wait()
        finally:
            await self.aclose()

    # ---- input and output

    async def communicate(self, input: Input = None, timeout: float | None = None) -> tuple[bytes, bytes]:
        """Writes input to stdin (with PIPE), reads what is piped to the end, waits. Gives (stdout, stderr): what came
        through the pipe, or what was captured. After `TimeoutExpired` it may be called again; nothing is lost."""
        limit = None if sync.checked(timeout) is None else time.monotonic() + (timeout or 0.0)
        self._give(input)
        if self._output is None:
            if not await self._exchange(limit):
                raise errors.TimeoutExpired(self.args, timeout or 0.0)
            if self.poll() is None and not await readable(self.status_fd, _left(limit)):
                raise errors.TimeoutExpired(self.args, timeout or 0.0)
            result = self._inner.wait()
            self._output = (self.stdout.taken() if self.stdout else result.stdout,
                            self.stderr.taken() if self.stderr else result.stderr)
        return self._output

    def _give(self, input: Input) -> None:
        if input is None:
            return
        if self.stdin is None:
            raise ValueError("input needs stdin=PIPE")
        if self._input_given:
            raise ValueError("input was given to an earlier communicate()")
        self.stdin.queue(input)
        self._input_given = True

    async def _exchange(self, limit: float | None) -> bool:
        """Moves bytes until all pipes have ended; False when the time ran out. The selector's own descriptor is what
        is waited for: it is ready when one of the pipes is."""
        with contextlib.ExitStack() as held, selectors.DefaultSelector() as selector:
            for stream in self._streams():
                if not stream.closed:
                    stream.begin()
                    held.callback(stream.end)
                    selector.register(stream, selectors.EVENT_WRITE if stream is self.stdin else selectors.EVENT_READ)
            while selector.get_map():
                if not await current().ready(_descriptor(selector), False, _left(limit)):
                    return False
                _move(selector)
        return True

    # ---- signals

    def send_signal(self, number: int) -> None:
        """Sends a signal to the command itself; nothing happens when it has ended."""
        self._inner.send_signal(number)

    def terminate(self) -> None:
        """SIGTERM to the command itself."""
        self._inner.terminate()

    def kill(self) -> None:
        """SIGKILL to the command and all it started."""
        self._inner.kill()

    def stop(self, grace: float = 1.0) -> None:
        """SIGTERM to the command and all it started, SIGKILL after `grace` seconds."""
        self._inner.stop(grace)

    def __repr__(self) -> str:
        return repr(self._inner).replace("<mxc.Process", "<mxc.aio.Process", 1)


def _left(limit: float | None) -> float | None:
    return None if limit is None else max(0.0, limit - time.monotonic())


def _descriptor(selector: selectors.BaseSelector) -> int:
    assert isinstance(selector, selectors.EpollSelector)
    return selector.fileno()


def _move(selector: selectors.BaseSelector) -> None:
    """Moves bytes through the pipes that are ready, once; those that have ended are closed."""
    for key, _ in selector.select(0):
        stream: Any = key.fileobj
        if not (stream.push() if isinstance(stream, WriteStream) else stream.pull()):
            selector.unregister(stream)
            stream.end()  # or it would be closed when all have ended only
            stream.close()
