#!/usr/bin/env python3
"""The public header, the committed version script and the exported symbols of libmxc.so say the same; the
header is clean C99 and C++11 and includes stddef.h and stdint.h only.

scripts/lint/abi.py [--build build]
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

import common

HEADER = "core/include/mxc/mxc.h"
MAP = "core/abi/libmxc.map"


def map_names(text):
    exported = text.split("local:")[0].partition("global:")[2]
    return set(re.findall(r"(\w+);", exported))


def exported(library):
    done = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, text=True, check=True)
    names = {line.split()[-1].split("@")[0] for line in done.stdout.splitlines()}
    return names - {"MXC_0"}


def compiles(findings):
    for compiler, standard, language in (("gcc", "c99", "c"), ("g++", "c++11", "c++")):
        if not shutil.which(compiler):
            continue
        command = [compiler, f"-std={standard}", "-x", language, "-pedantic-errors", "-Wall", "-Wextra", "-Werror",
                   "-fsyntax-only", "-"]
        source = f'#include "{common.ROOT / HEADER}"\n'
        done = subprocess.run(command, input=source, capture_output=True, text=True)
        if done.returncode:
            first = next((line for line in done.stderr.splitlines() if "error:" in line), done.stderr.strip())
            findings.add(HEADER, 1, f"is not clean {standard}: {first}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=common.ROOT / "build")
    library = parser.parse_args().build / "lib" / "libmxc.so"
    if not (common.ROOT / HEADER).exists():
        common.skip(HEADER)
    findings = common.Findings()
    text = common.read(HEADER)
    for header in re.findall(r"^\s*#\s*include\s*<([^>]+)>", text, re.M):
        if header not in ("stddef.h", "stdint.h"):
            findings.add(HEADER, 1, f"includes <{header}>; stddef.h and stdint.h are all it may")
    compiles(findings)
    if subprocess.run([common.ROOT / "scripts/gen-map", "--check"]).returncode:
        findings.add(MAP, 1, "is not what mxc.h says; run scripts/gen-map and commit it")
        return findings.status()
    listed = map_names(common.read(MAP))
    if not library.exists():
        return findings.status() or common.skip("a built libmxc.so")
    actual = exported(library)
    for name in sorted(listed - actual):
        findings.add(HEADER, 1, f"declares {name}, which libmxc.so does not export; define it in core/src/api")
    for name in sorted(actual - listed):
        findings.add(MAP, 1, f"libmxc.so exports {name}, which mxc.h does not declare")
    return findings.status()


sys.exit(main())
