"""Sizes and durations as people write them: 512M, 1G, 30s, 500ms."""
from __future__ import annotations

import math
import re

_SIZES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_TIMES = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
_MOST = (1 << 64) - 1


def _number(value: object, what: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{what} must be a number or str, not {type(value).__name__}")
    if value < 0 or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError(f"{what} must be a finite number, not negative: {value!r}")


def _in_range(value: int, what: str) -> int:
    if value > _MOST:
        raise ValueError(f"{what} is too large: {value}")
    return value


def size(value: int | str, what: str) -> int:
    """Bytes: an int, or "512M" with K, M, G or T (powers of 1024; "MiB" is the same as "M")."""
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]{1,20}(?:\.[0-9]{1,20})?)\s*([KMGT]?)(?:iB)?", value.strip(), re.IGNORECASE | re.ASCII)
        if not match:
            raise ValueError(f"{what}: {value!r} is no size; write bytes, or 64K, 512M, 1.5G")
        return _in_range(int(float(match[1]) * _SIZES[match[2].upper()]) if "." in match[1]
                         else int(match[1]) * _SIZES[match[2].upper()], what)
    return count(value, what)


def count(value: int, what: str) -> int:
    """A whole number, not negative."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what} must be int, not {type(value).__name__}")
    _number(value, what)
    return _in_range(value, what)


def milliseconds(value: float | str, what: str) -> int:
    """A duration: seconds as a number, or "500ms", "30s", "2m", "1h". More than nothing is at least 1 ms."""
    if isinstance(value, str):
        match = re.fullmatch(r"([0-9]{1,20}(?:\.[0-9]{1,20})?)\s*(ms|s|m|h)?", value.strip(), re.ASCII)
        if not match:
            raise ValueError(f"{what}: {value!r} is no duration; write seconds, or 500ms, 30s, 2m, 1h")
        exact = float(match[1]) * _TIMES[match[2] or "s"]
    else:
        _number(value, what)
        exact = value * 1000
    return _in_range(math.ceil(round(exact, 6)) if exact else 0, what)


def deadline(value: float | str, what: str) -> int:
    """A duration in milliseconds that must be longer than nothing: 0 means "no limit" to the library."""
    result = milliseconds(value, what)
    if not result:
        raise ValueError(f"{what} must be more than 0; leave it out for no limit")
    return result


def millicpus(value: float, what: str) -> int:
    """Processors, 1.5 for one and a half, as thousandths."""
    _number(value, what)
    result = _in_range(round(value * 1000), what)
    if not result:
        raise ValueError(f"{what} must be at least 0.001")
    return result
