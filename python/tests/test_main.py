"""`python -m mxc`: the mxc command, the same one, without a program beside the package."""
import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

import mxc

PACKAGES = os.pathsep.join([str(pathlib.Path(mxc.__file__).parents[1]), *(p for p in sys.path if "site-packages" in p)])


def command(*words, **options):
    return subprocess.run([sys.executable, "-m", "mxc", *words], capture_output=True, timeout=60,
                          env={**os.environ, "PYTHONPATH": PACKAGES}, **{"stdin": subprocess.DEVNULL, **options})


def test_run(workspace):
    done = command("run", "--", "sh", "-c", "echo out; echo err >&2; exit 3", cwd=workspace)
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")
    assert command("run", "--", "cat", cwd=workspace, stdin=None, input=b"given").stdout == b"given"
    assert command("run", "--timeout", "300ms", "--", "sleep", "60", cwd=workspace).returncode == 124


def test_json(workspace):
    done = command("run", "--json", "--", "echo", "x", cwd=workspace)
    assert json.loads(done.stdout)["exitCode"] == 0


def test_the_other_commands(tmp_path):
    assert command("--version").stdout == f"mxc {mxc.version()}\n".encode()
    assert b"user-namespaces" in command("doctor").stdout
    assert command("explain", "--ro", "/usr", cwd=tmp_path).returncode == 0
    (tmp_path / "policy.json").write_text('{"limits": {"processes": "many"}}')
    wrong = command("policy", "check", str(tmp_path / "policy.json"))
    assert wrong.returncode != 0 and b"/limits/processes" in wrong.stdout + wrong.stderr


def test_it_is_the_program(tmp_path):
    program = pathlib.Path(mxc.__file__).parents[2] / "bin/mxc"
    if not program.exists():
        pytest.skip("no program mxc beside this package")
    for words in (["--help"], ["run", "--help"], ["no-such-word"], ["run"], ["policy", "preset", "strict"]):
        theirs = subprocess.run([program, *words], capture_output=True, stdin=subprocess.DEVNULL, cwd=tmp_path)
        ours = command(*words, cwd=tmp_path)
        assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


def test_signals_are_those_of_a_program(workspace, marker):
    status = command("run", "--", "grep", "SigIgn", "/proc/self/status", cwd=workspace).stdout
    assert status == b"SigIgn:\t0000000000000000\n"  # Python itself ignores two
    with subprocess.Popen([sys.executable, "-m", "mxc", "run", "--", "sleep", marker.seconds], cwd=workspace,
                          env={**os.environ, "PYTHONPATH": PACKAGES}) as caller:
        assert marker.becomes(2, within=10)  # the caller has the word too
        caller.send_signal(signal.SIGINT)
        assert caller.wait(10) == -signal.SIGINT
    assert marker.becomes(0)


def test_output_that_nobody_reads(workspace):
    line = f"{sys.executable} -m mxc run -- seq 1000000 | head -n 1"
    done = subprocess.run(["sh", "-c", line], capture_output=True, cwd=workspace, timeout=60,
                          env={**os.environ, "PYTHONPATH": PACKAGES})
    assert (done.stdout, done.stderr) == (b"1\n", b"")
