"""Fixtures of the Python tests. They run against the package in the build tree, as root and as an ordinary user."""
import gc
import itertools
import os
import pathlib
import subprocess
import sys
import time

import pytest

import mxc
from drivers import DRIVERS

_markers = itertools.count(os.getpid() * 1000)


def _command_lines():
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                yield (folder / "cmdline").read_bytes()
            except OSError:  # it has just ended
                pass


def _descriptors():
    found = []
    for number in sorted(os.listdir("/proc/self/fd"), key=int):
        try:
            found.append(f"{number} {os.readlink(f'/proc/self/fd/{number}')}")
        except FileNotFoundError:  # the folder that was listed
            pass
    return found


class Marker:
    """An argument that no other process has: `sleep <marker>` is found on the host by it."""

    def __init__(self):
        self.seconds = f"{next(_markers)}.5"

    def count(self):
        wanted = self.seconds.encode()
        return sum(wanted in line.split(b"\0") for line in _command_lines())

    def becomes(self, number, within=3.0):
        """Waits until there are so many of these processes."""
        limit = time.monotonic() + within
        while time.monotonic() < limit:
            if self.count() == number:
                return True
            time.sleep(0.02)
        return False


@pytest.fixture
def marker():
    return Marker()


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


@pytest.fixture
def policy(workspace):
    return mxc.Policy.preset("workspace", workspace)


@pytest.fixture
def sandbox(policy):
    with mxc.Sandbox(policy) as opened:
        yield opened


@pytest.fixture
def no_new_descriptors(policy):
    """Exactly what was open before is open afterwards. The library keeps the pidfd of a one-shot's keeper until a later
    start or close reaps it, so an open sandbox is closed before counting: that reaps all keepers that have ended."""
    def counted():
        with mxc.Sandbox(policy):
            gc.collect()
        return _descriptors()
    mxc.run(["true"], policy)  # opens what stays open: the image of the keeper
    time.sleep(0.5)  # keepers of earlier tests end
    before = counted()
    yield
    after, limit = counted(), time.monotonic() + 3
    while len(after) != len(before) and time.monotonic() < limit:
        time.sleep(0.05)
        after = counted()
    assert len(after) == len(before), f"{before} became {after}"


@pytest.fixture
def program(tmp_path):
    """Runs a Python program of its own that uses mxc, and gives what it printed."""
    def run(source, *, python=sys.executable, env=None, cwd=tmp_path):
        path = tmp_path / "program.py"
        path.write_text(source)
        packages = [str(pathlib.Path(mxc.__file__).parents[1]), *(item for item in sys.path if "site-packages" in item)]
        done = subprocess.run([python, "-W", "error", path], capture_output=True, text=True, timeout=60, cwd=cwd,
                              stdin=subprocess.DEVNULL,
                              env={**os.environ, "PYTHONPATH": os.pathsep.join(packages), **(env or {})})
        assert done.returncode == 0, done.stderr
        return done.stdout
    return run


@pytest.fixture(params=DRIVERS)
def driver(request):
    try:
        return DRIVERS[request.param]()
    except ImportError as missing:
        pytest.skip(f"no {missing.name} here")


@pytest.fixture
def every_udp_port():
    """A policy that no wall can hold."""
    return {"network": {"egress": {"allow": [{"to": [{"host": "example.org"}], "ports": [{"protocol": "udp"}]}]}}}
