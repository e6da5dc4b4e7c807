#!/usr/bin/env python3
"""The list of parts: its shape as CycloneDX 1.5 has it, what it names for each kind of package, the same bytes twice."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from ground import ROOT, VERSION  # noqa: E402

KINDS = {"c": "pkg:generic/", "wheel": "pkg:pypi/", "npm": "pkg:npm/", "crate": "pkg:cargo/"}
URN = re.compile(r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
LICENCES = {"libseccomp": "LGPL-2.1-only", "jansson": "MIT"}


def written(folder, kind, *more):
    path = pathlib.Path(folder) / f"{kind}.json"
    subprocess.run([ROOT / "scripts" / "sbom", kind, path, *more], check=True)
    return path.read_text()


def check_component(one):
    assert set(one) >= {"type", "name", "version", "bom-ref", "licenses", "purl"}, one
    assert one["type"] == "library" and re.match(r"\d+\.\d+", one["version"]), one
    assert all(set(choice) == {"license"} and choice["license"]["id"] for choice in one["licenses"]), one
    assert re.fullmatch(r"pkg:[a-z]+/[a-z0-9-]+@[\w.]+", one["purl"]), one


def check_document(text, kind):
    bom = json.loads(text)
    assert set(bom) == {"bomFormat", "specVersion", "serialNumber", "version", "metadata", "components", "dependencies"}
    assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.5", 1)
    assert URN.fullmatch(bom["serialNumber"])
    itself = bom["metadata"]["component"]
    for one in [itself, *bom["components"]]:
        check_component(one)
    assert (itself["name"], itself["version"], itself["licenses"]) == ("mxc", VERSION, [{"license": {"id": "Apache-2.0"}}])
    assert itself["purl"] == f"{KINDS[kind]}mxc@{VERSION}"
    refs = [one["bom-ref"] for one in [itself, *bom["components"]]]
    assert len(set(refs)) == len(refs) and {one["ref"] for one in bom["dependencies"]} == set(refs)
    assert all(set(one["dependsOn"]) <= set(refs) for one in bom["dependencies"])
    return {one["name"]: one["licenses"][0]["license"]["id"] for one in bom["components"]}


def main():
    with tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:
            text = written(folder, kind)
            named = check_document(text, kind)
            assert LICENCES.items() <= named.items() and {"musl", "glibc"} & set(named), named
            assert written(folder, kind) == text, "another text the second time"
        named = check_document(written(folder, "npm", "--part", "addon=1.2.3=MIT"), "npm")
        assert named["addon"] == "MIT"
    notice = (ROOT / "NOTICE").read_text()
    assert all(name in notice for name in named if name not in ("addon", "glibc")), "NOTICE lacks a part"
    print(f"{len(KINDS) + 1} passed, 0 failed")


main()
