"""D: using things up, staying, and being hard to end."""
import json
import os
import pathlib
import subprocess
import time

from common import only_line, ran
from walls import CLEAN, Row, find_processes, wait_until


def fork_bomb(world):
    """D1"""
    for act in ("fork-bomb 2000", "threads 2000"):
        record = ran(world, [act], [{"errno": "EAGAIN", "made": {"$max": 256, "$min": 100}}])
        world.expect(record.get("limitHit") == "processes", f"{act}: limit {record.get('limitHit')}")
        world.expect(record["seconds"] < 10, f"{act}: took {record['seconds']:.1f} s")
    world.expect(subprocess.run(["true"]).returncode == 0, "the host cannot fork")


def memory(world):
    """D2"""
    small = {"limits": {"memoryBytes": 67108864}}
    only_line(world, world.outside_run(["memory 100"]).stdout, {"mib": 100}, "control")
    for act in ("memory 600", "memory-spread 8 40"):
        record = world.run([act], small)
        world.expect(record.get("limitHit") == "memory" and record.get("signalName") == "SIGKILL", f"{act}: {record}")
        world.expect(record["seconds"] < 15, f"{act}: took {record['seconds']:.1f} s")
    ran(world, ["memory 20"], [{"mib": 20}], small)


def output_flood(world):
    """D6: a gibibyte on both streams; mxc itself stays small."""
    size = 512 << 20
    with open(world.root / "out.json", "wb") as out:
        process = subprocess.Popen(world.mxc([f"print-both {size}"]), stdin=subprocess.DEVNULL, stdout=out,
                                   stderr=subprocess.DEVNULL, env=CLEAN)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    record = json.loads((world.root / "out.json").read_text())
    world.expect(process.returncode == 0, f"status {process.returncode}")
    for stream in ("stdout", "stderr"):
        world.expect(record[stream + "Length"] == size and record[stream + "Truncated"],
                     f"{stream}: {record[stream + 'Length']} bytes, truncated {record[stream + 'Truncated']}")
    world.expect(usage.ru_maxrss < 64 << 10, f"mxc took {usage.ru_maxrss >> 10} MiB")


def daemon(world):
    """D8: with plain pipes, so that the daemon holds what the caller reads."""
    began = time.monotonic()
    beat = world.work / "beat"
    process = subprocess.Popen(world.mxc([["daemon", str(beat)]], json_output=False), stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=CLEAN)
    data = process.stdout.read()  # ends only when nobody holds the pipe any more
    process.wait()
    process.stdout.close()
    world.expect(time.monotonic() - began < 4, f"it took {time.monotonic() - began:.1f} s")
    only_line(world, data, {"act": "daemon", "ok": True}, "inside")
    world.check_host([{"path": str(beat), "stillMs": 300}])
    world.expect(not find_processes(str(beat)), "a process is left")


def own_groups():
    """Control groups that look like ours."""
    return {folder for top in ("/sys/fs/cgroup",) for folder, _, _ in os.walk(top) if "mxc" in os.path.basename(folder)}


def caller_killed(world):
    """D10: SIGKILL of the command line, in the middle of a run and at many moments of the start."""
    groups_before = own_groups()
    mounts_before = pathlib.Path("/proc/self/mountinfo").read_text()
    delays = [0.5] + [0.001 * n for n in range(0, 24, 2)]
    for number, delay in enumerate(delays):
        beat = world.work / f"beat{number}"
        process = subprocess.Popen(world.mxc([["beat", str(beat)]]), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=CLEAN)
        if number == 0:
            world.expect(wait_until(beat.exists, 10), "control: the command never ran")
        else:
            time.sleep(delay)
        process.kill()
        process.wait()
        world.expect(wait_until(lambda: not find_processes(str(beat)), 2), f"killed after {delay} s: a process is left")
        if beat.exists():
            world.check_host([{"path": str(beat), "stillMs": 100}])
    world.expect(wait_until(lambda: own_groups() <= groups_before, 2), f"control groups left: {own_groups() - groups_before}")
    world.expect(pathlib.Path("/proc/self/mountinfo").read_text() == mounts_before, "mounts of the host changed")


def forks_on_term(world):
    """D11"""
    beat = world.work / "beat"
    record = world.run([["fork-on-term", str(beat)]], {"process": {"timeout": 500}})
    world.expect(record.get("timedOut") is True, f"not timed out: {record}")
    world.expect(record["seconds"] < 0.5 + 1 + 1, f"it took {record['seconds']:.2f} s")
    world.check_host([{"path": str(beat), "stillMs": 300}])
    world.expect(not find_processes(str(beat)), "a process is left")


def core_dumps(world):
    """D13: a limit of 1 keeps even a pipe handler from being started, and it cannot be raised."""
    ran(world, ["rlimits"], [{"core": 1, "coreHard": 1}])
    record = world.run(["signal 11"])
    world.expect(record.get("signalName") == "SIGSEGV", f"{record}")
    left = [name for name in os.listdir(world.work) if "core" in name]
    world.expect(not left, f"a core dump is left: {left}")


ROWS = [
    Row("D1", "fork bomb and thread bomb", "SandboxUser", "HostDoS", special=fork_bomb),
    Row("D2", "taking memory", "SandboxUser", "HostDoS", special=memory),
    Row("D6", "flooding the output", "SandboxUser", "HostDoS", special=output_flood),
    Row("D8", "a daemon that holds the streams", "SandboxUser", "HostDoS", special=daemon),
    Row("D10", "the caller is killed", "SandboxUser", "HostDoS", special=caller_killed),
    Row("D11", "forking at TERM", "SandboxUser", "HostDoS", special=forks_on_term),
    Row("D13", "core dumps", "SandboxUser", "Escape", special=core_dumps),
]
