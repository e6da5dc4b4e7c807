"""What a language costs over C for the same run. One program for each language (turns/) stays alive and does some runs
when asked; they are asked in turns, so all of them meet the same load. A language that is not built is left out."""
import pathlib
import shutil
import subprocess

import rows

TITLE = "The same run from each language"
ABOUT = "`mxc_run` of `/bin/true` and its like. Each language's program stays alive and does five runs when it is its turn."
TURNS = pathlib.Path(__file__).resolve().parent / "turns"
# runs at a time; and milliseconds that a language may take more than C at the median
RUNS = 5
GOALS = {"Python": 0.3, "Node.js": 0.6, "Rust": 0.1}


def programs(setting):
    """Language -> (command without FOLDER, what has to be there)."""
    build = setting.build
    rust = build / "rust" / "release" / "examples" / "bench_turns"
    return {
        "C": ([build / "bench" / "turns_c"], build / "bench" / "turns_c"),
        "Python": ([setting.python, TURNS / "turns.py"], build / "python" / "mxc" / "__init__.py"),
        "Node.js": ([shutil.which("node") or "node", TURNS / "turns.mjs", build / "node" / "mxc"], build / "node" / "mxc"),
        "Rust": ([rust], rust),
    }


class Driver:
    """A program that was started and made its first runs."""

    def __init__(self, setting, command):
        self.name = pathlib.Path(command[0]).name
        self.process = subprocess.Popen([*setting.prefix, *map(str, command), setting.folder],
                                        env=setting.environment(), text=True,
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


def samples_of(setting, drivers):
    samples = {language: [] for language in drivers}
    turns = max(1, setting.rounds // RUNS)
    for number in range(turns):
        setting.progress(number, turns)
        order = list(drivers)
        shift = number % len(order)
        for language in order[shift:] + order[:shift]:
            samples[language] += drivers[language].turn()
    setting.progress(turns, turns)
    return samples


def row(language, samples):
    values = samples[language]
    if language == "C":
        return rows.from_ns("C", values, note="`mxc_run`")
    over = rows.from_ns(language, values).percentile(50) - rows.from_ns("C", samples["C"]).percentile(50)
    return rows.from_ns(language, values, reference="C",
                        note=f"{over:+.2f} ms over C at the median; goal: at most {GOALS[language]}")


def measure(setting):
    everyone = programs(setting)
    absent = [rows.missing(language, f"not built: {needed.name}") for language, (_, needed) in everyone.items()
              if not needed.exists()]
    drivers = {language: Driver(setting, command) for language, (command, needed) in everyone.items() if needed.exists()}
    samples = samples_of(setting, drivers)
    for driver in drivers.values():
        driver.close()
    return [row(language, samples) for language in drivers] + absent
