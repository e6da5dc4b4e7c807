"""Times of the Python package against the bare thing, taking turns in one process.

    bench_python.py ROUNDS FOLDER

Prints for each row its name and every sample in nanoseconds, as bench_run does.
"""
import os
import subprocess
import sys
import time

import mxc

WARM_UP = 3


def rows(policy):
    python = sys.executable
    return {
        "subprocess.run true": lambda: subprocess.run(["/bin/true"], check=True),
        "mxc.run true": lambda: mxc.run(["/bin/true"], policy).check(),
        "python -c print": lambda: subprocess.run([python, "-c", "print(1)"], check=True, capture_output=True),
        "mxc.run print": lambda: mxc.run("print(1)", policy).check(),
    }


def main():
    rounds, folder = int(sys.argv[1]), sys.argv[2]
    os.chdir(folder)
    todo = list(rows(mxc.Policy.preset("workspace", folder)).items())
    samples = {name: [] for name, _ in todo}
    for number in range(rounds + WARM_UP):
        shift = number % len(todo)
        for name, act in todo[shift:] + todo[:shift]:
            start = time.perf_counter_ns()
            act()
            taken = time.perf_counter_ns() - start
            if number >= WARM_UP:
                samples[name].append(taken)
    for name, values in samples.items():
        print("\t".join([name, *map(str, values)]))


main()
