"""Looking before running: what this host can do, and what a policy will come to here."""
from __future__ import annotations

import json
from typing import Any

from . import _core, _runtime
from ._native import lib
from .policy import PolicyLike, policy_of


def version() -> str:
    """The version of the library, "major.minor.patch"."""
    return _core.text(lib.mxc_version())


def doctor() -> dict[str, Any]:
    """What this host can do: {"features": [{"name", "available", "detail", "remedy"}, ...], ...}. Starts nothing."""
    result: dict[str, Any] = json.loads(_core.made_text(lib.mxc_probe))
    return result


def explain(policy: PolicyLike = None) -> list[dict[str, Any]]:
    """The receipt beforehand: for every item of the policy, what would enforce it here. Fails as a start would.

    As for `Sandbox`, this includes the library tree of the calling Python.
    """
    options = _core.Options(_runtime.python().paths)
    text = _core.made_text(lib.mxc_explain, policy_of(policy)._pointer, options.struct)
    result: list[dict[str, Any]] = json.loads(text)
    return result


def plan(policy: PolicyLike = None) -> str:
    """The plan: one operation a line, each with the item of the policy that it serves. Options as for explain()."""
    options = _core.Options(_runtime.python().paths)
    return _core.made_text(lib.mxc_plan_text, policy_of(policy)._pointer, options.struct)


def schema() -> dict[str, Any]:
    """The JSON Schema of the policy language."""
    result: dict[str, Any] = json.loads(_core.text(lib.mxc_policy_schema()))
    return result
