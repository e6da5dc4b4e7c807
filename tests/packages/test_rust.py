#!/usr/bin/env python3
"""The crates as their user has them: in a folder of crates that stands for the registry, used by a program that names
them by version, built from an empty folder; also against an installed libmxc.so."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "rust" / "tests"))
import ground as grounds  # noqa: E402
from ground import BUILD, ROOT, VERSION, Ground, Skip  # noqa: E402
import toolchain  # noqa: E402
from test_c import install  # noqa: E402

PACKAGES = [BUILD / "packages" / f"{name}-{VERSION}.crate" for name in ("mxc-sys", "mxc")]
CONSUMER = ROOT / "tests" / "packages" / "consumer" / "hello.rs"
MANIFEST = """[package]
name = "hello"
version = "1.0.0"
edition = "2021"

[dependencies]
mxc = {{ version = "{version}", features = [{features}] }}
"""
SOURCES = '[source.crates-io]\nreplace-with = "here"\n\n[source.here]\ndirectory = "crates"\n'


def real_cargo():
    """Not the front of rustup, which looks for things in the caller's home."""
    program = toolchain.cargo()
    if program is None:
        raise Skip(f"cargo {'.'.join(map(str, toolchain.oldest()))} or newer")
    rustc = toolchain.environment(program).get("RUSTC") or os.path.join(os.path.dirname(program), "rustc")
    root = subprocess.run([rustc, "--print", "sysroot"], capture_output=True, text=True, check=True).stdout.strip()
    beside = os.path.join(root, "bin", "cargo")
    return (beside, os.path.join(root, "bin", "rustc")) if os.path.exists(beside) else (program, rustc)


class Crates(Ground):
    """A ground with a program that uses the crates."""

    def __init__(self, name, role, *features):
        super().__init__(name, role)
        self.cargo, self.rustc = real_cargo()
        if self.run(["test", "-x", self.cargo], status=None).returncode:
            raise Skip(f"a cargo that an ordinary user can reach, {self.cargo} is not one")
        for package in PACKAGES:
            with tarfile.open(package) as archive:
                archive.extractall(self.folder / "crates")
            # what a registry's copy has; without a list of files nothing is compared
            self.write(f"crates/{package.stem}/.cargo-checksum.json", json.dumps({"files": {}}))
        self.write(".cargo/config.toml", SOURCES)
        quoted = ", ".join(f'"{name}"' for name in features)
        self.write("Cargo.toml", MANIFEST.format(version=VERSION, features=quoted))
        self.write("src/main.rs", CONSUMER.read_text())

    def build(self, *before, status=0, **environment):
        return self.run([*before, self.cargo, "build", "--offline"], status=status, timeout=300,
                        **{"RUSTC": self.rustc, "CARGO_TERM_COLOR": "never", **environment})


def test_what_is_in_them(role):
    if role == "root" and os.geteuid() == 0:
        for package in PACKAGES:
            grounds.light(package)
    for package in PACKAGES:
        with tarfile.open(package) as archive:
            names = {name.split("/", 1)[1] for name in archive.getnames()}
        wanted = {"LICENSE", "NOTICE", "README.md", "bom.cdx.json", "Cargo.toml"}
        assert wanted <= names, f"{package.name} lacks {sorted(wanted - names)}"
        assert not [name for name in names if re.search(r"(^|/)(tests|target|build-.*)/", name)], sorted(names)


def test_hello(role):
    with Crates("crate", role) as ground:
        ground.build()
        program = ground.folder / "target" / "debug" / "hello"
        ground.says_hello([program])
        # nothing has to be found at run time
        needed = ground.run(["objdump", "-p", program]).stdout
        libraries = set(re.findall(r"NEEDED +(\S+)", needed))
        assert not [name for name in libraries if re.search("mxc|seccomp|jansson", name)], libraries


def test_what_is_missing_is_named(role):
    with Crates("crate-bare", role) as ground:
        tools = ground.folder / "tools"
        tools.mkdir()
        for name in ("cc", "ld", "as"):
            (tools / name).symlink_to(f"/usr/bin/{name}")
        said = ground.build("env", f"PATH={tools}", status=101).stderr
        assert "apt-get install cmake" in said and "make or ninja" in said, said[-2000:]


def test_an_installed_library(role):
    with Crates("crate-system", role, "system") as ground:
        said = ground.build(status=101, PKG_CONFIG_PATH="/nowhere", PKG_CONFIG_LIBDIR="/nowhere").stderr
        assert "no installed libmxc was found" in said and "PKG_CONFIG_PATH" in said, said[-2000:]
        prefix = install(ground)
        ground.build(PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig"))
        program = ground.folder / "target" / "debug" / "hello"
        assert "libmxc.so.0" in ground.run(["objdump", "-p", program]).stdout
        ground.says_hello([program], LD_LIBRARY_PATH=str(prefix / "lib"))


def main():
    made = subprocess.run([ROOT / "rust" / "package"], stdout=subprocess.PIPE, text=True)
    if made.returncode:
        print(made.stdout)
        return made.returncode
    return grounds.main([test_what_is_in_them, test_hello, test_what_is_missing_is_named, test_an_installed_library])


if __name__ == "__main__":
    sys.exit(main())
