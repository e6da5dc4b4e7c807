#!/usr/bin/env python3
"""Runs every agent loop that is built and compares its answer with one computed here, without a sandbox. A loop whose
language is not built is left out by name. Ends with `N passed, N failed, N skipped`; status 77 when there is none."""
import csv
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("MXC_BUILD", HERE.parents[1] / "build")).resolve()
PYTHON = os.environ.get("MXC_PYTHON", sys.executable)
DATA = HERE.parent / "data" / "seattle-weather-hourly-normals.csv"


def built_by_cargo(name):
    """A program or an example of a workspace that is built in the folder rust of the build."""
    found = [path for pattern in (name, f"examples/{name}") for path in sorted((BUILD / "rust").glob(f"*/{pattern}"))]
    return next(iter(found), BUILD / "rust" / "agent_loop")


# language -> the command; a loop is there when all of its paths are
LOOPS = {
    "c": [BUILD / "examples" / "agent_loop"],
    "python": [PYTHON, HERE / "python" / "agent_loop.py"],
    "node": ["node", HERE / "node" / "agent_loop.mjs"],
    "rust": [built_by_cargo("agent?loop")],
}
# what a loop's package needs to have been built
PACKAGES = {"python": BUILD / "python" / "mxc", "node": BUILD / "node" / "mxc"}


def mean_of_hours():
    hours = {}
    with DATA.open(newline="") as file:
        for row in csv.reader(file):
            found = re.fullmatch(r"\d{4}-07-\d\dT(\d\d:\d\d):\d\d", row[0])
            if found:
                hours.setdefault(found.group(1), []).append(float(row[2]))
    return {hour: sum(values) / len(values) for hour, values in hours.items()}


def expected():
    mean = mean_of_hours()
    assert len(mean) == 24
    by_warmth = sorted((value, hour) for hour, value in mean.items())
    (low, coldest), (high, warmest) = by_warmth[0], by_warmth[-1]
    return (f"ANSWER: in July it is warmest at {warmest} with {high:.1f} degrees "
            f"and coldest at {coldest} with {low:.1f}")


def missing(language, command):
    for path in [*command, PACKAGES.get(language, BUILD)]:
        if isinstance(path, pathlib.Path) and not path.exists():
            return os.path.relpath(path)
    return None if shutil.which(command[0]) else str(command[0])


def faults(command, home, script=HERE / "script.json"):
    environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(BUILD / "python")}
    done = subprocess.run([*command, script, DATA], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=environment, timeout=100)
    lines = done.stdout.splitlines() or [""]
    found = [] if done.returncode == 0 else [f"status {done.returncode}: {done.stderr[-800:]}"]
    if lines[-1] != expected():
        found.append(f"last line is {lines[-1]!r} instead of {expected()!r}")
    return found + [f"{text!r} was not fed back" for text in ("KeyError: 'temp'", "key: No such file or directory",
                    "upload: Network is unreachable", "denied: chmod") if text not in done.stdout]


def makes_home(folder):
    """A home with a key that the code must not find."""
    key = pathlib.Path(folder) / ".ssh" / "id_ed25519"
    key.parent.mkdir()
    key.write_text("not a real key\n")
    return pathlib.Path(folder)


def wrong_script_fails(command, home):
    """A loop must look at `expect`: with one text that never comes it has to fail."""
    script = home / "script.json"
    text = (HERE / "script.json").read_text()
    script.write_text(text.replace("rows: 8759", "rows: 8760"))
    return [] if faults(command, home, script) else ["did not notice that an expected text is missing"]


def main():
    count = {"passed": 0, "failed": 0, "skipped": 0}
    with tempfile.TemporaryDirectory() as folder:
        home = makes_home(folder)
        for language, command in LOOPS.items():
            lacking = missing(language, command)
            if lacking:
                count["skipped"] += 1
                print(f"SKIP {language}: {lacking} is not there")
                continue
            found = faults(command, home) + wrong_script_fails(command, home)
            count["failed" if found else "passed"] += 1
            for fault in found:
                print(f"FAILED {language}: {fault}")
    print(", ".join(f"{number} {word}" for word, number in count.items()))
    return 1 if count["failed"] else 0 if count["passed"] else 77


sys.exit(main())
