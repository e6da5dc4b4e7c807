"""What all modules need of the C library: calls that raise, strings, and handles that can be closed.

Knows nothing of policies or processes. CFFI drops the GIL around every call.
"""
from __future__ import annotations

import os
import threading
from typing import Any, Callable, Iterable, Mapping

from . import errors
from ._native import ffi, lib

_generation = 0  # how many forks lie between the process that imported this and the current one


def _after_fork_in_child() -> None:
    global _generation
    _generation += 1


os.register_at_fork(after_in_child=_after_fork_in_child)


# ---- calls

def text(pointer: Any) -> str:
    """A borrowed string of the library."""
    return str(ffi.string(pointer).decode("utf-8", "replace"))


def _taken(status: int, pointer: Any) -> errors.Error:
    """The exception for a failed call; frees the library's error object."""
    cls = errors.TABLE.get(status, errors.Error)
    if pointer == ffi.NULL:
        return cls("the library gave no details", status=status)
    try:
        return cls(text(lib.mxc_error_message(pointer)), status=status,
                   operation=text(lib.mxc_error_operation(pointer)), origin=text(lib.mxc_error_origin(pointer)),
                   hint=text(lib.mxc_error_hint(pointer)), errno=int(lib.mxc_error_errno(pointer)))
    finally:
        lib.mxc_error_free(pointer)


def call(function: Any, *arguments: Any) -> None:
    """Calls a function whose last argument is `mxc_error **err`."""
    err = ffi.new("mxc_error **")
    status = function(*arguments, err)
    if status != lib.MXC_OK:
        raise _taken(status, err[0])


def made(kind: str, function: Any, *arguments: Any) -> Any:
    """The same for one whose first argument is `kind **out`; gives what it made."""
    out = ffi.new(kind + " **")
    call(function, out, *arguments)
    return out[0]


def made_text(function: Any, *arguments: Any) -> str:
    """The same for one that makes a string."""
    pointer = made("char", function, *arguments)
    try:
        return text(pointer)
    finally:
        lib.mxc_string_free(pointer)


# ---- strings on their way in

def _without_nul(value: bytes, what: str) -> bytes:
    if b"\0" in value:
        raise ValueError(f"{what} contains a NUL character")
    return value


def utf8(value: str, what: str) -> bytes:
    if not isinstance(value, str):
        raise TypeError(f"{what} must be str, not {type(value).__name__}")
    return _without_nul(value.encode("utf-8"), what)


def path(value: str | os.PathLike[str], what: str) -> bytes:
    """A path as the kernel takes it."""
    if isinstance(value, bytes) or not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{what} must be str or os.PathLike, not {type(value).__name__}")
    return _without_nul(os.fsencode(value), what)


def environment(variables: Mapping[str, str] | None, what: str = "env") -> list[bytes]:
    """{"NAME": "VALUE"} as "NAME=VALUE" entries."""
    if variables is None:
        return []
    if not isinstance(variables, Mapping):
        raise TypeError(f"{what} must be a dict, not {type(variables).__name__}")
    entries = []
    for name, value in variables.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"{what} must map str to str; {name!r} maps to {type(value).__name__}")
        if not name or "=" in name:
            raise ValueError(f"{what}: {name!r} is no name of a variable")
        entries.append(_without_nul(os.fsencode(f"{name}={value}"), f"{what}[{name!r}]"))
    return entries


class Strings:
    """A NULL-terminated `char *[]` and what it points to."""

    def __init__(self, items: Iterable[bytes]) -> None:
        self._items = [ffi.new("char[]", item) for item in items]
        self.array = ffi.new("char *[]", [*self._items, ffi.NULL])


class Options:
    """An `mxc_sandbox_options` with runtime paths, and the languages whose interpreters are shown."""

    def __init__(self, runtime_paths: Iterable[str], languages: Iterable[bytes] = ()) -> None:
        self._paths = Strings(os.fsencode(item) for item in runtime_paths)
        self.struct = ffi.new("mxc_sandbox_options *")
        self.struct.struct_size = ffi.sizeof("mxc_sandbox_options")
        self.struct.runtime_paths = self._paths.array
        self._languages = Strings(languages)
        self.struct.languages = self._languages.array


# ---- handles

class Handle:
    """A native object that can be closed at any time, also while other threads are in calls on it.

    `with handle as pointer:` keeps the object alive for a call. close() ends the calls of other threads
    with `stop`, waits for them and frees. A forked child has no part in its parent's handles: there they
    are closed and never freed, because freeing would end what the parent is still using.
    """

    def __init__(self, pointer: Any, free: Callable[[Any], object], stop: Callable[[Any], object], what: str) -> None:
        self._pointer = pointer
        self._free = free
        self._stop = stop
        self._what = what
        self._generation = _generation
        self._users: dict[int, int] = {}  # thread -> calls it is in
        self._closed = False
        # reentrant: a signal handler may call close() in the thread that is inside one of these blocks
        self._condition = threading.Condition(threading.RLock())

    def _foreign(self) -> bool:
        return self._generation != _generation

    @property
    def closed(self) -> bool:
        return self._closed or self._foreign()

    def __enter__(self) -> Any:
        if self._foreign():
            raise errors.closed(f"this {self._what} belongs to the parent process",
                                "open one of its own in a forked child")
        with self._condition:
            if self._closed:
                raise errors.closed(f"this {self._what} is closed")
            thread = threading.get_ident()
            self._users[thread] = self._users.get(thread, 0) + 1
            return self._pointer

    def __exit__(self, *_: object) -> None:
        if self._foreign():  # os.fork() was called inside the block
            return
        with self._condition:
            thread = threading.get_ident()
            self._users[thread] -= 1
            if not self._users[thread]:
                del self._users[thread]
        if self._closed:
            self._free_when_unused()

    def _free_when_unused(self) -> None:
        with self._condition:
            if self._users:
                return
            pointer, self._pointer = self._pointer, None
        if pointer is not None:
            self._free(pointer)
            with self._condition:
                self._free = _freed
                self._condition.notify_all()

    def close(self) -> None:
        if self._foreign():
            return
        with self._condition:
            self._closed = True
            if self._users and self._pointer is not None:
                self._stop(self._pointer)
        self._free_when_unused()
        with self._condition:
            # a caller that is itself inside a call (a signal handler) cannot wait for its end
            while self._free is not _freed and threading.get_ident() not in self._users:
                self._condition.wait()

    def __del__(self) -> None:
        try:
            if self._generation == _generation and self._pointer is not None:
                self._closed = True
                pointer, self._pointer = self._pointer, None
                self._free(pointer)
        except Exception:  # half-built, or the interpreter is going away: the host's end ends the sandbox too
            pass


def _freed(_: Any) -> None:
    """Stands where the free function was."""
