"""What to run: the arguments of run() and spawn(), checked and laid out as an `mxc_command`."""
from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import IO, Any, Mapping, Sequence, TypedDict, Union

from . import _core, _runtime, _units
from ._native import ffi, lib

PIPE = subprocess.PIPE
DEVNULL = subprocess.DEVNULL
STDOUT = subprocess.STDOUT

Code = Union[str, Sequence[Union[str, bytes, "os.PathLike[str]"]]]
Stream = Union[int, IO[Any], None]
Input = Union[bytes, bytearray, memoryview, str, None]


class CommonOptions(TypedDict, total=False):
    """What everything that starts a command takes, beside the command and its language."""

    input: Input
    timeout: float | str | None
    env: Mapping[str, str] | None
    cwd: str | os.PathLike[str] | None
    grace: float | str | None


class RunOptions(CommonOptions, total=False):
    """What run() takes, beside the command, the policy and the language."""

    check: bool


class SpawnOptions(CommonOptions, total=False):
    """What spawn() takes, beside the command, the policy and the language."""

    stdin: Stream
    stdout: Stream
    stderr: Stream


@dataclass
class Request:
    """The arguments of run() and spawn() as they were given."""

    command: Code
    language: str | None = None
    input: Input = None
    timeout: float | str | None = None
    env: Mapping[str, str] | None = None
    cwd: str | os.PathLike[str] | None = None
    grace: float | str | None = None
    stdin: Stream = None
    stdout: Stream = None
    stderr: Stream = None


class Command:
    """An `mxc_command` and all it points to, alive as long as the `with` block around the call that reads it."""

    def __init__(self, request: Request, runtime: _runtime.Runtime | None = None) -> None:
        """`runtime`: of this program, where it was surveyed already: what a sandbox shows is settled when it is made."""
        self._surveyed = runtime
        self.struct = ffi.new("mxc_command *")
        self.struct.struct_size = ffi.sizeof("mxc_command")
        self._kept: list[Any] = []
        self.runtime = _runtime.Runtime(None, [], {})
        self._merged: list[int] = []  # both ends of the pipe of stderr=STDOUT
        self._what(request)
        self._surroundings(request)
        self._streams(request)

    def _keep(self, value: Any) -> Any:
        self._kept.append(value)
        return value

    def _string(self, value: bytes) -> Any:
        return self._keep(ffi.new("char[]", value))

    def _strings(self, items: list[bytes]) -> Any:
        return self._keep(_core.Strings(items)).array

    def _what(self, request: Request) -> None:
        if isinstance(request.command, str):
            self._source(request.command, request.language or "python")
        else:
            self._arguments(request)

    def _source(self, source: str, language: str) -> None:
        code = _core.utf8(source, "code")
        self.struct.code = self._string(code)
        self.struct.code_length = len(code)
        self.struct.language = self._string(_core.utf8(language, "language"))
        if language == "python":
            self.runtime = self._surveyed or _runtime.python()
            if self.runtime.interpreter is not None:
                self.struct.interpreter = self._string(os.fsencode(self.runtime.interpreter))

    def _arguments(self, request: Request) -> None:
        command = request.command
        if isinstance(command, (bytes, bytearray, memoryview, os.PathLike)) or not isinstance(command, Sequence):
            raise TypeError("what to run must be source code (str) or a list of arguments, "
                            f"not {type(command).__name__}")
        if request.language is not None:
            raise ValueError("language is for source code; a list of arguments has none")
        arguments = [_argument(item) for item in command]
        self.struct.argv = self._strings(arguments)
        first = os.fsdecode(arguments[0]) if arguments else ""
        if os.path.isabs(first) and _runtime.is_python(first) and first == _runtime.own_interpreter():
            self.runtime = self._surveyed or _runtime.python()

    def _surroundings(self, request: Request) -> None:
        variables = {**self.runtime.env, **(request.env or {})} if self.runtime.env else request.env
        entries = _core.environment(variables)
        if entries:
            self.struct.env = self._strings(entries)
        if request.cwd is not None:
            self.struct.cwd = self._string(_core.path(request.cwd, "cwd"))
        if request.timeout is not None:
            self.struct.timeout_ms = _units.deadline(request.timeout, "timeout")
        if request.grace is not None:  # 0 is the default to the library
            self.struct.grace_ms = max(1, _units.milliseconds(request.grace, "grace"))

    def _streams(self, request: Request) -> None:
        self._stream("stdin", _stream(request.stdin, "stdin"))
        stdout = _stream(request.stdout, "stdout")
        self._stream("stdout", stdout)
        merge = isinstance(request.stderr, int) and request.stderr == STDOUT
        if merge and stdout[0] == lib.MXC_STDIO_DEFAULT:
            raise ValueError("stderr=STDOUT needs a stdout to go to: PIPE, DEVNULL, a descriptor or a file; "
                             "what is captured is kept apart")
        self._stream("stderr", stdout if merge else _stream(request.stderr, "stderr"))
        self._merges = merge and stdout[0] == lib.MXC_STDIO_PIPE
        self._input(request)

    def _stream(self, name: str, where: tuple[int, int]) -> None:
        setattr(self.struct, f"{name}_mode", where[0])
        setattr(self.struct, f"{name}_fd", where[1])

    def __enter__(self) -> Command:
        if self._merges:
            self._merged = list(os.pipe())
            for name in ("stdout", "stderr"):
                self._stream(name, (lib.MXC_STDIO_FD, self._merged[1]))
        return self

    def take_merged(self) -> int:
        """The read end of stdout and stderr together, given away once; -1."""
        return self._merged.pop(0) if len(self._merged) == 2 else -1

    def __exit__(self, *_: object) -> None:
        while self._merged:
            os.close(self._merged.pop())

    def _input(self, request: Request) -> None:
        if request.input is None:
            return
        if request.stdin is not None:
            raise ValueError("input and stdin cannot both be given; with PIPE use communicate(input)")
        data = request.input.encode("utf-8") if isinstance(request.input, str) else request.input
        try:
            buffer = self._keep(ffi.from_buffer(data))
        except TypeError:
            raise TypeError(f"input must be bytes or str, not {type(request.input).__name__}") from None
        self.struct.input = buffer
        self.struct.input_length = len(buffer)


def _argument(item: Any) -> bytes:
    if not isinstance(item, (str, bytes, os.PathLike)):
        raise TypeError(f"an argument must be str, bytes or os.PathLike, not {type(item).__name__}")
    data = os.fsencode(item)
    if b"\0" in data:
        raise ValueError("an argument contains a NUL character")
    return data


def _stream(value: Stream, name: str) -> tuple[int, int]:
    if value is None:
        return lib.MXC_STDIO_DEFAULT, -1
    fileno: Any = getattr(value, "fileno", None)
    if fileno is not None:
        value = fileno()
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be None, PIPE, DEVNULL, a descriptor or a file, not {type(value).__name__}")
    if value == PIPE:
        return lib.MXC_STDIO_PIPE, -1
    if value == DEVNULL:
        return lib.MXC_STDIO_NULL, -1
    if not 0 <= value < 1 << 31:
        raise ValueError(f"{name}: {value} is no descriptor")
    return lib.MXC_STDIO_FD, value
