"""What a command did: `Result`, and its parts `Denial`, `Connection` and `ReceiptItem`."""
from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from signal import Signals
from typing import Any

from . import _core, errors
from ._native import ffi, lib


@dataclass(frozen=True)
class Denial:
    """Something the command tried and was not allowed to do."""

    kind: str  #: "syscall"
    what: str  #: such as "unshare"
    mechanism: str  #: what denied it: "seccomp"
    count: int  #: how often
    first: float  #: when first, seconds after the start of the command


@dataclass(frozen=True)
class Finding:
    """Something a run has left in a writable folder that a program of the host would trust."""

    kind: str  #: "new_repository", "new_hook", "new_protected_name" or "incomplete"
    path: str  #: absolute path of the host


@dataclass(frozen=True)
class Connection:
    """A connection that the command made or was refused, or a name that it asked for in vain."""

    name: str  #: the host name; "" when asked for by address
    address: str  #: the address that was dialled or refused; "" when there was none
    protocol: str  #: "tcp" or "udp"; "" for a question for a name
    port: int  #: 0 for a question for a name
    direction: str  #: "out", or "in": from the host to a published port
    outcome: str  #: "open", "closed", "reset", "unreachable", "unresolved", "denied", "guarded", "unknown_name", "too_many", "cut"
    rule: str  #: JSON pointer to the rule that granted or denied it; "" when no rule did
    count: int  #: how often: more than 1 for equal refusals
    bytes_in: int
    bytes_out: int
    duration: float  #: seconds


@dataclass(frozen=True)
class ReceiptItem:
    """How one item of the policy was enforced."""

    item: str  #: JSON pointer into the policy
    rule: str  #: the item in words
    mechanism: tuple[str, ...]  #: what enforces it: "mount", "landlock", "cgroup memory", ...
    level: str  #: "kernel", "supervisor" or "none"
    note: str = ""


def _limit_names() -> dict[int, str]:
    limits = (getattr(lib, name) for name in dir(lib) if name.startswith("MXC_LIMIT_"))
    return {limit: _core.text(lib.mxc_limit_name(limit)) for limit in sorted(limits) if limit != lib.MXC_LIMIT_NONE}


#: number -> name of every limit
LIMITS: dict[int, str] = _limit_names()


class Result:
    """What a command did. Times are seconds, sizes are bytes."""

    args: Any  #: the code or argument list that was run
    exit_code: int | None  #: 0..255; None when a signal ended it
    signal: int | None  #: the signal that ended it; None when it exited
    timed_out: bool  #: the deadline ended it
    limit_hit: str | None  #: the first limit that was hit: "memory", "cpu_time", "wall_time", "processes", ...
    limits_hit: list[str]  #: all of them
    stdout_length: int  #: bytes written in all, captured or not
    stderr_length: int
    stdout_truncated: bool  #: the middle is missing in stdout
    stderr_truncated: bool
    wall_time: float  #: seconds from the start of the command to its end
    cpu_time: float  #: seconds, user and system, of the command and all it started
    peak_memory: int  #: bytes

    def __init__(self, pointer: Any, args: Any) -> None:
        """Takes over an `mxc_result *`; programs get results from run() and wait()."""
        self._pointer = ffi.gc(pointer, lib.mxc_result_free)
        self.args = args
        code, signal = lib.mxc_result_exit_code(pointer), lib.mxc_result_signal(pointer)
        self.exit_code = None if code < 0 else code
        self.signal = signal or None
        self.timed_out = bool(lib.mxc_result_timed_out(pointer))
        first = lib.mxc_result_limit_hit(pointer)
        self.limit_hit = LIMITS.get(first, "unknown") if first != lib.MXC_LIMIT_NONE else None
        self.limits_hit = [name for limit, name in LIMITS.items() if lib.mxc_result_hit(pointer, limit)]
        self.stdout_length = lib.mxc_result_output_total(pointer, lib.MXC_STDOUT)
        self.stderr_length = lib.mxc_result_output_total(pointer, lib.MXC_STDERR)
        self.stdout_truncated = bool(lib.mxc_result_output_truncated(pointer, lib.MXC_STDOUT))
        self.stderr_truncated = bool(lib.mxc_result_output_truncated(pointer, lib.MXC_STDERR))
        self.wall_time = lib.mxc_result_wall_time_ns(pointer) / 1e9
        self.cpu_time = lib.mxc_result_cpu_time_ns(pointer) / 1e9
        self.peak_memory = lib.mxc_result_peak_memory(pointer)

    def _output(self, stream: int) -> bytes:
        length = ffi.new("size_t *")
        data = lib.mxc_result_output(self._pointer, stream, length)
        return bytes(ffi.buffer(data, length[0]))

    @cached_property
    def stdout(self) -> bytes:
        """What was captured: everything, or head and tail when `stdout_truncated`."""
        return self._output(lib.MXC_STDOUT)

    @cached_property
    def stderr(self) -> bytes:
        """As stdout."""
        return self._output(lib.MXC_STDERR)

    @property
    def stdout_text(self) -> str:
        """stdout as UTF-8; bytes that are none become U+FFFD."""
        return self.stdout.decode("utf-8", "replace")

    @property
    def stderr_text(self) -> str:
        """stderr as UTF-8; bytes that are none become U+FFFD."""
        return self.stderr.decode("utf-8", "replace")

    @cached_property
    def denials(self) -> list[Denial]:
        """What it was not allowed to do, one entry for each distinct thing."""
        result = self._pointer
        return [Denial(kind=_core.text(lib.mxc_result_denial_kind(result, index)),
                       what=_core.text(lib.mxc_result_denial_what(result, index)),
                       mechanism=_core.text(lib.mxc_result_denial_mechanism(result, index)),
                       count=lib.mxc_result_denial_times(result, index),
                       first=lib.mxc_result_denial_first_ns(result, index) / 1e9)
                for index in range(lib.mxc_result_denial_count(result))]

    @cached_property
    def connections(self) -> list[Connection]:
        """What it connected to, and what it was refused; of commands at the same time in one sandbox, all of theirs."""
        result, name_of = self._pointer, lib.mxc_connection_outcome_name
        return [Connection(name=_core.text(lib.mxc_result_connection_name(result, index)),
                           address=_core.text(lib.mxc_result_connection_address(result, index)),
                           protocol=_core.text(lib.mxc_result_connection_protocol(result, index)),
                           port=lib.mxc_result_connection_port(result, index),
                           direction="in" if lib.mxc_result_connection_inbound(result, index) else "out",
                           outcome=_core.text(name_of(lib.mxc_result_connection_outcome(result, index))),
                           rule=_core.text(lib.mxc_result_connection_rule(result, index)),
                           count=lib.mxc_result_connection_times(result, index),
                           bytes_in=lib.mxc_result_connection_bytes_in(result, index),
                           bytes_out=lib.mxc_result_connection_bytes_out(result, index),
                           duration=lib.mxc_result_connection_duration_ns(result, index) / 1e9)
                for index in range(lib.mxc_result_connection_count(result))]

    @cached_property
    def connections_dropped(self) -> int:
        """How many more connections there were than are kept."""
        return int(lib.mxc_result_connections_dropped(self._pointer))

    @cached_property
    def findings(self) -> list[Finding]:
        """What it left in writable folders that a program of the host would trust: repositories, hooks, protected
        names. Only results of run() and spawn() have it; for an open sandbox see `Sandbox.findings()`."""
        result = self._pointer
        return [Finding(kind=_core.text(lib.mxc_result_finding_kind(result, index)),
                        path=_core.text(lib.mxc_result_finding_path(result, index)))
                for index in range(lib.mxc_result_finding_count(result))]

    @cached_property
    def receipt(self) -> list[ReceiptItem]:
        """For every item of the policy: which mechanism enforced it, and at which level."""
        lines = json.loads(_core.text(lib.mxc_result_receipt_json(self._pointer)))
        return [ReceiptItem(line["item"], line["rule"], tuple(line["mechanism"]), line["level"], line.get("note", ""))
                for line in lines]

    @property
    def ok(self) -> bool:
        """It exited with 0 and in time."""
        return self.exit_code == 0 and not self.timed_out

    def check(self) -> Result:
        """Gives itself when `ok`, else raises `CommandError`."""
        if not self.ok:
            raise errors.CommandError(self)
        return self

    def describe(self) -> str:
        """How it ended, one line."""
        if self.timed_out:
            how = f"the command timed out after {self.wall_time:.3g} s"
        elif self.signal:
            how = f"the command was ended by {_signal_name(self.signal)}"
        else:
            how = f"the command exited with {self.exit_code}"
        if self.limit_hit and not self.timed_out:
            how += f" (limit: {self.limit_hit})"
        last = self.stderr_text.strip().rsplit("\n", 1)[-1].strip()
        return f"{how}: {last[:200]}" if last and not self.ok else how

    @cached_property
    def _json(self) -> str:
        return _core.made_text(lib.mxc_result_to_json, self._pointer)

    def to_json(self) -> str:
        """Everything, as the JSON that `mxc run --json` prints."""
        return self._json

    def to_dict(self) -> dict[str, Any]:
        """The same as a dict."""
        result: dict[str, Any] = json.loads(self.to_json())
        return result

    def __getstate__(self) -> dict[str, Any]:
        for name in ("stdout", "stderr", "denials", "connections", "connections_dropped", "findings", "receipt",
                     "_json"):  # what still is on the native side
            getattr(self, name)
        return {name: value for name, value in self.__dict__.items() if name != "_pointer"}

    def __repr__(self) -> str:
        parts = [f"exit_code={self.exit_code}"]
        if self.signal:
            parts = [f"signal={self.signal}"]
        if self.timed_out:
            parts.append("timed_out=True")
        if self.limits_hit:
            parts.append(f"limits_hit={self.limits_hit}")
        parts += [f"{name}={_short(data)}" for name, data in (("stdout", self.stdout), ("stderr", self.stderr)) if data]
        if self.denials:
            parts.append(f"denials={[denial.what for denial in self.denials]}")
        return f"<mxc.Result {' '.join(parts)} wall_time={self.wall_time:.3f}>"


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:
        return f"signal {number}"


def _short(data: bytes, most: int = 60) -> str:
    return repr(data) if len(data) <= most else f"{data[:most]!r}... ({len(data)} bytes)"
