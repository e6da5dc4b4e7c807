"""What `files` does inside: a small Python program in the sandbox does each operation with the rights that code has
there, so no path of the host is ever opened for it. Shared by `Sandbox.files` and its async twin.

What comes back may be forged by code in the sandbox and is taken as data: an amount that is limited, and a number of
an error.
"""
from __future__ import annotations

import contextlib
import errno
import os
from dataclasses import dataclass
from typing import Any, Generator, Union

from . import _core, _runtime, _units, errors
from ._command import PIPE, SpawnOptions
from .result import Result

Path = Union[str, "os.PathLike[str]"]

#: seconds for one operation
DEADLINE = 60
#: bytes that read() takes at most, unless told
LIMIT = 64 << 20
_LIST_LIMIT = 16 << 20
_FAILED = 3

# O_NONBLOCK: a FIFO that code put in the place of a file must not hold us
_PROGRAM = r"""
import errno, os, stat, sys

def regular(path, flags):
    descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        raise OSError(errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL, "")
    return descriptor

def read(path):
    descriptor = regular(path, os.O_RDONLY)
    while True:
        data = os.read(descriptor, 1 << 20)
        if not data:
            break
        out.write(data)

def write(path):
    with open(regular(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as target:
        while True:
            data = sys.stdin.buffer.read(1 << 20)
            if not data:
                break
            target.write(data)

def list(path):
    out.write(b"\0".join(os.listdir(path)))

def exists(path):
    out.write(b"1" if os.path.exists(path) else b"")

def make_dir(path):
    os.makedirs(path, exist_ok=True)

def remove(path):
    if stat.S_ISDIR(os.lstat(path).st_mode):
        import shutil
        shutil.rmtree(path)
    else:
        os.remove(path)

out = sys.stdout.buffer
try:
    globals()[sys.argv[1]](os.fsencode(sys.argv[2]))
    out.flush()
except BrokenPipeError:
    os._exit(1)
except OSError as error:
    os.write(2, b"%d" % (error.errno or errno.EIO))
    os._exit(3)
"""


@dataclass(frozen=True)
class Operation:
    """One operation on a path inside."""

    name: str
    path: str
    data: bytes | None = None
    limit: int = 0  #: bytes that may come back

    @property
    def argv(self) -> list[str]:
        return [_runtime.own_interpreter() or "python3", "-I", "-S", "-c", _PROGRAM, self.name, self.path]

    @property
    def options(self) -> SpawnOptions:
        return {"input": self.data, "stdout": PIPE, "timeout": DEADLINE}

    def too_much(self) -> OSError:
        return OSError(errno.EFBIG, f"larger than {self.limit} bytes", self.path)

    def check(self, result: Result) -> None:
        """Raises what went wrong inside: as the same call here would, else `CommandError`."""
        if result.exit_code == _FAILED and result.stderr.isdigit() and len(result.stderr) < 6:
            number = int(result.stderr)
            raise OSError(number, os.strerror(number), self.path)
        result.check()


@contextlib.contextmanager
def interpreter_needed() -> Generator[None, None, None]:
    """A missing interpreter must not look like a missing file."""
    try:
        yield
    except (errors.CommandNotFound, errors.CommandNotExecutable) as error:
        raise errors.InterpreterError(f"files needs a Python inside: {error.message}", status=_interpreter_status(),
                                      operation=error.operation, hint=error.hint, errno=error.errno or 0) from None


def _interpreter_status() -> int:
    return next(status for status, cls in errors.TABLE.items() if cls is errors.InterpreterError)


def _path(path: Path) -> str:
    return os.fsdecode(_core.path(path, "path"))


def reading(path: Path, limit: int | str) -> Operation:
    return Operation("read", _path(path), limit=_units.size(limit, "limit"))


def writing(path: Path, data: Any) -> Operation:
    if isinstance(data, str):
        data = data.encode("utf-8")
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"data must be bytes or str, not {type(data).__name__}")
    return Operation("write", _path(path), data=bytes(data))


def listing(path: Path) -> Operation:
    return Operation("list", _path(path), limit=_LIST_LIMIT)


def other(name: str, path: Path) -> Operation:
    return Operation(name, _path(path), limit=1)


def names(data: bytes) -> list[str]:
    """What list() gives, sorted."""
    return sorted(os.fsdecode(name) for name in data.split(b"\0") if name)
