"""Rows for pools: a command and a piece of Python in a sandbox that was built ahead, beside posix_spawn and the bare
interpreter. `rows(rounds)` gives {name: [nanoseconds]}; all rows take turns, and each waits until the pools are full."""
import os
import sys
import time

import mxc

WAIT = 0.005


def timed(act):
    began = time.perf_counter_ns()
    act()
    return time.perf_counter_ns() - began


def full(pool, count):
    until = time.monotonic() + 10
    while pool.stats.ready < count and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(WAIT)  # what is built ahead is not what is measured


def spawn(argv, null):
    child = os.posix_spawn(argv[0], argv, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, null, 1)])
    os.waitpid(child, 0)


def rows(rounds, policy="strict", python="/usr/bin/python3"):
    null = os.open("/dev/null", os.O_WRONLY | os.O_CLOEXEC)
    with mxc.Pool(policy, size=2, max=2) as plain, mxc.Pool(policy, size=2, max=2, language="python") as warm:
        acts = {
            "posix_spawn true": lambda: spawn(["/bin/true"], null),
            "pool true": lambda: plain.run(["/bin/true"]).check(),
            "cold true": lambda: mxc.run(["/bin/true"], policy).check(),
            "python3 -c print(1)": lambda: spawn([python, "-c", "print(1)"], null),
            "warm print(1)": lambda: warm.run("print(1)").check(),
        }
        found = {name: [] for name in acts}
        for _ in range(rounds):
            for name, act in acts.items():
                full(plain, 2)
                full(warm, 2)
                found[name].append(timed(act))
        return found


def main():
    found = rows(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
    median = {name: sorted(samples)[len(samples) // 2] / 1e6 for name, samples in found.items()}
    for name, value in median.items():
        reference = median["python3 -c print(1)" if "print" in name else "posix_spawn true"]
        print(f"{name:22} {value:7.3f} ms  {value / reference:6.3f} x")


if __name__ == "__main__":
    main()
