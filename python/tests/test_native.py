"""The raw layer against the declarations that are generated from the header (tests/bindings compares those)."""
import pathlib
import re
import subprocess

import mxc
from mxc import errors
from mxc._native import lib

PYTHON = pathlib.Path(__file__).resolve().parents[1]
CDEF = (PYTHON / "src/mxc/_cdef.h").read_text()


def test_every_declaration_is_in_the_extension():
    declared = set(re.findall(r"\b(mxc_[a-z0-9_]+)\(", CDEF)) | set(re.findall(r"\b(MXC_[A-Z0-9_]+) = ", CDEF))
    assert declared == {name for name in dir(lib) if name.lower().startswith("mxc_")}


def test_every_status_has_a_class_and_its_name():
    statuses = dict(re.findall(r"\bMXC_E_([A-Z_]+) = (-[0-9]+)", CDEF))
    assert len(statuses) == len(errors.TABLE) == len(errors.CLASSES)
    for name, number in statuses.items():
        assert errors.name_of(int(number)) == name.lower()
        assert errors.TABLE[int(number)] is errors.CLASSES[name.lower()]


def test_a_status_of_a_newer_library_keeps_its_number():
    assert errors.name_of(-4711) == "unknown"
    assert errors.Error("x", status=-4711).status == -4711


def test_every_limit_has_its_name():
    from mxc.result import LIMITS
    names = re.findall(r"\bMXC_LIMIT_([A-Z_]+) = ([0-9]+)", CDEF)
    assert LIMITS == {int(number): name.lower() for name, number in names if name != "NONE"}


def test_the_extension_needs_no_library_of_ours():
    import mxc._native
    listing = subprocess.run(["ldd", mxc._native.__file__], capture_output=True, text=True, check=True).stdout
    assert "libmxc" not in listing
    assert "seccomp" not in listing
    assert "jansson" not in listing
    assert mxc._native.__file__.endswith(".abi3.so")


def test_version():
    assert mxc.version() == mxc.__version__ == (PYTHON.parent / "VERSION").read_text().strip()
