"""Times of the Python package against the bare thing, taking turns in one process.

    bench_python.py ROUNDS FOLDER LANGUAGE...

Prints for each row its name and every sample in nanoseconds, as bench_run does. Of a rate a sample is the time of one run, of
so many at once as there are processors.
"""
import concurrent.futures
import contextlib
import os
import subprocess
import sys
import time

import mxc

WARM_UP = 3
POOL = 2
AHEAD = ("python", "node")
AT_ONCE = len(os.sched_getaffinity(0))
OF_A_RATE = 20  # runs of each at once in one sample
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


def exhausted(pool):
    """What comes right behind the run that has taken the only one, whose result is there."""
    pool.run(CODE["python"]).check()
    start = time.perf_counter_ns()
    prepared("python", pool)
    return time.perf_counter_ns() - start


def rate(act):
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as threads:
        start = time.perf_counter_ns()
        list(threads.map(lambda _: act(), range(AT_ONCE * OF_A_RATE)))
        return (time.perf_counter_ns() - start) // (AT_ONCE * OF_A_RATE)


def rates(rounds):
    samples = {"rate bare": [], "rate ahead": []}
    with mxc.Pool("strict", size=POOL * AT_ONCE, max=POOL * AT_ONCE, language="python") as pool:
        for _ in range(max(1, rounds // 20)):
            samples["rate bare"].append(rate(lambda: bare("python")))
            wait_until_full(pool, POOL * AT_ONCE)
            samples["rate ahead"].append(rate(lambda: prepared("python", pool)))
    return samples


def rows(languages, policy, pool, ahead):
    found = {}
    for language in languages:
        found[f"bare {language}"] = lambda language=language: bare(language)
        found[f"{language} cold"] = lambda language=language: cold(language, policy)
        found[f"{language} prepared"] = lambda language=language: prepared(language, pool)
        if language in ahead:
            found[f"{language} ahead"] = lambda language=language: prepared(language, ahead[language])
    return found


def wait_until_full(pool, count=POOL):
    """Before each round of every row: what is built ahead is not what is measured."""
    until = time.monotonic() + 10
    while pool.stats.ready < count and time.monotonic() < until:
        time.sleep(0.0005)
    time.sleep(0.005)


def measure(todo, pools, rounds):
    samples = {name: [] for name, _ in todo}
    for number in range(rounds + WARM_UP):
        shift = number % len(todo)
        for name, act in todo[shift:] + todo[:shift]:
            for pool in pools:
                wait_until_full(pool)
            start = time.perf_counter_ns()
            taken = act() or time.perf_counter_ns() - start
            if number >= WARM_UP:
                samples[name].append(taken)
    return samples


def main():
    rounds, folder, *languages = sys.argv[1:]
    os.chdir(folder)
    policy = mxc.Policy.preset("workspace", folder)
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(mxc.Pool(policy, size=POOL, max=POOL))
        ahead = {language: stack.enter_context(mxc.Pool("strict", size=POOL, max=POOL, language=language))
                 for language in AHEAD if language in languages}
        todo = rows(languages, policy, pool, ahead)
        samples = measure(list(todo.items()), [pool, *ahead.values()], int(rounds))
    with mxc.Pool("strict", size=1, max=1, language="python") as one:
        samples |= measure([("exhausted", lambda: exhausted(one)), ("bare beside it", lambda: bare("python"))], [], int(rounds))
    samples |= rates(int(rounds))
    for name, values in samples.items():
        print("\t".join([name, *map(str, values)]))


main()
