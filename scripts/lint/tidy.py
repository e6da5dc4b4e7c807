#!/usr/bin/env python3
"""The checks of .clang-tidy over core/, in parallel; a file that passed is not looked at again until it, a
header of ours or the list of checks changes.

scripts/lint/tidy.py [--build build] [file ...]
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import common

VERSION = "14"


def program():
    for name in (f"clang-tidy-{VERSION}", "clang-tidy"):
        found = shutil.which(name)
        if found and re.search(rf"version {VERSION}\.", subprocess.run([found, "--version"], capture_output=True,
                                                                       text=True).stdout):
            return found
    return common.skip(f"clang-tidy-{VERSION}")


def sources(build, wanted):
    """Files below core/ with a compile command, each once."""
    found = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if path.is_relative_to(common.ROOT / "core") and (not wanted or path in wanted):
            found.setdefault(path, entry["command"])
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, default=common.ROOT / "build")
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    if not (args.build / "compile_commands.json").exists():
        common.skip("a configured build")
    tidy = program()
    headers = hashlib.sha256((common.ROOT / ".clang-tidy").read_bytes())
    for header in common.files(".h", under=("core",)):
        headers.update((common.ROOT / header).read_bytes())
    passed = args.build / "tidy-passed"
    passed.mkdir(exist_ok=True)

    def check(path, command):
        key = headers.copy()
        key.update(command.encode() + path.read_bytes())
        mark = passed / key.hexdigest()
        if mark.exists():
            return ""
        done = subprocess.run([tidy, "-p", args.build, "--quiet", path], capture_output=True, text=True)
        if done.returncode == 0:
            mark.touch()
            return ""
        return done.stdout or done.stderr

    findings = common.Findings()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        files = sources(args.build, [path.resolve() for path in args.files])
        for path, said in zip(files, pool.map(lambda item: check(*item), files.items())):
            lines = set(re.findall(r"^(/[^:\n]+):(\d+):\d+: (?:error|warning): (.*)$", said, re.M))
            for name, line, text in sorted(lines):
                findings.add(os.path.relpath(name, common.ROOT), line, text)
            if said and not lines:
                findings.add(path.relative_to(common.ROOT), 1, f"clang-tidy failed: {said.strip().splitlines()[-1]}")
    return findings.status()


sys.exit(main())
