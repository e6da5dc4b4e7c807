#!/usr/bin/env python3
"""The index of attacks (attacks.tsv) against the rows that there are: each id has rows, or another test of the
project, or a reason why it cannot apply. Run as a test it checks that and docs/attack-coverage.md; run_rows.py
--report writes that page from a run.

    coverage.py        the last line is `N passed, N failed, 0 skipped`
    coverage.py rows   only the list and the rows, says nothing but faults: a part of the build"""
import importlib
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PAGE = HERE.parent.parent / "docs" / "attack-coverage.md"
KINDS = ("rows", "test", "accepted", "other wall", "not offered", "open")
LETTERS = {"F": 40, "P": 17, "K": 17, "N": 26, "I": 10, "T": 7, "A": 14, "D": 18, "S": 17}
HEAD = """# Attacks and what comes of them

Made by `make attack-coverage` from one run; do not edit. Each attack is tried inside, as an ordinary user and as root, after the same
acts without a sandbox have succeeded; files of the host that must not change are compared byte for byte, with mode, owner, times and link
count. `tests/walls` has the rows, `tests/walls/attacks.tsv` is the list.

Beside it `walls_supervisor` attacks keeper and init (descriptors, floods, kills at any moment, many starts) and `walls_races` exchanges names
while sandboxes start, run and end. Longer by hand, as root: `MXC_FUZZ_CALLS=1000000` for row K16, `MXC_RUNS=10000 supervisor.py`,
`MXC_RACE_MS=60000 races.py` (in `tests/walls`, with `MXC_BUILD=build` and `build/venv/bin/python`).

"""


def index():
    """[{"id", "title", "expected", "kind", "detail"}] in the order of the file."""
    lines = (HERE / "attacks.tsv").read_text().splitlines()
    keys = lines[0].split("\t")
    return [dict(zip(keys, line.split("\t"), strict=True)) for line in lines[1:]]


def load_rows():
    """The rows of all rows_*.py here."""
    rows = []
    for path in sorted(HERE.glob("rows_*.py")):
        rows += importlib.import_module(path.stem).ROWS
    return rows


def known_tests():
    """Names of the tests that CTest knows; None where it cannot be asked."""
    shown = subprocess.run(["ctest", "--test-dir", os.environ.get("MXC_BUILD", "build"), "--show-only=json-v1"],
                           capture_output=True, text=True)
    try:
        return {test["name"] for test in json.loads(shown.stdout)["tests"]}
    except (ValueError, KeyError):
        return None


def index_faults(entries):
    """What is wrong with the list itself."""
    ids = [entry["id"] for entry in entries]
    wanted = [f"{letter}{number}" for letter, last in LETTERS.items() for number in range(1, last + 1)]
    faults = [f"{one} is not in the list" for one in wanted if one not in ids]
    faults += [f"{one} is in the list twice, or is no attack" for one in set(ids) if ids.count(one) > 1 or one not in wanted]
    faults += [f"{entry['id']}: kind {entry['kind']!r}" for entry in entries if entry["kind"] not in KINDS]
    return faults


def row_faults(entries, rows, tests):
    """Attacks without rows, rows without an attack, tests that do not exist."""
    # rows called M- belong to single lines of the walls: tests/mutations/lines.py is their list
    have = {row.id.partition(".")[0] for row in rows if not row.id.startswith("M-")}
    faults = [f"row {one} is not in the list" for one in sorted(have - {entry["id"] for entry in entries})]
    for entry in entries:
        if (entry["kind"] == "rows") != (entry["id"] in have):
            faults.append(f"{entry['id']}: is {entry['kind']!r} in the list, {'has' if entry['id'] in have else 'has no'} rows")
        if entry["kind"] != "rows" and not entry["detail"]:
            faults.append(f"{entry['id']}: no reason")
        if entry["kind"] == "test" and tests is not None:
            faults += [f"{entry['id']}: there is no test {name}" for name in entry["detail"].split() if name not in tests]
    names = [row.id for row in rows]
    return faults + [f"two rows are called {one}" for one in set(names) if names.count(one) > 1]


def state(entry, role, results):
    """One cell: what came of the rows of an attack in a role."""
    if entry["kind"] != "rows":
        return "-"
    words = {done["word"]: done["why"] for name, done in results.get(role, {}).items()
             if name.partition(".")[0] == entry["id"]}
    if "FAILED" in words:
        return "**fails**"
    if "SKIP" in words:
        return f"skipped: {words['SKIP']}"
    return "stands" if words else "not this role"


def cell(text):
    return text.replace("|", "\\|")


def table_line(entry, results):
    how = {"rows": "`walls_process`", "test": " ".join(f"`{name}`" for name in entry["detail"].split())}
    how = how.get(entry["kind"], f"{entry['kind']}: {cell(entry['detail'])}")
    left = f"| {entry['id']} | {cell(entry['title'])} | {cell(entry['expected'])} | {how} |"
    return f"{left} {state(entry, 'user', results)} | {state(entry, 'root', results)} |"


def write_report(path, results):
    entries = index()
    count = {kind: sum(entry["kind"] == kind for entry in entries) for kind in KINDS}
    head = HEAD + "".join(f"- {count[kind]} {words}\n" for kind, words in (
        ("rows", "attacks have rows of their own"), ("test", "are shown by another test of the project"),
        ("accepted", "are accepted, with the reason"), ("not offered", "attack something that mxc does not offer yet"),
        ("other wall", "belong to another wall"), ("open", "are open")) if count[kind])
    table = ["", "| attack | what is tried | what must come of it | where | user | root |", "| --- | --- | --- | --- | --- | --- |"]
    path.write_text(head + "\n".join(table + [table_line(entry, results) for entry in entries]) + "\n")


def page_faults(entries):
    """Attacks whose line on the page is missing, old, or tells of a failure."""
    lines = {line.split(" | ")[0].strip("| "): line for line in PAGE.read_text().splitlines() if line.startswith("| ")}
    faults = []
    for entry in entries:
        wanted = table_line(entry, {}).rsplit(" | ", 2)[0]
        if not lines.get(entry["id"], "").startswith(wanted):
            faults.append(f"{entry['id']}: docs/attack-coverage.md is old: make attack-coverage")
        elif "**fails**" in lines[entry["id"]]:
            faults.append(f"{entry['id']}: docs/attack-coverage.md says that it fails")
    return faults


def main():
    entries, only_rows = index(), sys.argv[1:] == ["rows"]
    faults = index_faults(entries) + row_faults(entries, load_rows(), known_tests())
    if not only_rows:
        faults += page_faults(entries)
    for fault in faults:
        print(f"FAILED {fault}")
    if not only_rows:
        print(f"{len(entries)} passed, {len(faults)} failed, 0 skipped")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
