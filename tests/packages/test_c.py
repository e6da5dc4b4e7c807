#!/usr/bin/env python3
"""The C package as its user has it: installed, moved, and used from an empty folder by CMake, by pkg-config and by hand;
the examples and the program of docs/c.md built against it and run."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ground as grounds  # noqa: E402
from ground import BUILD, ROOT, VERSION, Ground  # noqa: E402

CONSUMER = ROOT / "tests" / "packages" / "consumer"
DATA = ROOT / "examples" / "data" / "seattle-weather-hourly-normals.csv"
FILES = {
    "bin/mxc", "include/mxc/mxc.h", "lib/libmxc.a", "lib/libmxc.so", "lib/libmxc.so.0",
    f"lib/libmxc.so.{VERSION}", "lib/pkgconfig/mxc.pc", "lib/cmake/mxc/mxcConfig.cmake",
    "lib/cmake/mxc/mxcConfigVersion.cmake", "lib/cmake/mxc/mxcTargets.cmake", "share/doc/mxc/LICENSE",
    "share/doc/mxc/NOTICE", "share/doc/mxc/bom.cdx.json", "share/man/man1/mxc.1", "share/man/man1/mxc-run.1",
    "share/bash-completion/completions/mxc", "share/zsh/site-functions/_mxc",
    "share/fish/vendor_completions.d/mxc.fish",
}


def install(ground):
    """Installed below a DESTDIR, then copied to where it is used: the tree must not know its place."""
    stage = ground.folder / "stage"
    subprocess.run(["cmake", "--install", BUILD, "--prefix", "/opt/mxc", "--strip"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "DESTDIR": str(stage)})
    prefix = ground.take(stage / "opt" / "mxc", "moved")
    shutil.rmtree(stage)
    return prefix


def compile_with(ground, prefix, source, program, static=False):
    """cc with what pkg-config says; gives the program."""
    packages = ["mxc"] + (["jansson"] if "jansson.h" in pathlib.Path(ground.folder / source).read_text() else [])
    asked = ground.run(["pkg-config", *(["--static"] if static else []), "--cflags", "--libs", *packages],
                       PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig"))
    ground.run(["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", *(["-static"] if static else []), source,
                *asked.stdout.split(), "-o", program])
    return ground.folder / program


def test_files(role):
    with Ground("files", role) as ground:
        prefix = install(ground)
        found = {str(path.relative_to(prefix)) for path in prefix.rglob("*") if not path.is_dir()}
        assert FILES <= found, f"not installed: {sorted(FILES - found)}"
        others = {path for path in found - FILES if not re.fullmatch(r"share/man/man1/mxc-[a-z-]+\.1", path)}
        assert not others, f"installed as well: {sorted(others)}"
        for path in found:
            assert os.fsencode(ROOT) not in (prefix / path).read_bytes(), f"{path} names the folder it was built in"
        needed = ground.run(["objdump", "-p", prefix / "lib" / "libmxc.so.0"]).stdout
        assert set(re.findall(r"NEEDED +(\S+)", needed)) <= {"libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
        ground.run([prefix / "bin" / "mxc", "run", "--", "true"])


def test_find_package(role):
    with Ground("cmake", role) as ground:
        prefix = install(ground)
        source = ground.take(CONSUMER)
        ground.run(["cmake", "-S", source, "-B", "out", f"-DCMAKE_PREFIX_PATH={prefix}"])
        ground.run(["cmake", "--build", "out"])
        for program in ("hello_shared", "hello_static", "hello_cxx"):
            ground.says_hello([ground.folder / "out" / program])
        linked = ground.run(["ldd", ground.folder / "out" / "hello_static"]).stdout
        assert "libmxc" not in linked and str(prefix) in ground.run(["ldd", ground.folder / "out" / "hello_shared"]).stdout


def test_pkg_config(role):
    with Ground("pkgconfig", role) as ground:
        prefix = install(ground)
        ground.take(CONSUMER / "hello.c")
        shared = compile_with(ground, prefix, "hello.c", "shared")
        ground.says_hello([shared], LD_LIBRARY_PATH=str(prefix / "lib"))
        static = compile_with(ground, prefix, "hello.c", "static", static=True)
        ground.says_hello([static])
        assert ground.run(["pkg-config", "--modversion", "mxc"],
                          PKG_CONFIG_PATH=str(prefix / "lib" / "pkgconfig")).stdout.strip() == VERSION


def test_examples(role):
    with Ground("examples", role) as ground:
        prefix = install(ground)
        library = str(prefix / "lib")
        for source in [*(ROOT / "examples").glob("*.c"), *(ROOT / "examples" / "agent-loop").glob("*/*.c"), DATA,
                       ROOT / "examples" / "agent-loop" / "script.json"]:
            ground.take(source)
        run = compile_with(ground, prefix, "run.c", "run")
        printed = ground.run([run, "echo", "from the package"], LD_LIBRARY_PATH=library).stdout
        assert printed.startswith("from the package\nexit code 0"), printed
        loop = compile_with(ground, prefix, "agent_loop.c", "agent_loop")
        printed = ground.run([loop, "script.json", DATA.name], LD_LIBRARY_PATH=library).stdout
        assert printed.splitlines()[-1].startswith("ANSWER: in July it is warmest at 16:00"), printed[-400:]


def test_the_program_of_the_docs(role):
    blocks = re.findall(r"^```c\n(.*?)^```$", (ROOT / "docs" / "c.md").read_text(), re.M | re.S)
    programs = [block for block in blocks if "int main(" in block]
    assert len(programs) == 1
    with Ground("docs", role) as ground:
        prefix = install(ground)
        ground.write("program.c", programs[0])
        numbers = ground.write("numbers.txt", "40\n2\n")
        program = compile_with(ground, prefix, "program.c", "program")
        printed = ground.run([program, numbers], LD_LIBRARY_PATH=str(prefix / "lib")).stdout
        assert printed.startswith("exit code 1\n42\n") and "Network is unreachable" in printed, printed


if __name__ == "__main__":
    sys.exit(grounds.main([test_files, test_find_package, test_pkg_config, test_examples, test_the_program_of_the_docs]))
