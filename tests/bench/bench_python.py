"""Times of the Python package against the bare thing, taking turns in one process.

    bench_python.py ROUNDS FOLDER LANGUAGE...

Prints for each row its name and every sample in nanoseconds, as bench_run does.
"""
import os
import subprocess
import sys
import time

import mxc

WARM_UP = 3
CODE = {"python": "print(1)", "node": "console.log(1)", "bash": "echo 1"}
# the interpreters that mxc takes
BARE = {"python": [sys.executable, "-c"], "node": ["node", "-e"], "bash": ["bash", "-c"]}


# as inside: what the caller's environment makes an interpreter load at its start is not what is compared
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/tmp", "LANG": "C.UTF-8"}


def bare(language):
    done = subprocess.run([*BARE[language], CODE[language]], check=True, capture_output=True, env=ENVIRONMENT)
    assert done.stdout == b"1\n", done


def cold(language, policy):
    result = mxc.run(CODE[language], policy, language=language).check()
    assert result.stdout == b"1\n", result


def rows(languages, policy):
    found = {}
    for language in languages:
        found[f"bare {language}"] = lambda language=language: bare(language)
        found[f"{language} cold"] = lambda language=language: cold(language, policy)
    return found


def main():
    rounds, folder, *languages = sys.argv[1:]
    os.chdir(folder)
    todo = list(rows(languages, mxc.Policy.preset("workspace", folder)).items())
    samples = {name: [] for name, _ in todo}
    for number in range(int(rounds) + WARM_UP):
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
