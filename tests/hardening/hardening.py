#!/usr/bin/env python3
"""Looks at every built file that is shipped, as checksec does: position-independent, full RELRO, no executable stack,
no text relocations, no search path, no memory that is writable and executable, stack protector, FORTIFY_SOURCE, CET
where the system's start files have it. Files are found by pattern, so that a new one is looked at without a word here.
Crates ship sources; what cargo builds here are its own tools.
"""
import json
import os
import pathlib
import re
import subprocess
import sys

BUILD = pathlib.Path(os.environ["MXC_BUILD"])
SHIPPED = ["lib/libmxc.so.*.*", "bin/*", "libexec/mxc-*", "python/**/*.so", "node/**/*.node"]
NOT_SHIPPED = {"node_modules", "mxc-fake_keeper", "mxc-testprobe"}
SYSTEM = re.compile(r"(libc|libm|libdl|libpthread|libgcc_s|ld-linux[\w-]*|ld-musl[\w-]*)\.so")
MINE = re.compile(r"/core/src/|/core/cli/")


def readelf(path, *options):
    done = subprocess.run(["readelf", "-W", *options, path], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "LC_ALL": "C"})
    return done.stdout if done.returncode == 0 else ""


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def shipped():
    found = set()
    for pattern in SHIPPED:
        for path in BUILD.glob(pattern):
            if path.is_file() and not path.is_symlink() and NOT_SHIPPED.isdisjoint(path.relative_to(BUILD).parts) and \
                    path.suffix != ".debug" and is_elf(path):
                found.add(path)
    return sorted(found)


def symbols(path):
    """Of the file, or of its twin with symbols when it is stripped."""
    twin = path.with_name(path.name + ".debug")
    return readelf(twin if twin.exists() else path, "--syms", "--dyn-syms")


def marks_cet(path):
    return "IBT" in readelf(path, "--notes") and "SHSTK" in readelf(path, "--notes")


def start_files_mark_cet():
    path = subprocess.run(["gcc", "-print-file-name=crti.o"], capture_output=True, text=True).stdout.strip()
    return bool(path) and marks_cet(path)


def linking(path, segments, dynamic):
    """What the linker did, for any file."""
    static = "(NEEDED)" not in dynamic and "INTERP" not in segments
    yield "Elf file type is DYN" in segments, "it is not position-independent"
    if static or "INTERP" in segments:
        yield re.search(r"Flags:.*\bPIE\b", dynamic), "it is not a position-independent program"
    yield "GNU_RELRO" in segments, "no RELRO"
    yield re.search(r"BIND_NOW|Flags:.*\bNOW\b", dynamic), "RELRO is not full: no BIND_NOW"
    stack = re.search(r"GNU_STACK.*", segments)
    yield stack and not re.search(r"\bRWE\b", stack.group(0)), "the stack is executable"
    yield not re.search(r"LOAD.*\b(RWE|WE)\b", segments), "memory that is writable and executable"
    yield "TEXTREL" not in dynamic, "text relocations"
    yield not re.search(r"\((RPATH|RUNPATH)\)", dynamic), "a search path for libraries"
    foreign = [name for name in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic) if not SYSTEM.match(name)]
    yield not foreign, f"needs {foreign}"


def compiling(path, segments, dynamic):
    """What the compiler did."""
    names = symbols(path)
    yield "__stack_chk_fail" in names, "no stack protector"
    static = "(NEEDED)" not in dynamic and "INTERP" not in segments
    if not static:  # musl, of which the static programs are made, has none
        yield re.search(r"__\w+_chk\b", names), "no FORTIFY_SOURCE"
        yield not start_files_mark_cet() or marks_cet(path), "no CET, although the system's start files have it"


def check_commands():
    """Every source of ours is compiled with the flags; the files above only show that some are."""
    cache = (BUILD / "CMakeCache.txt").read_text()
    level = "3" if re.search(r"^MXC_HAVE_FORTIFY_3:INTERNAL=1", cache, re.M) else "2"
    x86 = os.uname().machine == "x86_64"
    wanted = ["-fstack-protector-strong", "-fstack-clash-protection", f"-D_FORTIFY_SOURCE={level}", "-fPIC",
              "-fcf-protection" if x86 else "-mbranch-protection=standard"]
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    mine = [entry for entry in entries if MINE.search(entry["file"])]
    yield len(mine) > 60, f"only {len(mine)} sources are in compile_commands.json"
    for entry in mine:
        words = entry["command"].split()
        missing = [flag for flag in wanted if flag not in words and not (flag == "-fPIC" and "-fPIE" in words)]
        yield not missing, f"{entry['file'].rpartition('/core/')[2]}: compiled without {missing}"


def main():
    files = shipped()
    checks = [("files", bool({"mxc", "mxc-keeper"} <= {path.name for path in files}), "mxc or mxc-keeper is not built")]
    for path in files:
        segments, dynamic = readelf(path, "--program-headers"), readelf(path, "--dynamic")
        name = str(path.relative_to(BUILD))
        for holds, text in [*linking(path, segments, dynamic), *compiling(path, segments, dynamic)]:
            checks.append((name, bool(holds), text))
    checks += [("flags", bool(holds), text) for holds, text in check_commands()]
    failed = [(name, text) for name, holds, text in checks if not holds]
    for name, text in failed:
        print(f"FAIL {name}: {text}")
    print("looked at " + ", ".join(str(path.relative_to(BUILD)) for path in files))
    print(f"{len(checks) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
