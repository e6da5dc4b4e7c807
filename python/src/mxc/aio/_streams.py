"""The pipes of an async process: bytes, one reader and one writer at a time."""
from __future__ import annotations

import os
from typing import IO, Any, AsyncIterator

from .. import errors
from .._command import Input
from ._library import current

_CHUNK = 65536


class _Pipe:
    """One end of a pipe, not blocking. It is closed by whoever uses it last: an event library must not find the number
    of a closed descriptor given to something else."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._descriptor = file.fileno()
        os.set_blocking(self._descriptor, False)
        self._busy = False
        self._closed = False

    def fileno(self) -> int:
        """The descriptor, which does not block."""
        if self._closed:
            raise errors.closed("this pipe is closed")
        return self._descriptor

    @property
    def closed(self) -> bool:
        return self._closed

    def begin(self) -> None:
        """From here to end() it belongs to one task."""
        if self._closed:
            raise errors.closed("this pipe is closed")
        if self._busy:
            raise RuntimeError("another task is using this pipe")
        self._busy = True

    def end(self) -> None:
        self._busy = False
        if self._closed:
            self._file.close()

    async def _ready(self, write: bool) -> None:
        await current().ready(self._descriptor, write, None)
        if self._closed:
            raise errors.closed("this pipe has been closed by another task")

    def close(self) -> None:
        """Closes it. A task that waits in it goes on waiting until the other end moves or goes away."""
        if not self._closed:
            self._closed = True
            if not self._busy:
                self._file.close()

    async def aclose(self) -> None:
        """The same as close(), which does not wait."""
        self.close()

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()


class ReadStream(_Pipe):
    """stdout or stderr of a process: `await stream.read()`, `async for line in stream`."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._buffer = bytearray()
        self._ended = False

    def pull(self) -> bool:
        """Adds what has come to the buffer; False at the end."""
        try:
            data = os.read(self._descriptor, _CHUNK)
        except BlockingIOError:
            return True
        self._buffer += data
        self._ended = not data
        return not self._ended

    async def _fill(self) -> bool:
        """Waits until something has come and adds it; False at the end."""
        if self._ended:
            return False
        await self._ready(write=False)
        return self.pull()

    def taken(self, length: int | None = None) -> bytes:
        """So much of the buffer, or all."""
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        return data

    async def receive(self, max_bytes: int = _CHUNK) -> bytes:
        """What has come, 1 to max_bytes bytes; waits for the first one. b"" at the end."""
        if max_bytes < 1:
            raise ValueError("max_bytes must be at least 1")
        self.begin()
        try:
            while not self._buffer and await self._fill():
                pass
            return self.taken(max_bytes)
        finally:
            self.end()

    async def read(self, size: int = -1) -> bytes:
        """`size` bytes, fewer only at the end; -1: all there is to come."""
        self.begin()
        try:
            while (size < 0 or len(self._buffer) < size) and await self._fill():
                pass
            return self.taken(None if size < 0 else size)
        finally:
            self.end()

    async def readline(self, limit: int = 1 << 20) -> bytes:
        """A line with its newline; without one at the end, or after `limit` bytes. b"" at the end."""
        self.begin()
        try:
            searched = 0
            while (found := self._buffer.find(b"\n", searched, limit)) < 0 and len(self._buffer) < limit:
                searched = len(self._buffer)
                if not await self._fill():
                    break
            return self.taken(found + 1 if found >= 0 else limit)
        finally:
            self.end()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while line := await self.readline():
            yield line


class WriteStream(_Pipe):
    """stdin of a process: `await stream.write(data)`, then `stream.close()`."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._unsent = memoryview(b"")

    def queue(self, data: Input) -> None:
        """What push() will write."""
        self._unsent = memoryview(data.encode("utf-8") if isinstance(data, str) else data or b"").cast("B")

    def push(self) -> bool:
        """Writes as much as there is room for; False when all of it was written, or nobody reads."""
        try:
            self._unsent = self._unsent[os.write(self._descriptor, self._unsent[:_CHUNK]):]
        except BlockingIOError:
            return True
        except BrokenPipeError:
            return False
        return len(self._unsent) > 0

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Writes all of it, waiting while the pipe is full. BrokenPipeError when the command reads no more."""
        left = memoryview(data).cast("B")
        self.begin()
        try:
            while left:
                await self._ready(write=True)
                try:
                    left = left[os.write(self._descriptor, left[:_CHUNK]):]
                except BlockingIOError:  # less room than for an atomic write
                    continue
        finally:
            self.end()
