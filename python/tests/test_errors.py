"""Exceptions: their parts, their text, and the standard ones they also are."""
import pickle
import subprocess

import pytest

import mxc
from mxc import errors


def test_text():
    error = errors.PathError("/data does not exist", status=-7, origin="/filesystem/readonlyPaths/0", hint="make it")
    assert str(error) == "path /filesystem/readonlyPaths/0: /data does not exist (hint: make it)"
    assert str(errors.PathError("it is gone", status=-7)) == "path: it is gone"


@pytest.mark.parametrize("name, standard", [
    ("command_not_found", FileNotFoundError), ("command_not_executable", PermissionError), ("no_memory", MemoryError),
    ("invalid_argument", ValueError), ("system", OSError), ("timeout", errors.WaitTimeout),
])
def test_standard_bases(name, standard):
    cls = errors.CLASSES[name]
    assert issubclass(cls, standard)
    assert issubclass(cls, mxc.Error)


def test_all_survive_pickling():
    for status, cls in errors.TABLE.items():
        error = cls("broken", status=status, operation="open", origin="/a/b", hint="mend it", errno=2)
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is cls
        assert str(copy) == str(error)
        assert (copy.status, copy.operation, copy.origin, copy.hint, copy.errno) == (status, "open", "/a/b", "mend it", 2)


def test_timeout_expired():
    error = mxc.TimeoutExpired(["sleep"], 1.5)
    assert isinstance(error, subprocess.TimeoutExpired)
    assert (error.cmd, error.timeout, error.status_name) == (["sleep"], 1.5, "timeout")
    assert "1.5 s" in str(pickle.loads(pickle.dumps(error)))


def test_from_the_library():
    with pytest.raises(mxc.PolicyError) as caught:
        mxc.Policy(json='{"limits": {"processes": "many"}}')
    error = caught.value
    assert (error.status, error.status_name, error.origin) == (-4, "policy_invalid", "/limits/processes")
    assert str(error).startswith("policy_invalid /limits/processes: ")
