#!/usr/bin/env python3
"""The ABI gate, `make abi`: nothing that a program was compiled with may change or go.

bindings/abi.py [--build build]       checks the header and build/lib/libmxc.so.0 against the baseline in core/abi
bindings/abi.py --write-baseline      makes them the baseline; refused when anything but an addition is in it

The baseline is released.json (the description then), libmxc-<machine>.abi (what abidw read from the debug
information then) and suppressions.abignore (what may change).
"""
import argparse
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

import append_only
import describe

ROOT = describe.HERE.parent
ABI = ROOT / "core/abi"
SKIPPED = 77
REMEDY = "if it is a mistake, undo it; nothing that was released may change, only grow"


def baseline_file(folder):
    return folder / f"libmxc-{platform.machine()}.abi"


# ---- the header

def check_clean(header):
    """C99 and C++11 without a warning, and no header but these two."""
    for name in re.findall(r"^\s*#\s*include\s*<([^>]+)>", header.read_text(encoding="utf-8"), re.M):
        if name not in ("stddef.h", "stdint.h"):
            yield f"mxc.h includes <{name}>; stddef.h and stdint.h are all it may"
    for compiler, standard, language in (("gcc", "c99", "c"), ("g++", "c++11", "c++")):
        if not shutil.which(compiler):
            continue
        command = [compiler, f"-std={standard}", "-x", language, "-pedantic-errors", "-Wall", "-Wextra", "-Werror",
                   "-fsyntax-only", "-"]
        done = subprocess.run(command, input=f'#include "{header}"\n', capture_output=True, text=True)
        if done.returncode:
            first = next((line for line in done.stderr.splitlines() if "error:" in line), done.stderr.strip())
            yield f"mxc.h is not clean {standard}: {first}"


# ---- header = map = what is exported

def map_names(text):
    exported = text.split("local:")[0].partition("global:")[2]
    return set(re.findall(r"(\w+);", exported))


def exported(library):
    done = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True)
    names = {line.split()[-1].split("@")[0] for line in done.stdout.splitlines()}
    return names - {"MXC_0"}


def check_names(description, version_script, library):
    declared, listed, actual = set(description["functions"]), map_names(version_script), exported(library)
    for name in sorted(declared ^ listed):
        yield f"{name} is in {'mxc.h' if name in declared else 'libmxc.map'} only; run `make bindings`"
    for name in sorted(listed - actual):
        yield f"libmxc.so does not export {name}, which the header declares; define it in core/src/api"
    for name in sorted(actual - listed):
        yield f"libmxc.so exports {name}, which the header does not declare"


# ---- debug information against the baseline

def has_debug_info(library):
    done = subprocess.run(["readelf", "-S", "-W", library], capture_output=True, text=True, check=True)
    return ".debug_info" in done.stdout


def write_abi(library, header, output):
    """What the debug information says of the types in the public header, and of no others."""
    subprocess.run(["abidw", "--headers-dir", header.parent, "--drop-private-types", "--exported-interfaces-only",
                    "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--type-id-style", "hash",
                    "--out-file", output, library], check=True)


GROWN = """
[suppress_type]
  label = the caller's struct_size says how much of it there is
  type_kind = struct
  name = {name}
  accessed_through = pointer
  has_data_member_inserted_at = end
"""


def suppressions(folder, grown):
    """The committed ones, and one for each struct that has more fields than the baseline."""
    committed = (folder / "suppressions.abignore").read_text(encoding="utf-8")
    return committed + "".join(GROWN.format(name=name) for name in grown)


def check_library(library, header, baseline, allowed):
    """abidiff of the library against the baseline; added functions are no finding."""
    if not has_debug_info(library):
        # abidiff would compare names only and find nothing
        return [f"{library.name} was built without -g: its types cannot be compared"]
    with tempfile.TemporaryDirectory() as folder:
        # not the library itself with --headers-dir: abidiff takes types without a location for private ones
        now = pathlib.Path(folder) / f"{library.name}.abi"
        write_abi(library, header, now)
        rules = pathlib.Path(folder) / "suppressions.abignore"
        rules.write_text(allowed, encoding="utf-8")
        done = subprocess.run(["abidiff", "--no-added-syms", "--suppressions", rules, baseline, now],
                              capture_output=True, text=True)
    if done.returncode == 0:
        return []
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return [f"abidiff (status {done.returncode}) finds a difference to {baseline.name}:"] + \
           [f"    {line}" for line in lines[:60]]


# ---- the gate

def check(header, version_script, library, folder):
    """Every problem, as text. `folder` holds the baseline."""
    description, problems = describe.describe(header)
    problems += check_clean(header)
    released = json.loads((folder / "released.json").read_text(encoding="utf-8"))
    problems += append_only.breaks(released, description)
    problems += check_names(description, version_script, library)
    if baseline_file(folder).exists():
        allowed = suppressions(folder, append_only.grown(released, description))
        problems += check_library(library, header, baseline_file(folder), allowed)
    return problems


def write_baseline(header, library, folder):
    if not has_debug_info(library):
        raise SystemExit(f"{library.name} was built without -g: there is nothing to remember")
    description, problems = describe.describe(header)
    if problems:
        raise SystemExit("\n".join(problems))
    # the words are no part of the ABI: a better comment must not change the baseline
    (folder / "released.json").write_text(describe.text_of(append_only.essence(description)), encoding="utf-8")
    write_abi(library, header, baseline_file(folder))


def needed(library):
    """What is missing for the gate, or nothing."""
    missing = [name for name in ("swig", "clang", "abidiff", "abidw", "readelf", "nm") if not shutil.which(name)]
    if not library.exists():
        missing.append("a built libmxc.so.0")
    if not missing and not baseline_file(ABI).exists():
        print(f"no {baseline_file(ABI).name}: types are compared by the description alone on this machine")
    return missing


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    parser.add_argument("--write-baseline", action="store_true")
    args = parser.parse_args()
    library = args.build / "lib/libmxc.so.0"
    missing = needed(library)
    if missing:
        print(f"skipped, needs {', '.join(missing)}")
        return SKIPPED
    version_script = (ABI / "libmxc.map").read_text(encoding="utf-8")
    problems = check(describe.HEADER, version_script, library, ABI) if (ABI / "released.json").exists() else []
    if problems:
        print("\n".join([*problems, REMEDY]))
        return 1
    if args.write_baseline:
        write_baseline(describe.HEADER, library, ABI)
        print("core/abi has the baseline of this header and library")
        return 0
    print(f"{len(map_names(version_script))} functions, as in the baseline or added")
    return 0


if __name__ == "__main__":
    sys.exit(main())
