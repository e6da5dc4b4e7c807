"""The lists of names: what the description says, the library says; what it does not know keeps its number."""
import ctypes
import json
import os
import pathlib
import re

import pytest

from conftest import ROOT

DESCRIPTION = json.loads((ROOT / "bindings/mxc.json").read_text())
BUILD = pathlib.Path(os.environ.get("MXC_BUILD", ROOT / "build"))
NAMED = [name for name in DESCRIPTION["enums"] if f"{name}_name" in DESCRIPTION["functions"]]


@pytest.fixture(scope="module")
def library():
    return ctypes.CDLL(str(BUILD / "lib/libmxc.so.0"))


def test_the_lists_have_names():
    assert NAMED == ["mxc_connection_outcome", "mxc_limit", "mxc_mechanism", "mxc_status"]


@pytest.mark.parametrize("enum", NAMED)
def test_the_library_names_them_as_described(library, enum):
    name_of = getattr(library, f"{enum}_name")
    name_of.restype, name_of.argtypes = ctypes.c_char_p, [ctypes.c_int32]
    values = {item["value"]: item["text"] for item in DESCRIPTION["enums"][enum]}
    assert len(set(values.values())) == len(values)
    for number in range(min(values) - 3, max(values) + 4):
        assert name_of(number).decode() == values.get(number, "unknown"), number
    for number in (-4711, 4711, -2**31, 2**31 - 1):
        assert name_of(number) == b"unknown"


def test_receipts_use_every_mechanism_and_no_other():
    """Over the golden receipts, which are what the backends say; tests/plan/golden.c looks at each of them."""
    used = set()
    for path in (ROOT / "tests/plan/cases").glob("*/expected.receipt"):
        for line in json.loads(path.read_text()):
            used |= set(line["mechanism"])
    listed = {item["text"] for item in DESCRIPTION["enums"]["mxc_mechanism"]}
    assert used - listed == set(), "add these to the MXC_MECHANISM_ list of mxc.h"
    assert listed - used == set(), "no golden case has these in its receipt"


def test_no_mechanism_is_only_in_the_source():
    listed = {item["text"] for item in DESCRIPTION["enums"]["mxc_mechanism"]}
    for path in (ROOT / "core/src/backend").rglob("*.c"):
        for names in re.findall(r'\.mechanism = (?:[^",;]*\? )?"([^"]*)"(?: : "([^"]*)")?', path.read_text()):
            said = {name for text in names for name in text.split(", ") if name}
            assert said <= listed, f"{path.name} names {sorted(said - listed)}"
