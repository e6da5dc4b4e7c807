"""S: policies and callers that are broken or hostile. None of them may start anything it should not."""
import itertools
import json
import os
import resource
import signal
import subprocess
import time

from common import ran
from walls import CLEAN, HOST_POLICY, MXC, SLOW, Row

START = '{"version": "1.0.0", "filesystem": {"readwritePaths": ["%s"]}'
BROKEN = {
    "empty": "", "space": "   ", "no object": "[]", "two": "{} {}", "trailing": START + "} x", "comment": "/* */ " + START + "}",
    "duplicate": START + ', "version": "1.0.0"}', "unknown": START + ', "filesytem": {}}', "byte order mark": "\ufeff" + START + "}",
    "NUL": START + ', "process": {"cwd": "/tmp\\u0000x"}}', "surrogate": START + ', "process": {"cwd": "/\\ud800"}}',
    "huge": START + ', "limits": {"memoryBytes": 1e999}}', "negative": START + ', "limits": {"processes": -1}}',
    "2^63": START + ', "limits": {"memoryBytes": 9223372036854775808}}', "2^64": START + ', "limits": {"memoryBytes": 18446744073709551616}}',
    "fraction": START + ', "limits": {"processes": 1.5}}', "text": START + ', "limits": {"processes": "64"}}',
    "true": START + ', "limits": {"processes": true}}', "null": START + ', "limits": null}', "version": '{"version": "9.9.9"}',
    "deep": "[" * 100000, "deep object": '{"a":' * 100000, "wide": START + ', "filesystem2": [' + "0," * 1000000 + "0]}",
    "no end": START,
}
INVALID = (b'{"version": "1.0.0", "process": {"cwd": "/\xff\xfe"}}', b"\xff\xfe{\x00}\x00", b'{"version": "1.0.0"}\x00')


def tried(world, text):
    """mxc with this text as its policy: the finished process, and whether anything was started."""
    path, sentinel = world.root / "policy.json", world.work / "started"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    done = subprocess.run([MXC, "run", "--json", "--policy", str(path), "--", "/bin/sh", "-c", f"echo x > {sentinel}"],
                          stdin=subprocess.DEVNULL, capture_output=True, env=CLEAN, timeout=20)
    return done, sentinel.exists()


def broken_text(world):
    """S1: an error that says where, in bounded time; nothing was started. The control is the same text, whole."""
    done, started = tried(world, START % world.work + "}")
    world.expect(done.returncode == 0 and started, f"control: {done}")
    (world.work / "started").unlink()
    for name, text in [*((name, text.replace("%s", str(world.work))) for name, text in BROKEN.items()),
                       *((repr(text), text) for text in INVALID)]:
        done, started = tried(world, text)
        error = json.loads(done.stdout).get("error", {}) if done.stdout else {}
        world.expect(done.returncode == 125 and not started and error.get("message"), f"{name}: {done.returncode}, {done.stdout[:300]}")


def sizes(world):
    """S2"""
    for option, value in itertools.product(("--memory", "--procs", "--timeout", "--output"),
                                           ("", " ", "-1", " -1", "123bogus", "1 M", "0x10", "18446744073709551616", "9223372036854775809", "1e3", "+5", "1,5")):
        done = subprocess.run([MXC, "run", "--preset", "strict", "--rw", str(world.work), f"{option}={value}", "--", "/bin/sh", "-c",
                               f"echo x > {world.work}/started"], stdin=subprocess.DEVNULL, capture_output=True, env=CLEAN)
        world.expect(done.returncode == 125 and done.stderr.startswith(b"mxc: "), f"{option}={value!r}: {done}")
    world.check_host([{"path": str(world.work / "started"), "absent": True}])
    for zero in ("memoryBytes", "processes"):
        record = world.run(["true"], {"limits": {zero: 0}})
        world.expect(record.get("error", {}).get("origin") == f"/limits/{zero}", f"{zero} 0: {record}")


def paths(world):
    """S3: each form has one meaning. Refused ones say which of the policy's paths it was."""
    (world.work / "d").mkdir()
    os.mkfifo(world.work / "pipe")
    os.symlink("d", world.work / "link")
    work = str(world.work)
    refused = ("", "..", f"{work}/../work", "/nonexistent", "/", "/proc", "/sys", "/dev", "/proc/self", "/dev/null", "~", "$HOME", "**/*",
               f"{work}/pipe", "/" + "x" * 5000, f"{work}/d\n/", "/proc/1/root")
    for path in refused:
        record = world.run(["create /tmp/x"], {"filesystem": {"readwritePaths": [path]}})
        world.expect(record.get("error", {}).get("origin", "").startswith("/filesystem"), f"{path[:60]!r}: {str(record)[:300]}")
    for path in (f"{work}//d", f"{work}/./d/", f"{work}/d/", f"{work}/link"):
        ran(world, ["create ${WORK}/d/x", "unlink ${WORK}/d/x", "create ${WORK}/y"], [{"ok": True}, {"ok": True}, {"ok": False}],
            {"filesystem": {"readwritePaths": [path]}})


def conflicts(world):
    """S4: deny in read-only in read-write, in every order, gives the same."""
    for name in ("a", "a/b", "a/b/c"):
        (world.work / name).mkdir()
        (world.work / name).chmod(0o777)
        (world.work / name / "f").write_text("text")
        (world.work / name / "f").chmod(0o666)
    rules = [("readwritePaths", world.work / "a"), ("readonlyPaths", world.work / "a/b"), ("deniedPaths", world.work / "a/b/c"),
             ("readonlyPaths", world.places["BIN"])]
    acts = ["append ${WORK}/a/f x", "append ${WORK}/a/b/f x", "open-read ${WORK}/a/b/f", "open-read ${WORK}/a/b/c/f", "rename ${WORK}/a/b ${WORK}/a/z"]
    seen = set()
    for order in itertools.permutations(rules):
        policy = {"version": "1.0.0", **HOST_POLICY, "filesystem": {}}
        for kind, path in order:
            policy["filesystem"].setdefault(kind, []).append(str(path))
        path = world.root / "order.json"
        path.write_text(json.dumps(policy))
        done = subprocess.run([MXC, "run", "--policy", str(path), "--", *world.command(acts)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, env=CLEAN)
        lines = [json.loads(row) for row in done.stdout.decode().splitlines()]
        seen.add(tuple(line["errno"] for line in lines))
    world.expect(seen == {(None, "EROFS", None, "EACCES", "EBUSY")}, f"{seen}")


def hostile_caller(world):
    """S12: descriptors closed, signals blocked and ignored, odd umask and limits, a poisoned environment."""
    def closed():
        for fd in range(3):
            os.close(fd)

    def signals():
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
        for number in (signal.SIGCHLD, signal.SIGPIPE, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    def no_size():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    tmp = world.work / "tmp"
    os.symlink(world.outside, tmp)
    odd = {"PATH": "/nonexistent", "TMPDIR": str(tmp), "LD_PRELOAD": "/nonexistent.so", "LD_LIBRARY_PATH": str(world.work), "IFS": "x"}
    probe = world.command(["fds", "umask", "caps"])
    line = [MXC, "run", "--policy", world.policy({}), "--", *probe]
    report = world.root / "closed.txt"
    done = subprocess.run(["sh", "-c", 'exec 3>"$0"; "$@" <&- >&- 2>&-; echo $? >&3', str(report), *line], env=CLEAN)
    world.expect(report.read_text() == "0\n", f"closed 0 to 2: {report.read_text()!r} {done}")
    for name, more in (("signals", {"preexec_fn": signals}), ("environment", {"env": odd}),
                       ("umask", {"preexec_fn": lambda: os.umask(0o777) and None}), ("no environment", {"env": {}})):
        record = world.run(["fds", "caps", "signal 15"] if name == "signals" else ["fds", "caps"], **more)
        world.expect("error" not in record and record["stdout"].count(b'"ok":true') >= 2, f"{name}: {str(record)[:400]}")
        world.expect(b'"count":3' in record.get("stdout", b""), f"{name}: {record.get('stdout')}")
        if name == "signals":
            world.expect(record.get("signalName") == "SIGTERM", f"the command inherited blocked signals: {record.get('signalName')}")
    record = world.run(["create ${WORK}/started"], preexec_fn=no_size)
    world.expect(record.get("error", {}).get("status") == "setup", f"no file size: {str(record)[:400]}")
    world.check_host([{"path": str(world.work / "started"), "absent": True}])
    world.expect(os.listdir(world.outside) == ["canary.txt"], "something was left in TMPDIR")


def messages(world):
    """S17: names with escape codes, and a secret in the environment, in what mxc says."""
    nasty = "/no\x1b[2J\x07\u202eend"
    for words in (["--ro", nasty], ["--policy", nasty], ["--env", "BAD\x1bNAME"], ["--memory", nasty], [nasty]):
        done = subprocess.run([MXC, "run", *words, "--", "true"], stdin=subprocess.DEVNULL, capture_output=True,
                              env={**CLEAN, "API_TOKEN": "walls-secret-token"})
        text = done.stdout + done.stderr
        world.expect(done.returncode == 125 or done.returncode == 127, f"{words}: {done}")
        world.expect(not any(byte in text for byte in (b"\x1b", b"\x07", "\u202e".encode())), f"{words}: raw: {text!r}")
        world.expect(b"walls-secret-token" not in text, f"{words}: a secret: {text!r}")


def changed_meanwhile(world):
    """S14: the file is replaced by one that grants everything while the command runs."""
    line = world.mxc(["wait-for-file ${WORK}/go 20000", "open-read ${OUTSIDE}/canary.txt", "create ${OUTSIDE}/x"], json_output=False)
    with subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN) as process:
        time.sleep(0.2 * SLOW)
        (world.root / "policy.json").write_text(json.dumps({"version": "1.0.0", "filesystem": {"readwritePaths": [str(world.root)]}}))
        (world.work / "go").write_text("")
        data = process.stdout.read()
    lines = [json.loads(row) for row in data.decode().splitlines()]
    world.expect([line["errno"] for line in lines] == [None, "ENOENT", "ENOENT"], f"{data[:300]}")


ROWS = [
    Row("S1", "policy texts that are broken or huge", "Policy", "Escape", special=broken_text),
    Row("S2", "sizes that are no sizes", "Policy", "HostDoS", special=sizes),
    Row("S3", "paths of every form", "Policy", "HostWrite", special=paths),
    Row("S4", "rules that contradict each other, in every order", "Policy", "HostWrite", special=conflicts),
    Row("S12", "a caller in an odd state", "Policy", "Escape", special=hostile_caller),
    Row("S14", "a policy that is read twice", "Policy", "Escape", special=changed_meanwhile),
    Row("S17", "control characters and secrets in messages", "Policy", "HostLeak", special=messages),
]
