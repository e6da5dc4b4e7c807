"""Size and offsets of the public structs are the same numbers in C, C++, Python, Rust and the Node addon."""
import json
import re
import shutil
import subprocess

import pytest

from conftest import ROOT

DESCRIPTION = json.loads((ROOT / "bindings/mxc.json").read_text())
CONSTANTS = ROOT / "node/src/generated/constants.h"
BINDINGS = ROOT / "rust/mxc-sys/src/bindings.rs"
COMPILERS = {"gcc": ["gcc", "-std=c11", "-x", "c"], "g++": ["g++", "-std=c++17", "-x", "c++"],
             "clang": ["clang", "-std=c11", "-x", "c"]}


def compile_c(compiler, text):
    command = [*COMPILERS[compiler], "-Wall", "-Wextra", "-Werror", f"-I{ROOT}/core/include", "-fsyntax-only", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_c_compiler_says_what_the_description_says(compiler):
    if not shutil.which(compiler):
        pytest.skip(compiler)
    done = compile_c(compiler, CONSTANTS.read_text())
    assert done.returncode == 0, done.stderr


def test_a_wrong_offset_does_not_compile():
    right = "offsetof(mxc_command, language) == 32"
    assert right in CONSTANTS.read_text()
    done = compile_c("gcc", CONSTANTS.read_text().replace(right, "offsetof(mxc_command, language) == 40"))
    assert done.returncode and "offsetof(mxc_command, language) == 40" in done.stderr


def test_every_field_is_asserted_in_c_and_rust():
    c, rust = CONSTANTS.read_text(), BINDINGS.read_text()
    for name, item in DESCRIPTION["structs"].items():
        assert f"sizeof({name}) == {item['size']}" in c and f"size_of::<{name}>() == {item['size']}" in rust
        for field in item["fields"]:
            assert f"offsetof({name}, {field['name']}) == {field['offset']}" in c
            assert f"offset_of!({name}, {field['name']}) == {field['offset']}" in rust


def test_cffi_says_it_too():
    from mxc._native import ffi
    for name, item in DESCRIPTION["structs"].items():
        assert ffi.sizeof(name) == item["size"]
        assert [field for field, _ in ffi.typeof(name).fields] == [field["name"] for field in item["fields"]]
        for field in item["fields"]:
            assert ffi.offsetof(name, field["name"]) == field["offset"]
            assert dict(ffi.typeof(name).fields)[field["name"]].type.cname.replace(" ", "") == \
                ffi.typeof(field["type"]).cname.replace(" ", "")


def rust(tmp_path, text):
    (tmp_path / "bindings.rs").write_text(text)
    (tmp_path / "lib.rs").write_text("#![no_std]\nmod bindings;\npub use bindings::*;\n")
    return subprocess.run(["rustc", "--edition", "2021", "--crate-type", "rlib", "--emit", "metadata", "-D", "warnings",
                           "--out-dir", tmp_path, tmp_path / "lib.rs"], capture_output=True, text=True)


def rust_version():
    """`unsafe extern` came with 1.82."""
    if not shutil.which("rustc"):
        return (0, 0)
    said = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout
    found = re.match(r"rustc (\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


@pytest.mark.skipif(rust_version() < (1, 82), reason="rustc 1.82")
def test_rust_says_it_too(tmp_path):
    text = BINDINGS.read_text()
    done = rust(tmp_path, text)
    assert done.returncode == 0, done.stderr
    wrong = rust(tmp_path, re.sub(r"(offset_of!\(mxc_command, language\) ==) 32", r"\1 40", text))
    assert wrong.returncode and "assertion failed" in wrong.stderr
