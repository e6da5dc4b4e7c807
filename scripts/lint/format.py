#!/usr/bin/env python3
"""Formatting of C and C++ by clang-format 14, the one version whose output counts.

scripts/lint/format.py [--fix] [file or folder ...]     all of them unless told; --fix rewrites them
"""
import pathlib
import re
import shutil
import subprocess
import sys

import common

VERSION = "14"


def formatter():
    for name in (f"clang-format-{VERSION}", "clang-format"):
        program = shutil.which(name)
        if program:
            said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
            if re.search(rf"version {VERSION}\.", said):
                return program
    return common.skip(f"clang-format-{VERSION}")


def main():
    arguments = sys.argv[1:]
    fix = "--fix" in arguments
    wanted = [pathlib.Path(name).resolve().relative_to(common.ROOT) for name in arguments if name != "--fix"]
    paths = [path for path in common.files(".c", ".h", ".cc")
             if not wanted or any(path == want or want in path.parents for want in wanted)]
    if not paths:
        return 0
    command = [formatter(), "--style=file"]
    if fix:
        return subprocess.run([*command, "-i", *paths], cwd=common.ROOT).returncode
    done = subprocess.run([*command, "--dry-run", "--Werror", *paths], cwd=common.ROOT, capture_output=True, text=True)
    findings = common.Findings()
    seen = set()
    for name, line in re.findall(r"^(.+?):(\d+):\d+: error: ", done.stderr, re.M):
        if name not in seen:
            seen.add(name)
            findings.add(name, line, f"not formatted from here on; run scripts/lint/format.py --fix {name}")
    if done.returncode and not findings.count:
        print(done.stderr)
        return 1
    return findings.status()


sys.exit(main())
