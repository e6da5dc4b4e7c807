#!/usr/bin/env python3
"""Runs the rows as root and as an ordinary user (where root started it), through the command line.

    run_rows.py [--role root|user] [--only ID]...

Each row prints `ok ID (role)` or its faults; the last line is `N passed, N failed, N skipped`."""
import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import traceback

import walls
from rows import ROWS

FEWEST = 50  # rows of the first set; fewer means that some were lost


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


def here(args):
    """The rows in this process, in the role that it has."""
    count = {"ok": 0, "FAILED": 0, "SKIP": 0}
    for row in ROWS:
        if walls.ROLE not in row.roles or (args.only and row.id not in args.only):
            continue
        try:
            faults, word, why = walls.run_row(row, args.base), "ok", ""
        except walls.Skip as skip:
            faults, word, why = [], "SKIP", f": {skip}"
        except Exception:
            faults, word, why = ["the test failed: " + traceback.format_exc()], "FAILED", ""
        word = "FAILED" if faults else word
        count[word] += 1
        print(f"{word} {row.id} ({walls.ROLE}) {row.title}{why}" if word != "SKIP" else f"SKIP {row.id}-{walls.ROLE}{why}",
              flush=True)
        for fault in faults:
            print(f"    {fault}", flush=True)
    print(f"counted {count['ok']} {count['FAILED']} {count['SKIP']}", flush=True)
    return 1 if count["FAILED"] else 0


def drive(args):
    roles = ["root", "user"] if os.geteuid() == 0 else ["user"]
    total = [0, 0, 0]
    for role in [args.role] if args.role else roles:
        base = make_base(role)
        line = [sys.executable, __file__, "--base", str(base), *[w for one in args.only for w in ("--only", one)]]
        if role == "user" and os.geteuid() == 0:
            line = ["setpriv", f"--reuid={walls.USER}", f"--regid={walls.USER}", "--clear-groups", "--", *line]
        env = dict(os.environ, MXC_BUILD=str(walls.BUILD), PYTHONDONTWRITEBYTECODE="1")
        done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                              text=True)
        shutil.rmtree(base, ignore_errors=True)
        rows = done.stdout.splitlines()
        print("\n".join(row for row in rows if not row.startswith("counted ")))
        counts = [row for row in rows if row.startswith("counted ")]
        total = [a + int(b) for a, b in zip(total, counts[-1].split()[1:])] if counts else [total[0], total[1] + 1, total[2]]
    return total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", choices=["root", "user"])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--base", type=pathlib.Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.base:
        return here(args)
    ids = [row.id for row in ROWS]
    assert len(set(ids)) == len(ids) >= FEWEST, f"{len(ids)} rows"
    passed, failed, skipped = drive(args)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
