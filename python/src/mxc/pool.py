"""`Pool`: sandboxes that are built before they are needed."""
from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Iterable, Mapping

from . import _core, _runtime, _units
from ._command import Code, Command, Input, Request, RunOptions, Stream
from ._native import ffi, lib
from .policy import PolicyLike, policy_of
from .process import Process
from .result import Result
from .sandbox import _ended

if TYPE_CHECKING:
    from typing_extensions import Unpack


@dataclass(frozen=True)
class PoolStats:
    """What a pool has, and has done since it was made."""

    ready: int  #: sandboxes that stand and wait now
    wanted: int  #: as many as it tries to have ready now
    taken: int  #: commands that were given a sandbox that stood
    cold: int  #: commands that found none ready, and got one that was still to be built
    failed: int  #: sandboxes that ended while they waited, or could not be built
    dropped: int  #: sandboxes that were ended unused: idle, too many, or the host has changed


class Pool:
    """Sandboxes built ahead: each is used for one command, and replaced after the result was given out.

    size    as many as are ready when this returns
    min     as few as the pool shrinks to while little is asked of it; default `size`
    max     as many as it grows to while more is asked of it; default the greater of `size` and 8
    idle    seconds, or "5m": a sandbox that was not used for so long ends by itself; default five minutes

    language, preload   "python" or "node": in each sandbox an interpreter has been started, has imported the modules,
            and waits for source code, which is then of this language unless said otherwise; what else is run gets a
            cold sandbox. "bash": only the sandbox is built ahead
    fresh   "interpreter": each run has a whole interpreter of its own, which nothing ran in before. So it is without
            this as well

    A command that finds no sandbox ready gets a cold one, with the same result. Nothing is shared between commands.
    Closing, the end of a `with` block, the end of this object and the end of this program end what waits; commands
    that run belong to their processes.
    """

    def __init__(self, policy: PolicyLike = None, size: int = 1, *, min: int | None = None, max: int | None = None,
                 idle: float | str | None = None, language: str | None = None, preload: Iterable[str] = (),
                 fresh: str | None = None) -> None:
        self.policy = policy_of(policy)
        self._language = language
        self._runtime = runtime = _runtime.python()
        interpreter = _Interpreter(language, preload, fresh, runtime)
        sizes = ffi.new("mxc_pool_options *")
        sizes.struct_size = ffi.sizeof("mxc_pool_options")
        sizes.size = _at_least_one(size, "size")
        sizes.min = 0 if min is None else _at_least_one(min, "min")
        sizes.max = 0 if max is None else _at_least_one(max, "max")
        sizes.idle_ms = 0 if idle is None else _units.deadline(idle, "idle")
        interpreter.put_into(sizes)
        options = _core.Options(runtime.paths, (b"bash", b"node"))
        pointer = _core.made("mxc_pool", lib.mxc_pool_new, self.policy._pointer, options.struct, sizes)
        self._handle = _core.Handle(pointer, lib.mxc_pool_free, lambda _: None, "pool")

    def spawn(self, command: Code, *, language: str | None = None, input: Input = None,
              timeout: float | str | None = None, env: Mapping[str, str] | None = None,
              cwd: str | os.PathLike[str] | None = None, grace: float | str | None = None,
              stdin: Stream = None, stdout: Stream = None, stderr: Stream = None) -> Process:
        """Starts a command in a sandbox of its own and returns at once. Arguments as for mxc.spawn()."""
        if language is None and isinstance(command, str):
            language = self._language
        request = Request(command, language, input, timeout, env, cwd, grace, stdin, stdout, stderr)
        with Command(request, self._runtime) as laid_out:
            with self._handle as pointer:
                started = _core.made("mxc_process", lib.mxc_pool_spawn, pointer, laid_out.struct)
            return Process(started, command, merged=laid_out.take_merged())

    def run(self, command: Code, *, language: str | None = None, input: Input = None,
            timeout: float | str | None = None, env: Mapping[str, str] | None = None,
            cwd: str | os.PathLike[str] | None = None, grace: float | str | None = None,
            check: bool = False) -> Result:
        """Runs a command in a sandbox of its own and waits for it. Arguments as for mxc.run()."""
        return _ended(self.spawn(command, language=language, input=input, timeout=timeout, env=env, cwd=cwd,
                                 grace=grace), check)

    def run_code(self, code: str, language: str | None = None, **options: Unpack[RunOptions]) -> Result:
        """Runs source text and waits for it: "python", "bash" or "node"; default the pool's. Options as for run()."""
        return self.run(code, language=language, **options)

    @property
    def stats(self) -> PoolStats:
        """Counted when asked."""
        with self._handle as pointer:
            return PoolStats(*(int(lib.mxc_pool_count(pointer, counter)) for counter in (
                lib.MXC_POOL_READY, lib.MXC_POOL_WANTED, lib.MXC_POOL_TAKEN, lib.MXC_POOL_COLD, lib.MXC_POOL_FAILED,
                lib.MXC_POOL_DROPPED)))

    @property
    def closed(self) -> bool:
        return self._handle.closed

    def close(self) -> None:
        """Ends the sandboxes that wait, and waits until nothing is left of them. May be called again."""
        self._handle.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<mxc.Pool {'closed' if self.closed else 'open'}>"


class _Interpreter:
    """The interpreter of a pool as the fields of `mxc_pool_options`, and what they point to."""

    def __init__(self, language: str | None, preload: Iterable[str], fresh: str | None,
                 runtime: _runtime.Runtime) -> None:
        if isinstance(preload, str):
            raise TypeError("preload must be a list of names of modules, not str")
        self._language = None if language is None else ffi.new("char[]", _core.utf8(language, "language"))
        self._fresh = None if fresh is None else ffi.new("char[]", _core.utf8(fresh, "fresh"))
        self._preload = _core.Strings(_core.utf8(name, "a module to preload") for name in preload)
        own = runtime if language == "python" else _runtime.Runtime(None, [], {})
        self._path = None if own.interpreter is None else ffi.new("char[]", os.fsencode(own.interpreter))
        self._env = _core.Strings(_core.environment(own.env))

    def put_into(self, sizes: Any) -> None:
        sizes.language = self._language or ffi.NULL
        sizes.interpreter = self._path or ffi.NULL
        sizes.preload = self._preload.array
        sizes.env = self._env.array
        sizes.fresh = self._fresh or ffi.NULL


def _at_least_one(value: int, what: str) -> int:
    if _units.count(value, what) == 0:  # the default to the library
        raise ValueError(f"{what} must be at least 1")
    return value
