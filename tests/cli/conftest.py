"""The program under test: $MXC_PROGRAM, or bin/mxc of $MXC_BUILD."""
import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MXC = os.environ.get("MXC_PROGRAM") or os.path.join(os.environ.get("MXC_BUILD", ROOT / "build"), "bin", "mxc")
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "TERM": "xterm"}


def call(*words, stdin=None, cwd=None, **options):
    """Runs mxc to its end; stdout and stderr are text."""
    given = {"input": stdin} if stdin is not None else {"stdin": subprocess.DEVNULL}
    return subprocess.run([MXC, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd, text=True,
                          errors="surrogateescape", env=ENVIRONMENT, timeout=60, **given, **options)


@pytest.fixture(scope="session")
def wall():
    """Skips where the host cannot have a sandbox at all; a broken mxc must fail instead."""
    features = json.loads(call("doctor", "--json").stdout)["features"]
    for feature in features:
        if feature["name"] in ("user-namespaces", "mount-api") and not feature["available"]:
            pytest.skip(feature["name"])


@pytest.fixture
def place(tmp_path):
    """A workspace of its own; readable for the workload whatever the umask was."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder
