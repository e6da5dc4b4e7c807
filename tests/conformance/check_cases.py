#!/usr/bin/env python3
"""Checks the suite itself: every case fits case.schema.json, every area has its cases and one deliberately wrong
expectation, the probe knows every act that is used, and the checker finds what is broken. Prints
`N passed, N failed`."""
import copy
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import cases, match, schema  # noqa: E402

LEAST = 250
PROBE = pathlib.Path(os.environ.get("MXC_BUILD", "build")) / "libexec" / "mxc-testprobe"


def acts_of(case):
    runs = [case.get("run", {}), *(step.get("run", step.get("command", {})) for step in case.get("steps", []))]
    for run in runs:
        argv = run.get("argv", [])
        if argv[:1] == ["${PROBE}"]:
            yield argv[1]
            yield from (argv[i + 1] for i, word in enumerate(argv) if word == "++")


def test_areas(all_cases, wrong):
    for area in cases.AREAS:
        assert [c for c in all_cases if c["id"].startswith(area + "/")], f"no case in {area}"
        assert len([c for c in wrong if c["id"].startswith(area + "/")]) == 1, f"not one wrong case in {area}"
    assert len(all_cases) >= LEAST, f"only {len(all_cases)} cases"
    titles = [c["title"] for c in all_cases]
    assert len(set(titles)) == len(titles), "two cases of one title"


def test_acts(all_cases, wrong):
    listed = subprocess.run([PROBE, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    known = {line.split()[0] for line in listed.splitlines()}
    used = {act for case in all_cases + wrong for act in acts_of(case)}
    assert used <= known, f"acts that the probe does not have: {sorted(used - known)}"


def test_schema_finds_faults(all_cases, _wrong):
    rules = cases.read_json(cases.FOLDER / "case.schema.json")
    good = next(c for c in all_cases if "run" in c and "exitCode" in c.get("expect", {}))
    assert not schema.faults(good, rules, rules)
    for change in (lambda c: c.update(extra=1), lambda c: c["run"].update(shell=True), lambda c: c.pop("why"),
                   lambda c: c["expect"].update(exitCode="0"), lambda c: c["expect"].pop("exitCode"),
                   lambda c: c.update(policyText="{}"), lambda c: c.update(id="Nowhere/1")):
        broken = copy.deepcopy(good)
        change(broken)
        assert schema.faults(broken, rules, rules), f"not noticed: {broken}"


def test_patterns(_all_cases, _wrong):
    yes = [({"a": 1, "b": 2}, {"a": 1}), ([1, 2], [1, 2]), (["x", "y"], {"$contains": ["x"]}), (5, {"$max": 5}),
           ("abc", {"$starts": "ab"}), (3, {"$any": [2, 3]}), ({"l": ["ab"]}, {"l": {"$lacks": ["zz"]}})]
    no = [({"a": 1}, {"a": 2}), ({}, {"a": None}), ([1], [1, 2]), (True, 1), (6, {"$max": 5}), (["x"], {"$lacks": ["x"]}),
          (None, {"$contains": ["x"]}), ("5", {"$min": 1}), (7, {"$min": 1, "$max": 6})]
    for actual, pattern in yes:
        assert match.matches(actual, pattern), (actual, pattern)
    for actual, pattern in no:
        assert not match.matches(actual, pattern), (actual, pattern)


def test_placeholders(_all_cases, _wrong):
    assert cases.fill(["${WORK}/a", {"${BIN}": 1}], {"WORK": "/w", "BIN": "/b"}) == ["/w/a", {"/b": 1}]
    try:
        cases.fill("${NOWHERE}", {})
    except cases.CaseError:
        return
    raise AssertionError("an unknown placeholder went through")


def main():
    all_cases, wrong = cases.load(), cases.load(wrong=True)
    passed = failed = 0
    for name, test in sorted(globals().items()):
        if name.startswith("test_"):
            try:
                test(all_cases, wrong)
                passed += 1
            except AssertionError as error:
                failed += 1
                print(f"FAILED {name}: {error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
