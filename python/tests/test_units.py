"""Sizes and durations as people write them."""
import pytest

from mxc import _units


@pytest.mark.parametrize("written, number", [
    (0, 0), (1, 1), (1 << 40, 1 << 40), ("0", 0), ("10", 10), ("1K", 1024), ("512M", 512 << 20), ("512m", 512 << 20),
    ("1G", 1 << 30), ("2T", 2 << 40), ("1.5G", 3 << 29), (" 64 K ", 65536), ("3GiB", 3 << 30), ("3MiB", 3 << 20),
])
def test_size(written, number):
    assert _units.size(written, "memory") == number


@pytest.mark.parametrize("written", ["", "M", "1X", "1MB", "-1", "1e3", "0x10", "1 2", "١M", -1, 1 << 64, "99999999999T"])
def test_wrong_size(written):
    with pytest.raises(ValueError, match="memory"):
        _units.size(written, "memory")


@pytest.mark.parametrize("written", [1.0, True, None, b"1", [1]])
def test_size_of_wrong_type(written):
    with pytest.raises(TypeError, match="memory"):
        _units.size(written, "memory")


@pytest.mark.parametrize("written, number", [
    (1, 1000), (0.5, 500), (30, 30_000), (0, 0), (0.0001, 1), (0.1, 100), (1.001, 1001), ("30", 30_000),
    ("30s", 30_000), ("500ms", 500), ("2m", 120_000), ("1h", 3_600_000), ("1.5s", 1500), (" 5 s ", 5000),
])
def test_milliseconds(written, number):
    assert _units.milliseconds(written, "timeout") == number


@pytest.mark.parametrize("written", ["", "s", "5d", "-1s", "1e3", -1, -0.1, float("nan"), float("inf"), 10**400])
def test_wrong_duration(written):
    with pytest.raises(ValueError, match="timeout"):
        _units.milliseconds(written, "timeout")


@pytest.mark.parametrize("written", [True, None, b"1", [1]])
def test_duration_of_wrong_type(written):
    with pytest.raises(TypeError, match="timeout"):
        _units.milliseconds(written, "timeout")


@pytest.mark.parametrize("written", [0, 0.0, "0s"])
def test_a_deadline_is_more_than_nothing(written):
    with pytest.raises(ValueError, match="more than 0"):
        _units.deadline(written, "timeout")


def test_millicpus():
    assert _units.millicpus(1.5, "cpus") == 1500
    assert _units.millicpus(1, "cpus") == 1000
    for wrong in (0, 0.0001, -1, float("inf")):
        with pytest.raises(ValueError, match="cpus"):
            _units.millicpus(wrong, "cpus")
