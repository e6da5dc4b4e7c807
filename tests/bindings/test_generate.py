"""`make bindings` makes what is committed, and says what is different when it does not."""
import pathlib
import shutil
import subprocess

import pytest

from conftest import ROOT

GENERATE = ROOT / "bindings/generate"


def generate(*arguments):
    return subprocess.run([GENERATE, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    done = generate("--into", folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_what_is_committed_is_current(made):
    for path in sorted(made.rglob("*")):
        if path.is_file():
            committed = ROOT / path.relative_to(made)
            assert committed.exists(), f"{path.relative_to(made)} is not committed; run `make bindings`"
            assert committed.read_text() == path.read_text(), f"{path.relative_to(made)}: run `make bindings`"


def test_all_of_the_design_is_made(made):
    names = {str(path.relative_to(made)) for path in made.rglob("*") if path.is_file()}
    assert {"bindings/mxc.json", "core/abi/libmxc.map", "python/src/mxc/_cdef.h", "python/src/mxc/_native.pyi",
            "node/src/generated/constants.h", "node/src/generated/constants.ts", "node/src/generated/native.d.ts",
            "rust/mxc-sys/src/bindings.rs", "docs/reference/README.md", "docs/reference/status.md"} <= names


def test_nothing_of_the_machine_or_the_day_is_in_it(made, tmp_path):
    again = tmp_path / "again"
    assert generate("--into", again).returncode == 0
    for path in made.rglob("*"):
        if path.is_file():
            assert (again / path.relative_to(made)).read_text() == path.read_text()
            assert str(ROOT) not in path.read_text() and "0x" not in path.read_text()


def test_an_edited_file_and_a_stale_page_fail(made, tmp_path):
    copied = pathlib.Path(shutil.copytree(made, tmp_path / "copy"))
    edited = copied / "python/src/mxc/_cdef.h"
    edited.write_text(edited.read_text().replace("MXC_E_PATH = -7", "MXC_E_PATH = -70"))
    (copied / "docs/reference/gone.md").write_text("# Gone\n")
    done = generate("--check", "--into", copied)
    assert done.returncode == 1
    assert "python/src/mxc/_cdef.h: is not what mxc.h says; run `make bindings`" in done.stdout
    assert "-    MXC_E_PATH = -70," in done.stdout and "+    MXC_E_PATH = -7," in done.stdout
    assert "docs/reference/gone.md: no area of the header" in done.stdout
