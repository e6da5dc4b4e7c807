#!/usr/bin/env python3
"""Runs the rows as root and as an ordinary user (where root started it), through the command line, and compares what
the two saw inside.

    run_rows.py [--role root|user] [--only ID]... [--report FILE]

Each row prints `ok ID (role)` or its faults; the last line is `N passed, N failed, N skipped`. --report writes
docs/attack-coverage.md (make attack-coverage)."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

import coverage
import same
import walls


def make_base(role):
    top = walls.BUILD / "walls"
    top.mkdir(parents=True, exist_ok=True)
    base = pathlib.Path(tempfile.mkdtemp(prefix=f"as-{role}-", dir=top))
    base.chmod(0o755)
    (base / "bin").mkdir()
    probe = base / "bin" / "mxc-testprobe"
    shutil.copy(walls.BUILD / "libexec" / "mxc-testprobe", probe)
    probe.chmod(0o755)
    (base / "c").mkdir()
    if os.geteuid() == 0:
        suid = shutil.copy(probe, base / "bin" / "suid-probe")
        os.chown(suid, 0, walls.USER)  # nobody else may run it
        os.chmod(suid, 0o4750)
        if role == "user":
            os.chown(base / "c", walls.USER, walls.USER)
    return base


def one(row, base):
    """What came of a row: {"word", "faults", "why", "seen"}."""
    faults, seen, word, why = [], [], "ok", ""
    try:
        faults, seen = walls.run_row(row, base)
    except walls.Skip as skip:
        word, why = "SKIP", str(skip)
    except Exception:
        faults = ["the test failed: " + traceback.format_exc()]
    return {"word": "FAILED" if faults else word, "faults": faults, "why": why, "seen": seen}


def here(args):
    """The rows in this process, in the role that it has."""
    results = {}
    for row in coverage.load_rows():
        if walls.ROLE not in row.roles or (args.only and row.id not in args.only):
            continue
        began = time.monotonic()
        done = results[row.id] = one(row, args.base)
        took = time.monotonic() - began
        slow = f" [{took:.1f} s]" if took > 2 else ""
        print(f"SKIP {row.id}-{walls.ROLE}: {done['why']}" if done["word"] == "SKIP"
              else f"{done['word']} {row.id} ({walls.ROLE}) {row.title}{slow}", flush=True)
        for fault in done["faults"]:
            print(f"    {fault}", flush=True)
    (args.base / "c" / "results.json").write_text(json.dumps(results))
    return 1 if any(done["faults"] for done in results.values()) else 0


def command_as(role, script, base, only):
    """The command line of a script for one role, and its environment."""
    line = [sys.executable, script, "--base", str(base), *[word for one_id in only for word in ("--only", one_id)]]
    if role == "user" and os.geteuid() == 0:
        line = ["setpriv", f"--reuid={walls.USER}", f"--regid={walls.USER}", "--clear-groups", "--", *line]
    return line, dict(os.environ, MXC_BUILD=str(walls.BUILD), PYTHONDONTWRITEBYTECODE="1")


def roles_of(args):
    return [args.role] if args.role else ["root", "user"] if os.geteuid() == 0 else ["user"]


def run_as(role, args):
    """The results of a role, by id."""
    base = make_base(role)
    line, env = command_as(role, __file__, base, args.only)
    began = time.monotonic()
    subprocess.run(line, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, env=env)
    print(f"{role}: {time.monotonic() - began:.0f} s", flush=True)
    try:
        return json.loads((base / "c" / "results.json").read_text())
    except OSError:
        return {"all": {"word": "FAILED", "faults": ["no results"], "why": "", "seen": []}}
    finally:
        subprocess.run(["rm", "-rf", base])


def in_roles(script, args, count):
    """For scripts with tests of their own: each role in turn; their exit status is how many failed."""
    failed = 0
    for role in roles_of(args):
        base = make_base(role)
        line, env = command_as(role, script, base, args.only)
        status = subprocess.run(line, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, env=env).returncode
        failed += status if 0 <= status <= count else count
        subprocess.run(["rm", "-rf", base])
    print(f"{count * len(roles_of(args)) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", choices=["root", "user"])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--base", type=pathlib.Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.base:
        return here(args)
    roles = roles_of(args)
    # both at once: most of a row is waiting
    with concurrent.futures.ThreadPoolExecutor() as pool:
        results = dict(zip(roles, pool.map(lambda role: run_as(role, args), roles)))
    words = [done["word"] for role in roles for done in results[role].values()]
    differences = same.differences(results["root"], results["user"]) if len(roles) == 2 else []
    for line in differences:
        print(f"FAILED same-as-root-and-user {line}")
    failed = words.count("FAILED") + len(differences)
    if args.report:
        coverage.write_report(args.report, results)
    print(f"{words.count('ok')} passed, {failed} failed, {words.count('SKIP')} skipped")
    return 1 if failed or "ok" not in words else 0


if __name__ == "__main__":
    sys.exit(main())
