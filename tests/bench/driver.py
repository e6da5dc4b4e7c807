"""Runs the programs that measure (bench_run and its like) as the user of a setting."""
import subprocess

import rows

DRIVER = "bench/bench_run"


def samples_of(setting, command):
    """name -> samples in nanoseconds. The program prints a line for each row: its name and every sample, by tabs."""
    done = subprocess.run([*setting.prefix, *map(str, command)], stdout=subprocess.PIPE, text=True,
                          env=setting.environment())
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed, see above")
    lines = (line.split("\t") for line in done.stdout.splitlines())
    return {name: list(map(int, values)) for name, *values in lines}


def run(setting, rounds, todo):
    """bench_run: todo is name -> (kind, argv); all take turns in one process."""
    words = []
    for name, (kind, argv) in todo.items():
        words += [";"] * bool(words) + [kind, name, *argv]
    return samples_of(setting, [setting.build / DRIVER, rounds, setting.folder, *words])


def without_failed(measured):
    """Rows of the kind `try` that failed have no samples."""
    return [row if row.values else rows.missing(row.name, "failed during the rounds") for row in measured]


def needs(path):
    if not path.exists():
        raise rows.LeftOut(f"not built: {path.name}")
