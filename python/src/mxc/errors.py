"""The exceptions: one class for each kind of status in mxc.h.

`TABLE` maps every MXC_E_* number of the library to its class; a number that this version does not
know is an `Error` that keeps the number.
"""
from __future__ import annotations

import builtins
import subprocess
from typing import TYPE_CHECKING, Any

from ._native import ffi, lib

if TYPE_CHECKING:
    from .result import Result


class Error(Exception):
    """Something that mxc could not do. When a run raises it, nothing of the command ran.

    What a command did (exit code, signal, timeout, limits) is no error: see `Result`.
    """

    status: int  #: the number, MXC_E_* in mxc.h; 0 in CommandError
    status_name: str  #: the same in words: "path", "policy_invalid", ...
    message: str  #: what was wrong, one line
    operation: str  #: what failed, such as "move_mount"; "" when there is nothing to name
    origin: str  #: JSON pointer into the policy; "" when it is not about one item
    hint: str  #: what to do about it; ""
    errno: int | None  #: errno of the operation, 0 when there is none

    def __init__(self, message: str = "", *, status: int = lib.MXC_E_INTERNAL, status_name: str = "",
                 operation: str = "", origin: str = "", hint: str = "", errno: int = 0) -> None:
        Exception.__init__(self, message)  # not super(): the other bases of subclasses want other arguments
        self.status = status
        self.status_name = status_name or name_of(status)
        self.message = message
        self.operation = operation
        self.origin = origin
        self.hint = hint
        self.errno = errno

    def __str__(self) -> str:
        head = f"{self.status_name} {self.origin}" if self.origin else self.status_name
        tail = f" (hint: {self.hint})" if self.hint else ""
        return f"{head}: {self.message}{tail}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, {"status": self.status, "status_name": self.status_name,
                                                     "operation": self.operation, "origin": self.origin,
                                                     "hint": self.hint, "errno": self.errno})


def _rebuild(cls: type[Error], message: str, fields: dict[str, Any]) -> Error:
    return cls(message, **fields)


class NoMemoryError(Error, builtins.MemoryError):
    """Out of memory."""


class InvalidArgumentError(Error, ValueError):
    """The call itself was wrong."""


class PolicyError(Error):
    """The policy's text is broken, says something unknown or contradictory, or has an unknown version."""


class PathError(Error):
    """A path of the policy is missing, of the wrong kind, or forbidden."""


class UnsupportedError(Error):
    """This host or this version cannot enforce a rule; `hint` has the remedy."""


class SetupError(Error):
    """Building the walls failed; nothing was started."""


class VerifyError(Error):
    """A wall was missing when it was checked before the start; nothing was started."""


class CommandNotFound(Error, FileNotFoundError):
    """The command does not exist inside."""


class CommandNotExecutable(Error, PermissionError):
    """The command exists inside and cannot be executed."""


class InterpreterError(Error):
    """There is no interpreter for the language, or the policy hides it."""


class WaitTimeout(Error):
    """A wait with a timeout ran out; the process goes on."""


class ClosedError(Error):
    """The sandbox or process has been closed or killed, or belongs to the parent of this (forked) process."""


class SystemCallError(Error, OSError):
    """A system call failed in this process; `errno` says which way."""


class InternalError(Error):
    """A bug in mxc."""


class TimeoutExpired(WaitTimeout, subprocess.TimeoutExpired):
    """`Process.wait(timeout)` or `communicate(timeout)` ran out; the process goes on."""

    def __init__(self, cmd: Any, timeout: float, output: bytes | None = None, stderr: bytes | None = None) -> None:
        Error.__init__(self, f"{cmd!r} has not ended after {timeout:g} s", status=lib.MXC_E_TIMEOUT)
        self.cmd = cmd
        self.timeout = timeout
        self.output = output
        self.stderr = stderr

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.cmd, self.timeout, self.output, self.stderr)


class CommandError(Error, subprocess.CalledProcessError):
    """`Result.check()`: the command failed. `result` has everything it did."""

    def __init__(self, result: Result) -> None:
        Error.__init__(self, result.describe(), status=lib.MXC_OK, status_name="command_failed")
        self.result = result
        self.returncode = -result.signal if result.signal else result.exit_code or 0
        self.cmd = result.args
        self.output = result.stdout
        self.stderr = result.stderr

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.result,)


#: class by status name
CLASSES: dict[str, type[Error]] = {
    "no_memory": NoMemoryError,
    "invalid_argument": InvalidArgumentError,
    "policy_syntax": PolicyError,
    "policy_invalid": PolicyError,
    "policy_version": PolicyError,
    "policy_conflict": PolicyError,
    "path": PathError,
    "unsupported": UnsupportedError,
    "setup": SetupError,
    "verify": VerifyError,
    "command_not_found": CommandNotFound,
    "command_not_executable": CommandNotExecutable,
    "interpreter": InterpreterError,
    "timeout": WaitTimeout,
    "closed": ClosedError,
    "system": SystemCallError,
    "internal": InternalError,
}

#: class by status, for every MXC_E_* of the library
TABLE: dict[int, type[Error]] = {
    getattr(lib, name): CLASSES.get(name[len("MXC_E_"):].lower(), Error)
    for name in dir(lib) if name.startswith("MXC_E_")
}


def name_of(status: int) -> str:
    """The library's name of a status, "unknown" for one that it does not have."""
    return str(ffi.string(lib.mxc_status_name(status)).decode("ascii"))


def closed(message: str, hint: str = "") -> ClosedError:
    return ClosedError(message, status=lib.MXC_E_CLOSED, hint=hint)
