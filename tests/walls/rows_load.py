"""D: using things up, staying, and being hard to end."""
import json
import os
import resource
import subprocess
import time

import leftovers
from common import ROOT, no, ok, only_line, ran
from walls import since, CLEAN, SLOW, Row, find_processes, wait_until


def fork_bomb(world):
    """D1"""
    seen = int(200 * SLOW)  # milliseconds: how long it waits for the keeper to look, among all these
    for act in (f"fork-bomb 2000 {seen}", f"threads 2000 {seen}"):
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
    world.expect(since(began) < 4, f"it took {since(began):.1f} s")
    only_line(world, data, {"act": "daemon", "ok": True}, "inside")
    world.check_host([{"path": str(beat), "stillMs": 300}])
    world.expect(not find_processes(str(beat)), "a process is left")


def caller_killed(world):
    """D10: SIGKILL of the command line, in the middle of a run and at many moments of the start."""
    before = leftovers.looked()
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
    left = leftovers.left(before)
    world.expect(not left, f"left: {left}")


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


def hoards(world):
    """D2.1: memory that no process shows: pipes and unnamed files."""
    small = {"limits": {"memoryBytes": 67108864}}
    record = world.run(["hoard 300"], small)
    if ROOT:
        world.expect(record.get("limitHit") == "memory", f"{record}")
    else:  # without a control group: pipes are bounded per user, unnamed files by nothing that a process shows
        world.expect(record.get("exitCode") == 0, f"{record}")


def processors(world):
    """D3: deadlines and processor time hold while all processors are busy; bandwidth where there is a group."""
    record = world.run(["cpu-wall 20000 6"], {"process": {"timeout": 400}})
    world.expect(record.get("timedOut") is True and record["seconds"] < 4, f"{record}")
    record = world.run(["cpu-wall 20000 4"], {"limits": {"cpuTimeMs": 300}})
    world.expect(record.get("limitHit") == "cpu_time" and record["seconds"] < 6, f"{record}")
    quarter = {"limits": {"cpus": 0.25}}
    if ROOT:
        ran(world, ["cpu-wall 1200 2"], [{"cpuMs": {"$max": 700}}], quarter)
    else:
        world.expect(world.run(["true"], quarter).get("error", {}).get("origin") == "/limits/cpus", "cpus without a group")


def disk(world):
    """D4: a disk limit is refused, not half held; depth and number of files do not slow the end."""
    record = world.run(["create ${WORK}/started"], {"limits": {"diskBytes": 1048576}})
    world.expect(record.get("error", {}).get("origin") == "/limits/diskBytes", f"{record}")
    world.check_host([{"path": str(world.work / "started"), "absent": True}])
    (world.work / "deep").mkdir()
    (world.work / "many").mkdir()
    for folder in ("deep", "many"):
        (world.work / folder).chmod(0o777)
    record = ran(world, ["deep-folders ${WORK}/deep 10000", "many-files ${WORK}/many 5000"], [{"made": 10000}, {"made": 5000}])
    world.expect(record["seconds"] < 20, f"it took {record['seconds']:.1f} s")
    for folder in ("deep", "many"):
        subprocess.run(["rm", "-rf", world.work / folder], check=True)


def never_reads(world):
    """D7: a full standard input, a closed output, a stream kept open."""
    with open("/dev/zero", "rb") as zero:
        record = world.run(["true"], stdin=zero)
    world.expect(record.get("exitCode") == 0 and record["seconds"] < 3, f"{record}")
    feeder = subprocess.Popen(["yes"], stdout=subprocess.PIPE)
    record = world.run(["sleep 200"], stdin=feeder.stdout)
    feeder.stdout.close()
    feeder.kill()
    feeder.wait()
    world.expect(record.get("exitCode") == 0 and record["seconds"] < 3, f"{record}")
    record = world.run(["close-stream 1 200"])
    world.expect("error" not in record and record["seconds"] < 3, f"{record}")


def stopped(world):
    """D9: processes that are stopped, one that waits in vfork, and many that are dead."""
    record = world.run(["stop-all"], {"process": {"timeout": 400}})
    world.expect(record.get("timedOut") is True and record["seconds"] < 4, f"{record}")
    many = int(20000 / SLOW)
    record = ran(world, [f"zombies {many}", "sleep 300", "pids"], [{"made": many}, {}, {"count": {"$max": 4}}])
    world.expect(record["seconds"] < 20, f"it took {record['seconds']:.1f} s")


def large_blocks(world):
    """D12: as many arguments and variables as there may be, and one more."""
    ran(world, [["args", *["x" * 1000] * 100]], [{"argv": ["x" * 1000] * 100}])
    many = [f"V{n}=value" for n in range(20000)]
    ran(world, ["getenv V19999"], [{"value": "value"}], {"process": {"env": many}})
    too_long = ["LONG=" + "x" * 200000]
    record = world.run(["create ${WORK}/started"], {"process": {"env": too_long}})
    world.expect(record.get("error", {}).get("status") == "invalid_argument", f"200 KB in one variable: {str(record)[:300]}")
    record = world.run(["create ${WORK}/started"], {"process": {"env": ["NOVALUE"]}})
    world.expect(record.get("error", {}).get("origin", "").startswith("/process/env"), f"no =: {str(record)[:300]}")
    world.check_host([{"path": str(world.work / "started"), "absent": True}])


def poor_caller(world):
    """D17: a caller that is at its own limits is told what is missing; with enough it works."""
    for number, status in ((6, "system"), (8, "setup"), (12, "setup"), (64, None)):
        record = world.run(["create ${WORK}/few"], preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (number, number)))
        error = record.get("error", {"status": None})
        world.expect(error["status"] == status and (not status or "open files" in error["message"]), f"{number} descriptors: {record}")
        world.check_host([{"path": str(world.work / "few"), "absent": status is not None}] if status else [])
    done = subprocess.run(["unshare", "-Ur", "sh", "-c", 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', "sh",
                           *world.mxc(["create ${WORK}/started"])], stdin=subprocess.DEVNULL, capture_output=True, env=CLEAN)
    error = json.loads(done.stdout).get("error", {})
    world.expect(done.returncode == 125 and error.get("hint"), f"no user namespaces: {done}")
    world.check_host([{"path": str(world.work / "started"), "absent": True}])
    ran(world, ["true"], [{"ok": True}])


ROWS = [
    Row("D1", "fork bomb and thread bomb", "SandboxUser", "HostDoS", special=fork_bomb),
    Row("D2", "taking memory", "SandboxUser", "HostDoS", special=memory),
    Row("D2.1", "memory that no process shows", "SandboxUser", "HostDoS", special=hoards),
    Row("D3", "all processors busy", "SandboxUser", "HostDoS", special=processors),
    Row("D4", "a disk, files without number, folders without end", "SandboxUser", "HostDoS", special=disk),
    Row("D5", "descriptors without end", "SandboxUser", "HostDoS", outside=[("open-many 1500", ok(made=1500))],
        inside=[("open-many 20000", no("EMFILE", made={"$max": 1024, "$min": 1000}))], allowed=[("open-many 900", ok(made=900))],
        outside_wrap=["sh", "-c", 'ulimit -n 4096 || exit; exec "$@"', "sh"]),
    Row("D6", "flooding the output", "SandboxUser", "HostDoS", special=output_flood),
    Row("D7", "not reading, closing, holding streams", "SandboxUser", "HostDoS", special=never_reads),
    Row("D8", "a daemon that holds the streams", "SandboxUser", "HostDoS", special=daemon),
    Row("D9", "stopped, waiting and dead processes", "SandboxUser", "HostDoS", special=stopped),
    Row("D10", "the caller is killed", "SandboxUser", "HostDoS", special=caller_killed),
    Row("D11", "forking at TERM", "SandboxUser", "HostDoS", special=forks_on_term),
    Row("D12", "huge arguments and environments", "Policy", "HostDoS", special=large_blocks),
    Row("D13", "core dumps", "SandboxUser", "Escape", special=core_dumps),
    Row("D14", "control groups from inside", "SandboxUser", "Escape", outside=[("readdir /sys/fs/cgroup", ok())],
        inside=[("readdir /sys/fs/cgroup", no("ENOENT")), ("stat /sys", no("ENOENT")), ("mount /tmp", no("EPERM")),
                ("file-contains /proc/self/cgroup mxc- process_api", ok(found=[])), ("clone3 cgroup", no("ENOSYS"))]),
    Row("D15", "watching files of the host", "SandboxUser", "HostLeak",
        outside=[("watch ${OUTSIDE}", {"inotify": "ok", "watch": "ok"})],
        inside=[("watch ${OUTSIDE}", {"inotify": "ok", "watch": "ENOENT", "fanotify": "EPERM"})],
        allowed=[("watch ${WORK}", {"inotify": "ok", "watch": "ok"})]),
    Row("D17", "a caller at its own limits", "Policy", "HostDoS", special=poor_caller),
]
