#!/usr/bin/env python3
"""Takes each safety line of lines.py out in turn, builds that, and runs the tests that must notice.

mutations.py [--only TEXT]... [--part 1/4]     all, or those whose id has TEXT, or a part of them
mutations.py --write FILE                      the table of all that was last found out (docs/mutations.md); runs nothing
mutations.py --check                           only: every text to be replaced is found exactly once

Works on a copy of the tree, build/mutations/tree, so that the tree itself is never touched and a change rebuilds one
object. First the copy as it is must pass every test that is named. Ends with status 1 when a mutation survives or does
not build.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import time

from lines import MUTATIONS, UNSEEN

ROOT = pathlib.Path(__file__).resolve().parents[2]
TREE = ROOT / "build" / "mutations" / "tree"
BUILD = TREE / "build"
RESULTS = ROOT / "build" / "mutations" / "results.json"
PYTHON = ROOT / "build" / "venv" / "bin" / "python"
TARGETS = ["mxc_program_mxc", "mxc_testprobe_program", "mxc_inject", "conformance_c", "mxc_loose"]
PATIENCE = 120  # seconds for one test; a hang is a failure


# ---- the list ------------------------------------------------------------------------------------------------

def mutated(edits, root):
    """File -> its text with the edits done."""
    texts = {}
    for name, search, replacement in edits:
        name = os.path.normpath(name)
        text = texts.get(name) or (root / name).read_text()
        found = text.count(search)
        if found != 1:
            raise ValueError(f"{name}: found {found} times, not once: {search!r}")
        texts[name] = text.replace(search, replacement)
    return texts


def check():
    problems = []
    ids = [mutation.id for mutation in MUTATIONS]
    problems += [f"{id}: twice in the list" for id in sorted(set(ids)) if ids.count(id) > 1]
    for mutation in MUTATIONS:
        try:
            mutated(mutation.edits, ROOT)
        except (OSError, ValueError) as error:
            problems.append(f"{mutation.id}: {error}")
        if not mutation.tests:
            problems.append(f"{mutation.id}: names no test")
    for line in problems:
        print(f"FAIL {line}")
    print(f"{len(MUTATIONS) - len(problems)} passed, {len(problems)} failed")
    return 1 if problems else 0


# ---- the copy ------------------------------------------------------------------------------------------------

def refresh():
    """Makes the copy what the tree is; files that did not change keep their times, so that little is built."""
    listed = subprocess.run(["git", "-C", ROOT, "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", "-z"],
                            capture_output=True, text=True, check=True).stdout
    wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    for name in sorted(wanted):
        source, target = ROOT / name, TREE / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    for path in TREE.rglob("*"):
        if path.is_file() and BUILD not in path.parents and str(path.relative_to(TREE)) not in wanted:
            path.unlink()
    BUILD.mkdir(parents=True, exist_ok=True)
    for installed in ("build/venv", "node/node_modules"):  # by scripts/setup, in no commit
        if not (TREE / installed).exists():
            (TREE / installed).symlink_to(ROOT / installed)


def ninja(*targets):
    """None, or the end of what the build said."""
    env = {key: value for key, value in os.environ.items() if key != "MXC_BUILD_DIR"}
    done = subprocess.run([TREE / "scripts/build", "default", "--quiet", *targets], cwd=TREE, env=env, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return None if done.returncode == 0 else "\n".join(done.stdout.splitlines()[-12:])


def command_of(test):
    kind, _, name = test.partition(" ")
    if kind == "row":
        return [PYTHON, TREE / "tests/walls/run_rows.py", "--only", name]
    if kind == "conf":
        return [PYTHON, TREE / "tests/conformance/conformance.py", "c", "--only", name]
    return ["ctest", "--test-dir", BUILD, "-R", f"^{name}$", "--output-on-failure", "--no-tests=error"]


def targets_of(tests):
    """What is built for these tests besides the programs that all use."""
    known = subprocess.run(["ninja", "-C", BUILD, "-t", "targets", "all"], capture_output=True, text=True).stdout
    names = [f"test_{test.partition(' ')[2]}" for test in tests if test.startswith("ctest ")]
    return [name for name in names if f"\n{name}: phony" in known]


def run(test):
    """None, or in a few words how it failed."""
    env = dict(os.environ, MXC_BUILD=str(BUILD), MXC_SOURCE=str(TREE), MXC_PYTHON=str(PYTHON), PYTHONDONTWRITEBYTECODE="1")
    process = subprocess.Popen(command_of(test), cwd=TREE, env=env, text=True, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        said = process.communicate(timeout=PATIENCE)[0]
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"did not end within {PATIENCE} s"
    if process.returncode == 0 and " 0 passed" not in f" {said.splitlines()[-1] if said else ''}":
        return None
    return first_words(said)


def first_words(said):
    """The line of a test's output that says what was wrong."""
    lines = [line.strip() for line in said.splitlines()]
    for line, after in zip(lines, lines[1:]):
        if re.match(r"FAILED [\w-]+ \((root|user)\)", line):
            return f"{line.split()[1]}, {line.split()[2][1:-1]}: {after}"
    for pattern in (r"inside: ", r"without the filter: ", r"^FAIL ", r"^\[  ERROR", r"differs|is not|not as planned|on no way",
                    r"FAILED|error"):
        found = [line for line in lines if re.search(pattern, line)]
        if found:
            return found[0]
    return next(filter(None, lines), "failed")


# ---- one after another ---------------------------------------------------------------------------------------

def baseline(mutations):
    tests = sorted({test for mutation in mutations for test in mutation.tests})
    say(f"the tree as it is: building, then {len(tests)} tests")
    problem = ninja(*TARGETS) or ninja(*targets_of(tests), "all")
    if problem:
        return [f"the tree does not build:\n{problem}"]
    problems = []
    for test in tests:
        failure = run(test)
        if failure:
            problems.append(f"{test} fails without any mutation: {failure}")
    return problems


def clear_away():
    """A mutation may leave keepers running, which a whole one never does: those of the copy are known by their folder."""
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(entry / "cwd") == str(TREE) and (entry / "comm").read_text() == "mxc-keeper\n":
                os.kill(int(entry.name), signal.SIGKILL)
        except OSError:
            pass  # it has ended, or is somebody else's


def judge(mutation):
    """(verdict, by which test, in which words)"""
    texts = mutated(mutation.edits, TREE)
    before = {name: (TREE / name).read_text() for name in texts}
    try:
        for name, text in texts.items():
            (TREE / name).write_text(text)
        problem = ninja(*TARGETS, *targets_of(mutation.tests))
        if problem:
            return "DOES NOT BUILD", "", problem
        for test in mutation.tests:
            failure = run(test)
            if failure and run(test):  # twice: a test that fails now and then notices nothing
                return "noticed", test, failure
        return "SURVIVED", "", ""
    finally:
        clear_away()
        for name, text in before.items():
            (TREE / name).write_text(text)


BEGAN = time.monotonic()


def say(text):
    print(f"[{time.monotonic() - BEGAN:5.0f} s] {text}", flush=True)


def keep(mutation, verdict, test, words):
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    words = words.splitlines()[-1].strip() if words else ""
    known[mutation.id] = [verdict, test, words.replace(str(TREE), "").replace(str(ROOT), "")]
    RESULTS.write_text(json.dumps(known, indent=1))


def write_table(path):
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    missing = [mutation.id for mutation in MUTATIONS if mutation.id not in known]
    if missing:
        print(f"not run yet: {' '.join(missing)}")
        return 1
    noticed = sum(known[mutation.id][0] == "noticed" for mutation in MUTATIONS)
    who = "root and an ordinary user" if os.geteuid() == 0 else "an ordinary user"
    lines = ["# Mutation check", "",
             "Each safety line of the walls is taken out in turn (`tests/mutations/lines.py`), and at least one test must then fail. A",
             "start that init's own verification refuses is a failing test too. Written by `make test-mutations`; a quick test sees that",
             "every line of the list is still in the sources.", "",
             f"{datetime.date.today()}, Linux {platform.release()}, as {who}: {noticed} of {len(MUTATIONS)} noticed.", "",
             "| line | what it is for | noticed by | which says |", "| --- | --- | --- | --- |"]
    for mutation in MUTATIONS:
        verdict, test, words = known[mutation.id]
        words = words.replace("|", "\\|").replace("`", "'")[:100]
        lines.append(f"| {mutation.id} | {mutation.what} | {test or verdict} | {f'`{words}`' if words else ''} |")
    lines += ["", "Not in the list, because nothing can show their loss alone:", "", *[f"- {line}" for line in UNSEEN]]
    path.write_text("\n".join(lines) + "\n")
    return 0


def chosen(options):
    mutations = [m for m in MUTATIONS if not options.only or any(text in m.id for text in options.only)]
    part, parts = (int(number) for number in options.part.split("/"))
    return mutations[len(mutations) * (part - 1) // parts:len(mutations) * part // parts]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    if options.check:
        return check()
    if options.write:
        return write_table(options.write)
    mutations = chosen(options)
    refresh()
    problems = baseline(mutations)
    noticed = 0
    for number, mutation in enumerate([] if problems else mutations, 1):
        verdict, test, words = judge(mutation)
        keep(mutation, verdict, test, words)
        left = (time.monotonic() - BEGAN) / number * (len(mutations) - number)
        say(f"{number}/{len(mutations)} {mutation.id}: {verdict} {test}: {words[:400]} (about {left:.0f} s to go)")
        noticed += verdict == "noticed"
        if verdict != "noticed":
            problems.append(f"{mutation.id}: {verdict}")
    for line in problems:
        print(f"FAIL {line}")
    print(f"{noticed} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
