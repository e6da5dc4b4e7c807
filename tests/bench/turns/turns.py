"""turns.c in Python: turns.py FOLDER."""
import os
import sys
import time

import mxc


def time_of_run(policy):
    start = time.perf_counter_ns()
    mxc.run(["/bin/true"], policy).check()
    return time.perf_counter_ns() - start


def main():
    os.chdir(sys.argv[1])
    policy = mxc.Policy.preset("workspace", sys.argv[1])
    for line in sys.stdin:
        print("\t".join(str(time_of_run(policy)) for _ in range(int(line))), flush=True)


main()
