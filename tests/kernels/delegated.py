#!/usr/bin/env python3
"""An ordinary user in a group of his own of unified control groups, as `systemd-run --user --scope -p Delegate=yes` makes
it: the kernel holds memory, processes and processors there, as it does for root. Run in the guest, as that user, in a
child of the group. Ends with `N passed, N failed`."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ["MXC_BUILD"])
MXC, PROBE = BUILD / "bin" / "mxc", BUILD / "libexec" / "mxc-testprobe"
CASES = [  # limits, act, item of the receipt, its mechanism, and what must come of it
    ({"memoryBytes": 67108864}, ["memory", "600"], "/limits/memoryBytes", "cgroup memory",
     lambda record, line: record["limitHit"] == "memory"),
    ({"processes": 32}, ["fork-bomb", "500"], "/limits/processes", "cgroup pids",
     lambda record, line: record["limitHit"] == "processes" and line["errno"] == "EAGAIN" and line["made"] <= 32),
    ({"cpus": 0.5}, ["cpu-wall", "1000", "2"], "/limits/cpus", "cgroup cpu", lambda record, line: 0 < line["cpuMs"] <= 900),
]


def run(limits, act):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as policy:
        json.dump({"version": "1.0.0", "filesystem": {"readonlyPaths": [str(PROBE)]}, "limits": limits}, policy)
        policy.flush()
        done = subprocess.run([MXC, "run", "--json", "--policy", policy.name, "--", PROBE, *act], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE)
    record = json.loads(done.stdout)
    lines = record.get("stdout", "").splitlines()
    return record, json.loads(lines[0]) if lines else {}


def main():
    failed = 0
    for limits, act, item, mechanism, holds in CASES:
        record, line = run(limits, act)
        told = [one for one in record.get("receipt", []) if one["item"] == item and one["level"] == "kernel"]
        good = "error" not in record and any(mechanism in one["mechanism"] for one in told) and holds(record, line)
        failed += not good
        print(f"{'ok' if good else 'FAILED'} {' '.join(act)} with {limits}: {mechanism}", *([] if good else [record]))
    print(f"{len(CASES) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
