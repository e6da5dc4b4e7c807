#!/usr/bin/env python3
"""No path of the machine this was written on and no package registry's host in any file."""
import re
import sys

import common

# written so that this file does not find itself
# put together from parts, so that this file does not find itself
MACHINE = re.compile("/wo" r"rk/(?:main|shared)\b|/ro" r"ot/[.](?:pyenv|cache|cargo|rustup|npm|nvm|local)\b")
REGISTRIES = ("pypi[.]org", "files[.]pythonhosted[.]org", "registry[.]npmjs[.]org", "registry[.]yarnpkg[.]com",
              "(?:static|index)[.]crates[.]io", "proxy[.]golang[.]org", "deb[.]debian[.]org",
              "(?:archive|security)[.]ubuntu[.]com", "registry-1[.]docker[.]io", "ghcr[.]io", "quay[.]io")
REGISTRY = re.compile("|".join(REGISTRIES))
BINARY = {".png", ".jpg", ".gz", ".zip", ".pdf", ".parquet", ".whl", ".tgz"}


def main():
    findings = common.Findings()
    for path in common.files():
        if path.suffix in BINARY or path.parts[:2] == ("examples", "data"):
            continue
        for number, line in enumerate(common.read(path).splitlines(), 1):
            if MACHINE.search(line) and "lint: allow(place)" not in line:
                findings.add(path, number, "path of one machine; make it relative, or find it at run time")
            if REGISTRY.search(line):
                findings.add(path, number, "package registry's host; leave it to the package manager's configuration")
    return findings.status()


sys.exit(main())
