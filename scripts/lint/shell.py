#!/usr/bin/env python3
"""shellcheck over every shell script."""
import re
import shutil
import subprocess
import sys

import common


def main():
    if not shutil.which("shellcheck"):
        common.skip("shellcheck")
    scripts = [path for path in common.files()
               if path.suffix in ("", ".sh", ".bash") and re.match(r"#!.*\b(ba|da)?sh\b", common.read(path)[:80])]
    if not scripts:
        return 0
    return subprocess.run(["shellcheck", "--format=gcc", "--severity=warning", *scripts], cwd=common.ROOT).returncode


sys.exit(main())
