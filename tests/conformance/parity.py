#!/usr/bin/env python3
"""Joins what the runners wrote: the same cases, the same outcomes, the same normalised records.

    parity.py [--report FILE.md] [--if-there RUNNER]... FOLDER RUNNER...

FOLDER has RUNNER-ROLE.jsonl; a runner that is --if-there may have none, where its language is not installed. A case that one runner skips for a feature of its own (expected.json says which) is
compared among the others. Prints a table in Markdown and ends with `N passed, N failed, N skipped`."""
import argparse
import json
import pathlib
import re
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
MARK = {"passed": "ok", "failed": "**failed**", "skipped": "-"}


def read(path):
    rows = [json.loads(row) for row in path.read_text().splitlines()]
    found = {row["id"]: row for row in rows}
    if len(found) != len(rows):
        raise SystemExit(f"{path}: an id twice")
    return found


def differences(rows):
    """Keys in which the records of one case differ, with the values."""
    (first, base), *others = rows.items()
    found = []
    for name, row in others:
        found += compare(base["record"], row["record"], f"{first} / {name}")
    return found


def without_stages(shape):
    """Which stages of a start there are depends on how far it got and what was done ahead."""
    return re.sub(r"timingsMs:\{(\w+:\{[^{}]*\} ?)*\}", "timingsMs:{}", shape) if isinstance(shape, str) else shape


def compare(a, b, names, where=""):
    if where == "/json":
        a, b = without_stages(a), without_stages(b)
    if isinstance(a, dict) and isinstance(b, dict):
        # a runner whose package prints no JSON has no shape of it
        a, b = ({key: value for key, value in one.items() if key != "json" or "json" in other}
                for one, other in ((a, b), (b, a)))
        return [d for key in sorted(set(a) | set(b)) for d in compare(a.get(key), b.get(key), names, f"{where}/{key}")]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b) and where == "":
        return [d for i, (x, y) in enumerate(zip(a, b)) for d in compare(x, y, names, f"/{i}")]
    return [] if a == b else [f"{names}: {where}: {json.dumps(a)} / {json.dumps(b)}"]


def judge(case_id, rows, own_gaps):
    """(outcome, remarks) of one case over all runners."""
    remarks = [f"{name} does not have this case" for name, row in rows.items() if row is None]
    there = {name: row for name, row in rows.items() if row}
    ran = {name: row for name, row in there.items() if row["outcome"] != "skipped"}
    if not ran:
        return ("failed" if remarks else "skipped"), remarks
    for name, row in there.items():
        if row["outcome"] == "skipped" and row["feature"] not in own_gaps.get(name, []):
            remarks.append(f"{name} skips it for {row['feature']}, others do not")
        if row["outcome"] == "failed":
            remarks.append(f"{name}: " + "; ".join(row["faults"])[:300])
    comparable = {name: row for name, row in ran.items() if row["record"] is not None}
    remarks += differences(comparable) if len(comparable) > 1 else []
    return ("failed" if remarks else "passed"), remarks


def table(role, ids, results, outcomes):
    names = list(results)
    rows = [f"### As {role}", "", "| case | " + " | ".join(names) + " | parity |", "|---" * (len(names) + 2) + "|"]
    for case_id in ids:
        cells = []
        for name in names:
            row = results[name].get(case_id)
            cells.append("absent" if row is None else MARK[row["outcome"]] +
                         (f" ({row['feature']})" if row["outcome"] == "skipped" else ""))
        rows.append(f"| {case_id} | " + " | ".join(cells) + f" | {MARK[outcomes[case_id][0]]} |")
    return rows + [""]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("runners", nargs="+")
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--if-there", action="append", default=[])
    args = parser.parse_args()
    own_gaps = json.loads((FOLDER / "expected.json").read_text())["ownGaps"]
    args.runners += [name for name in args.if_there if (args.folder / f"{name}-user.jsonl").exists()]
    count, report = {"passed": 0, "failed": 0, "skipped": 0}, ["# Conformance", ""]
    for role in ("root", "user"):
        files = {name: args.folder / f"{name}-{role}.jsonl" for name in args.runners}
        there = [name for name, path in files.items() if path.exists()]
        if not there:
            continue
        results = {name: read(path) if path.exists() else {} for name, path in files.items()}
        ids = sorted({case_id for rows in results.values() for case_id in rows})
        outcomes = {i: judge(i, {name: rows.get(i) for name, rows in results.items()}, own_gaps) for i in ids}
        report += table(role, ids, results, outcomes)
        for case_id, (outcome, remarks) in outcomes.items():
            count[outcome] += 1
            for remark in remarks:
                print(f"FAILED {role} {case_id}: {remark}")
    if args.report:
        args.report.write_text("\n".join(report))
    else:
        print("\n".join(report))
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
