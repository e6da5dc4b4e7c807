"""What a sandbox may do: `Policy`, immutable, and the short forms that stand for one."""
from __future__ import annotations

import json as _json
import os
from typing import Any, Iterable, Mapping, Union

from . import _core, _units
from ._native import ffi, lib

PRESETS = ("strict", "read-only", "workspace")

Paths = Iterable[Union[str, "os.PathLike[str]"]]


class Policy:
    """A policy. Nothing is allowed unless it says so; it starts from the "strict" preset.

    read, write, deny   paths that are readable, readable and writable, or hidden; absolute or relative to
                        the current folder; the most specific one wins
    allow               hosts for TCP: "HOST", "HOST:PORT", "*.SUFFIX:PORT", "CIDR", "CIDR:PORT"
    memory, output      bytes, or "512M", "1G"
    timeout, cpu_time   seconds, or "500ms", "30s", "2m"
    processes, cpus     how many (processes and threads; processors, 1.5 is one and a half)
    env                 variables, on top of the clean default
    preset              what to start from: "strict", "read-only", "workspace" (the current folder)
    json                what to start from: the JSON language, as dict or text
    """

    __slots__ = ("_pointer", "_text", "__weakref__")

    def __init__(self, *, read: Paths = (), write: Paths = (), deny: Paths = (), allow: Iterable[str] = (),
                 memory: int | str | None = None, timeout: float | str | None = None,
                 env: Mapping[str, str] | None = None, processes: int | None = None, cpus: float | None = None,
                 cpu_time: float | str | None = None, output: int | str | None = None,
                 preset: str | None = None, json: Mapping[str, Any] | str | bytes | None = None) -> None:
        if preset is not None and json is not None:
            raise ValueError("preset and json: a policy starts from one of them")
        base = ffi.NULL
        if preset is not None:
            base = ffi.gc(_raw_preset(preset, None), lib.mxc_policy_free)
        elif json is not None:
            base = ffi.gc(_raw_parsed(json), lib.mxc_policy_free)
        additions = [
            *_path_rules(read=read, write=write, deny=deny),
            *((lib.mxc_policy_builder_allow, _core.utf8(target, "allow")) for target in _listed(allow, "allow")),
            *_limits(memory=memory, timeout=timeout, processes=processes, cpus=cpus, cpu_time=cpu_time, output=output),
            *((lib.mxc_policy_builder_env, entry) for entry in _core.environment(env)),
        ]
        # as it was given when nothing is added: errors and receipts then name items by their place in `json`
        self._keep(_built(base, additions) if additions or base == ffi.NULL else base)

    def _keep(self, pointer: Any) -> None:
        self._pointer = pointer
        self._text: str | None = None

    @classmethod
    def _of(cls, pointer: Any) -> Policy:
        policy = cls.__new__(cls)
        policy._keep(ffi.gc(pointer, lib.mxc_policy_free))
        return policy

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Policy:
        """Reads a policy file; relative paths in it are taken from its folder."""
        return cls._of(_core.made("mxc_policy", lib.mxc_policy_load, _core.path(path, "path")))

    @classmethod
    def preset(cls, name: str, dir: str | os.PathLike[str] | None = None) -> Policy:
        """A preset: "strict", "read-only" (`dir` readable), "workspace" (`dir` writable); dir: the current folder."""
        return cls._of(_raw_preset(name, dir))

    @classmethod
    def from_json(cls, json: Mapping[str, Any] | str | bytes,
                  base_dir: str | os.PathLike[str] | None = None) -> Policy:
        """Reads the JSON language from a dict or text; relative paths are taken from base_dir (the current folder)."""
        return cls._of(_raw_parsed(json, base_dir))

    def to_json(self) -> str:
        """The canonical JSON: fixed order, defaults left out, absolute paths."""
        if self._text is None:
            self._text = _core.made_text(lib.mxc_policy_to_json, self._pointer)
        return self._text

    def to_dict(self) -> dict[str, Any]:
        """The canonical JSON as a dict."""
        result: dict[str, Any] = _json.loads(self.to_json())
        return result

    def __and__(self, other: Policy) -> Policy:
        """What both allow."""
        if not isinstance(other, Policy):
            return NotImplemented
        return self._of(_core.made("mxc_policy", lib.mxc_policy_intersect, self._pointer, other._pointer))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return self.to_json() == other.to_json()

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __repr__(self) -> str:
        return f"Policy(json={self.to_dict()!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Policy.from_json, (self.to_json(),)


PolicyLike = Union[Policy, Mapping[str, Any], str, "os.PathLike[str]", None]


def policy_of(value: PolicyLike) -> Policy:
    """A policy, from what a caller may give for one: a `Policy`, the JSON as a dict, the path of a file, the name of
    a preset, or None for "workspace" on the current folder."""
    if isinstance(value, Policy):
        return value
    if value is None:
        return Policy.preset("workspace")
    if isinstance(value, Mapping):
        return Policy.from_json(value)
    if isinstance(value, os.PathLike):
        return Policy.load(value)
    if not isinstance(value, str):
        raise TypeError("policy must be a Policy, a dict, a path, the name of a preset, or None, "
                        f"not {type(value).__name__}")
    if value in PRESETS:
        return Policy.preset(value)
    if value.endswith(".json") or os.sep in value:
        return Policy.load(value)
    raise ValueError(f"policy: {value!r} is neither a preset ({', '.join(PRESETS)}) nor a path "
                     "(ends in .json or contains a /); JSON text goes into Policy(json=...)")


def _listed(items: Iterable[Any], what: str) -> Iterable[Any]:
    if isinstance(items, (str, bytes, os.PathLike)):  # a str would be taken letter by letter
        raise TypeError(f"{what} must be a list, not {type(items).__name__}")
    return items


def _path_rules(**lists: Paths) -> Iterable[tuple[Any, ...]]:
    access = {"read": lib.MXC_ACCESS_READ, "write": lib.MXC_ACCESS_WRITE, "deny": lib.MXC_ACCESS_DENY}
    return [(lib.mxc_policy_builder_path, access[what], _core.path(item, what))
            for what, paths in lists.items() for item in _listed(paths, what)]


def _limits(**values: Any) -> Iterable[tuple[Any, ...]]:
    known = {
        "memory": (lib.MXC_LIMIT_MEMORY, _units.size),
        "timeout": (lib.MXC_LIMIT_WALL_TIME, _units.deadline),
        "processes": (lib.MXC_LIMIT_PROCESSES, _units.count),
        "cpus": (lib.MXC_LIMIT_CPUS, _units.millicpus),
        "cpu_time": (lib.MXC_LIMIT_CPU_TIME, _units.deadline),
        "output": (lib.MXC_LIMIT_OUTPUT, _units.size),
    }
    return [(lib.mxc_policy_builder_limit, known[what][0], known[what][1](value, what))
            for what, value in values.items() if value is not None]


def _built(base: Any, additions: Iterable[tuple[Any, ...]]) -> Any:
    builder = ffi.gc(_core.made("mxc_policy_builder", lib.mxc_policy_builder_new, base), lib.mxc_policy_builder_free)
    for function, *arguments in additions:
        _core.call(function, builder, *arguments)
    built = ffi.gc(_core.made("mxc_policy", lib.mxc_policy_builder_build, builder), lib.mxc_policy_free)
    # read back: errors and receipts then name each item by its place in to_dict()
    return ffi.gc(_raw_parsed(_core.made_text(lib.mxc_policy_to_json, built)), lib.mxc_policy_free)


def _raw_parsed(json: Mapping[str, Any] | str | bytes, base_dir: str | os.PathLike[str] | None = None) -> Any:
    if isinstance(json, Mapping):
        json = _json.dumps(dict(json), ensure_ascii=False, allow_nan=False)
    if isinstance(json, str):
        json = json.encode("utf-8")
    if not isinstance(json, bytes):
        raise TypeError(f"json must be a dict, str or bytes, not {type(json).__name__}")
    folder = ffi.NULL if base_dir is None else _core.path(base_dir, "base_dir")
    return _core.made("mxc_policy", lib.mxc_policy_parse, json, len(json), folder)


def _raw_preset(name: str, dir: str | os.PathLike[str] | None) -> Any:
    folder = ffi.NULL if dir is None else _core.path(os.path.abspath(dir), "dir")
    return _core.made("mxc_policy", lib.mxc_policy_preset, _core.utf8(name, "preset"), folder)
