"""What a language costs over C for the same run. One program for each language (turns/) stays alive and does some runs
when asked; they are asked in turns, so all of them meet the same load. A language that is not built is left out."""
import os
import pathlib
import shutil
import subprocess

import figures

ROOT = pathlib.Path(__file__).resolve().parents[2]
TURNS = pathlib.Path(__file__).resolve().parent / "turns"
# runs at a time; and milliseconds that a language may take more than C at the median
RUNS = 5
GOALS = {"Python": 0.3, "Node.js": 0.6, "Rust": 0.1}
COLUMNS = ["", "p50 ms", "p95 ms", "p99 ms", "over C ms", "goal ms", ""]


def programs(build, python):
    """Language -> (command without FOLDER, what has to be there)."""
    rust = build / "rust" / "release" / "examples" / "bench_turns"
    return {
        "C": ([build / "bench" / "turns_c"], build / "bench" / "turns_c"),
        "Python": ([python, TURNS / "turns.py"], build / "python" / "mxc" / "__init__.py"),
        "Node.js": ([shutil.which("node") or "node", TURNS / "turns.mjs", build / "node" / "mxc"], build / "node" / "mxc"),
        "Rust": ([rust], rust),
    }


class Driver:
    """A program that was started and made its first runs."""

    def __init__(self, prefix, command, folder, environment):
        self.name = pathlib.Path(command[0]).name
        self.process = subprocess.Popen([*prefix, *map(str, command), folder], env=environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.turn()

    def turn(self):
        self.process.stdin.write(f"{RUNS}\n")
        self.process.stdin.flush()
        times = self.process.stdout.readline().split()
        if len(times) != RUNS:
            raise RuntimeError(f"{self.name} gave {len(times)} times instead of {RUNS}, see above")
        return list(map(int, times))

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


def start(prefix, folder, build, python):
    environment = {**os.environ, "PYTHONPATH": str(build / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
    drivers = {}
    for language, (command, needed) in programs(build, python).items():
        if needed.exists():
            drivers[language] = Driver(prefix, command, folder, environment)
        else:
            print(f"\n  left out, not built: {language} ({os.path.relpath(needed)})")
    return drivers


def measure(prefix, rounds, folder, build, python):
    """Language -> figures, with what it takes more than C at the median."""
    drivers = start(prefix, folder, build, python)
    samples = {language: [] for language in drivers}
    for number in range(max(1, rounds // RUNS)):
        order = list(drivers)
        shift = number % len(order)
        for language in order[shift:] + order[:shift]:
            samples[language] += drivers[language].turn()
    for driver in drivers.values():
        driver.close()
    rows = {language: figures.summary(values) for language, values in samples.items()}
    return {language: {**row, "over": row["p50"] - rows["C"]["p50"]} for language, row in rows.items()}


def cells(rows):
    found = []
    for language, row in rows.items():
        goal = GOALS.get(language)
        verdict = ["", ""] if goal is None else [f"{goal:.1f}", "met" if row["over"] <= goal else "NOT MET"]
        found.append([language, *(f"{row[part]:.2f}" for part in ("p50", "p95", "p99")),
                      "(reference)" if goal is None else f"{row['over']:.2f}", *verdict])
    return found


def text(rows):
    return figures.text_table(COLUMNS, cells(rows))


def markdown(rows):
    return ["The same run of `/bin/true` from each language, in turns; what it takes more than in C at the median:", "",
            figures.markdown_table(COLUMNS, cells(rows)), ""]
