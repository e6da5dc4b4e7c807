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
POOL = 2
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


def prepared(language, pool):
    result = pool.run(CODE[language], language=language).check()
    assert result.stdout == b"1\n", result


def rows(languages, policy, pool):
    found = {}
    for language in languages:
        found[f"bare {language}"] = lambda language=language: bare(language)
        found[f"{language} cold"] = lambda language=language: cold(language, policy)
        found[f"{language} prepared"] = lambda language=language: prepared(language, pool)
    return found


def wait_until_full(pool):
    """Before each round of every row: what is built ahead is not what is measured."""
    until = time.monotonic() + 10
    while pool.stats.ready < POOL and time.monotonic() < until:
        time.sleep(0.0005)
    time.sleep(0.005)


def measure(todo, pool, rounds):
    samples = {name: [] for name, _ in todo}
    for number in range(rounds + WARM_UP):
        shift = number % len(todo)
        for name, act in todo[shift:] + todo[:shift]:
            wait_until_full(pool)
            start = time.perf_counter_ns()
            act()
            taken = time.perf_counter_ns() - start
            if number >= WARM_UP:
                samples[name].append(taken)
    return samples


def main():
    rounds, folder, *languages = sys.argv[1:]
    os.chdir(folder)
    policy = mxc.Policy.preset("workspace", folder)
    with mxc.Pool(policy, size=POOL, max=POOL) as pool:
        samples = measure(list(rows(languages, policy, pool).items()), pool, int(rounds))
    for name, values in samples.items():
        print("\t".join([name, *map(str, values)]))


main()
