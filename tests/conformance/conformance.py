#!/usr/bin/env python3
"""Runs runners over the suite, as root and as an ordinary user where root started it, all at once: most of a case is
waiting.

    conformance.py RUNNER... [--tag quick] [--wrong] [--weaker] [--role root|user] [--only ID]...

RUNNER: c, pool (C, with sandboxes built ahead), cli, python, node or rust. Results: $MXC_BUILD/conformance/RUNNER-ROLE.jsonl.
With --wrong only the deliberately wrong expectations run, and it is a failure when one of them passes. With --weaker the host
forbids user namespaces and every policy takes the weaker wall; weaker.json says which cases that wall cannot meet, and such a
case must fail in the way that is said there. Ends with `N passed, N failed, N skipped`."""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from harness import cases, variants  # noqa: E402

BUILD = pathlib.Path(os.environ.get("MXC_BUILD", HERE.parent.parent / "build")).resolve()
PYTHON = os.environ.get("MXC_PYTHON", "/usr/bin/python3")
USER = 23456


def command(name, folder):
    if name in ("c", "pool"):  # the same program; in the second each run is given a sandbox that was built ahead
        return [str(BUILD / "tests" / f"conformance_{name}"), "--cases", str(folder)]
    return [PYTHON, str(HERE / f"run_{name}.py")]


def as_user():
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]


def make_base(name, role):
    """A folder that the role owns and everyone can pass. Not below /tmp, which is private inside."""
    top = BUILD / "conformance" / "run"
    top.mkdir(parents=True, exist_ok=True)
    # the same length for every runner: messages shorten long paths and count columns
    base = pathlib.Path(tempfile.mkdtemp(prefix=f"{name[:1]}-{role}-", dir=top))
    base.chmod(0o755)
    (base / "bin").mkdir()
    shutil.copy(BUILD / "libexec" / "mxc-testprobe", base / "bin" / "mxc-testprobe")
    (base / "bin" / "mxc-testprobe").chmod(0o755)
    for folder in (base / "c",):
        folder.mkdir()
        if role == "user" and os.geteuid() == 0:
            os.chown(folder, USER, USER)
    return base


def has_program(name):
    """Where a language's tools are missing there is no program, and its build test says so."""
    program = BUILD / "rust" / "debug" / "mxc-conformance"
    if name != "rust" or program.exists():
        return True
    for role in ("root", "user"):
        (BUILD / "conformance" / f"{name}-{role}.jsonl").unlink(missing_ok=True)
    print(f"SKIP {name}: needs {program}: rust/tests/run build")
    return False


def check_reachable():
    if os.geteuid() == 0:
        done = subprocess.run([*as_user(), "test", "-x", str(BUILD / "libexec" / "mxc-testprobe")])
        if done.returncode:
            sys.exit(f"conformance: an ordinary user cannot reach {BUILD}; the tree must be below readable folders")


def results_file(args, runner, role):
    part = "-wrong" if args.wrong else "-weaker" if args.weaker else "-part" if args.tag or args.only else ""
    return BUILD / "conformance" / f"{runner}-{role}{part}.jsonl"


def run_role(args, runner, role):
    base = make_base(runner, role)
    results = results_file(args, runner, role)
    results.unlink(missing_ok=True)
    out = base / "c" / "results.jsonl"
    line = [*command(runner, args.cases), "--base", str(base), "--probe", str(base / "bin" / "mxc-testprobe"),
            "--out", str(out)]
    line += ["--tag", args.tag] if args.tag else []
    line += ["--wrong"] if args.wrong else []
    line += [word for one in args.only for word in ("--only", one)]
    if role == "user" and os.geteuid() == 0:
        line = [*as_user(), *line]
    if args.weaker:
        line = [str(BUILD / "tests" / "no-userns"), "setting", "--", *line]
    # PATH: an interpreter from a home folder is not one that another user can run
    environment = dict(os.environ, MXC_BUILD=str(BUILD), MXC_CASES=str(args.cases), HOME=str(base), PYTHONDONTWRITEBYTECODE="1",
                       CALLER_TOKEN="must-not-get-in", PATH="/usr/local/bin:/usr/bin:/bin")
    done = subprocess.run(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, cwd=base, text=True)
    rows = [json.loads(row) for row in out.read_text().splitlines()] if out.exists() else []
    results.write_text("".join(json.dumps(row) + "\n" for row in rows))
    if args.weaker:
        judge_weaker(role, rows, done.stdout)
    if not args.wrong and not args.weaker or done.returncode not in (0, 1):
        print("".join(f"[{runner} {role}] {row}\n" for row in done.stdout.splitlines()), end="")
    shutil.rmtree(base, ignore_errors=True)
    return done.returncode, rows


def judge_weaker(role, rows, printed):
    """Turns the outcome of a case that the weaker wall cannot meet: it must fail, and as weaker.json says."""
    said = {}
    for line in printed.splitlines():
        if line.startswith("FAILED "):
            one, _, text = line[7:].partition(": ")
            said[one] = f"{said.get(one, '')}{text}\n"
    unmet = {one: group["says"] for group in json.loads((HERE / "weaker.json").read_text())
             for one in group["cases"] + group.get(role, [])}
    for row in rows:
        one, says = row["id"], unmet.get(row["id"])
        if says is None:
            print(f"{row['id']} ({role}): {said[one]}" if row["outcome"] == "failed" else "", end="")
        elif row["outcome"] == "passed" or row["outcome"] == "failed" and not re.search(says, said[one]):
            print(f"{one} ({role}): weaker.json says that it fails with {says!r}; it {row['outcome']}: {said.get(one, '')}")
            row["outcome"] = "failed"
        elif row["outcome"] == "failed":
            row["outcome"] = "passed"


def declared(args):
    chosen = [c for c in cases.load(args.wrong) if not args.tag or args.tag in c.get("tags", [])]
    return {c["id"]: c for c in chosen if not args.only or c["id"] in args.only}


def faults_of(args, runner, role, status, rows, wanted):
    ids = [row["id"] for row in rows]
    faults = [] if sorted(ids) == sorted(wanted) else [f"declared {len(wanted)} cases, reported {len(ids)}"]
    failed = [row["id"] for row in rows if row["outcome"] == "failed"]
    if args.wrong:
        return faults + [f"{row['id']} should have failed" for row in rows if row["outcome"] == "passed"]
    faults += [f"{one} failed" for one in failed]
    if status and not failed and not args.weaker:
        faults.append(f"the runner ended with status {status}")
    return faults + (gaps(runner, role, rows, wanted) if not args.only and not args.tag and not args.weaker else [])


def gaps(runner, role, rows, wanted):
    """Features of this machine whose cases were all skipped."""
    must = json.loads((HERE / "expected.json").read_text())["mustRun"][role][runner]
    found = []
    for feature in must:
        of_it = [row for row in rows if feature in wanted[row["id"]].get("requires", [])]
        if of_it and all(row["outcome"] == "skipped" for row in of_it):
            found.append(f"all {len(of_it)} cases that require {feature} were skipped")
    return found


def tell(args, runner, role, status, rows, wanted, count):
    """Prints what is wrong and what was skipped; adds to the counts, and is true when the runner failed."""
    faults = faults_of(args, runner, role, status, rows, wanted)
    for fault in faults:
        print(f"FAILED [{runner} {role}] {fault}")
    for row in rows:
        if row["outcome"] == "skipped":
            print(f"SKIP {runner}-{role}:{row['id']}: {row['feature']}")
        turned = {"failed": "passed", "passed": "failed"} if args.wrong else {}
        count[turned.get(row["outcome"], row["outcome"])] += 1
    return bool(faults)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("runner", choices=["c", "pool", "cli", "python", "node", "rust"], nargs="+")
    parser.add_argument("--tag")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--weaker", action="store_true")
    parser.add_argument("--role", choices=["root", "user"])
    parser.add_argument("--only", action="append", default=[])
    return parser.parse_args()


def lacks_weaker_wall():
    """What is not here: a host that can be made to forbid user namespaces, or Landlock. "" when all is there."""
    made = subprocess.run([str(BUILD / "tests" / "no-userns"), "setting", "--", str(BUILD / "bin" / "mxc"), "doctor", "--json"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if made.returncode == 77:
        return "a host without user namespaces"
    features = {one["name"]: one["available"] for one in json.loads(made.stdout)["features"]}
    return "" if features["landlock"] else "Landlock"


def main():
    args = arguments()
    check_reachable()
    lacks = args.weaker and lacks_weaker_wall()
    if lacks:
        print(f"SKIP {lacks}")
        sys.exit(77)
    args.cases = variants.folder(BUILD / "conformance" / ("weaker" if args.weaker else "slow"), args.weaker)
    runners = [runner for runner in args.runner if has_program(runner)]
    if not runners:
        sys.exit(77)
    roles = ["root", "user"] if os.geteuid() == 0 else ["user"]
    roles = [args.role] if args.role else roles
    who = [(runner, role) for runner in runners for role in roles]
    wanted = declared(args)
    count = {"passed": 0, "failed": 0, "skipped": len(args.runner) - len(runners)}
    with concurrent.futures.ThreadPoolExecutor(len(who)) as pool:
        done = list(pool.map(lambda one: run_role(args, *one), who))
    broken = sum(tell(args, *one, *of_it, wanted, count) for one, of_it in zip(who, done))
    count["failed"] = max(count["failed"], broken)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 1 if count["failed"] or not count["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
