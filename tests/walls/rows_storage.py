"""F12, F19, F20, F31 to F40: places to start in, what a file system is made of, files without a name, files kept open."""
import os
import subprocess
import tempfile
import threading
import time

from common import SEE_OUTSIDE, ROOT, no, ok, only_line, ran
from walls import since, CLEAN, MXC, SLOW, Row, Skip


def other_case(world):
    """F12: a folder in which .ENV and .env are one name."""
    if not ROOT:
        raise Skip("root to mount a tmpfs that ignores case")
    place = world.work / "casefold"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "casefold=utf8-12.1.0", "none", place], capture_output=True)
    if made.returncode:
        raise Skip("a file system that ignores case")
    try:
        world.expect(subprocess.run(["chattr", "+F", place]).returncode == 0, "chattr +F")
        (place / ".env").write_text("hidden-marker")
        ran(world, [f"open-read {place}/.ENV", f"rename {place}/.Env {place}/x"], [{"ok": False}, {"ok": False}],
            {"filesystem": {"deniedPaths": [f"{place}/.env"]}})
    finally:
        subprocess.run(["umount", place])


def started_in(world, cwd, **named):
    """The record of `cwd` with that working folder in the policy."""
    return world.run(["cwd"], {"process": {"cwd": cwd}}, **named)


def working_folder(world):
    """F19: outside of the policy, deleted, and by a descriptor of the host."""
    started = world.run(["cwd"])
    world.expect(b'"cwd":"/' in started["stdout"], f"control: {started}")
    for cwd in (str(world.outside), "/proc/self/fd/9", "/proc/1/cwd", str(world.work / "not-there")):
        record = started_in(world, cwd)
        world.expect(record.get("error", {}).get("origin") == "/process/cwd", f"{cwd}: {record}")
    gone = tempfile.mkdtemp(dir=world.work)

    def enter():
        os.chdir(gone)
        os.rmdir(gone)
    record = world.run(["cwd"], preexec_fn=enter)
    world.expect(b"unreachable" not in record["stdout"] and b'"cwd":"/' in record["stdout"], f"deleted: {record}")


def exec_by_descriptor(world):
    """F20: a program of the host that is open in the caller."""
    secret = world.outside / "program"
    subprocess.run(["cp", world.places["PROBE"], secret], check=True)
    world.before = world.look()
    fd = os.open(secret, os.O_RDONLY)
    os.set_inheritable(fd, True)
    try:
        named = {"stdin": subprocess.DEVNULL, "capture_output": True, "pass_fds": [fd], "env": CLEAN}
        control = subprocess.run([f"/proc/self/fd/{fd}", "exit", "5"], **named)
        world.expect(control.returncode == 5, f"control: {control}")
        for path in (f"/proc/self/fd/{fd}", f"/dev/fd/{fd}", str(secret)):
            done = subprocess.run([MXC, "run", "--policy", world.policy({}), "--", path, "exit", "5"], **named)
            world.expect(done.returncode in (126, 127), f"{path}: {done}")
    finally:
        os.close(fd)


def later_mounts(world):
    """F31: what is mounted below a read-only grant, before and after the start, by root."""
    if not ROOT:
        raise Skip("root to mount something below a granted folder")
    tree = world.outside / "tree"
    for name in ("before", "after"):
        (tree / name).mkdir(parents=True)
    policy = {"filesystem": {"readonlyPaths": ["${BIN}", str(tree)]}}
    subprocess.run(["mount", "-t", "tmpfs", "none", tree / "before"], check=True)
    go = world.work / "go"
    lines = []
    try:
        only_line(world, world.outside_run([f"create {tree}/before/x"]).stdout, {"ok": True}, "control")
        acts = ["create /tmp/started", f"wait-for-file {go} 20000", f"create {tree}/before/y", f"readdir {tree}/after"]
        thread = threading.Thread(target=lambda: lines.append(world.run(acts, policy)))
        thread.start()
        time.sleep(0.3 * SLOW)
        subprocess.run(["mount", "-t", "tmpfs", "none", tree / "after"], check=True)
        (tree / "after" / "later").write_text("x")
        go.write_text("")
        thread.join()
        pairs = [ok(), ok(), no("EROFS"), ok(names=[])]
        world.compare("inside", list(zip(acts, pairs)), lines[0]["stdout"])
    finally:
        for name in ("before", "after"):
            subprocess.run(["umount", tree / name])
        subprocess.run(["rm", "-rf", tree])


def private_folders(world):
    """F32: the private /tmp ends at its size and at its number of files; taking it down is quick."""
    began = time.monotonic()
    ran(world, ["fill /tmp/full 400000000", "long-name /dev/shm"],
        [no("ENOSPC", bytes={"$max": 268435456, "$min": 200000000}), {"256": "ENAMETOOLONG", "255": "ok"}])
    ran(world, ["many-files /tmp 70000"], [no("ENOSPC", made={"$max": 65536, "$min": 60000})])
    ran(world, ["deep-folders /tmp 10000", "true"], [ok(made=10000), ok()])
    world.expect(since(began) < 12, f"it took {since(began):.1f} s")


def moved_away(world):
    """F39: the folder one stands in is moved out of the grant by somebody of the host. `..` must lead nowhere; the
    folder itself stays what it was when it was opened, and may go back where it was."""
    inner = world.work / "a" / "b"
    (inner / "inner").mkdir(parents=True)
    for folder in (world.work / "a", inner, inner / "inner"):
        folder.chmod(0o777)
    (world.root / "out").mkdir()
    command = world.mxc([["climb", str(inner), str(world.work / "go"), str(world.work / "stolen")]], json_output=False)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN) as process:
        world.expect(process.stdout.readline() == b"ready\n", "it did not start")
        os.rename(inner, world.root / "out" / "b")
        (world.root / "out" / "canary.txt").write_text("canary")
        (world.work / "go").write_text("")
        seen = process.stdout.read()
    only_line(world, seen, {"up": "ENOENT", "up twice": "ENOENT", "write up": "ENOENT", "list up": "ENOENT", "rename out": "ok"},
              "inside")
    left = sorted(os.listdir(world.root / "out"))
    world.expect(left == ["b", "canary.txt"], f"on the host: {left}")


def kept_open(world):
    """F40: a file of the host open for writing from before; Landlock would let it be shortened."""
    fd = os.open(world.outside / "open.txt", os.O_RDWR | os.O_CREAT)
    os.write(fd, b"0123456789")
    world.before = world.look()
    os.set_inheritable(fd, True)
    try:
        only_line(world, world.outside_run(["truncate-fds"], pass_fds=[fd]).stdout, {"truncated": {"$min": 1}}, "control")
        os.pwrite(fd, b"0123456789", 0)
        ran(world, ["truncate-fds"], [{"truncated": 0}], pass_fds=[fd])
        world.expect(os.fstat(fd).st_size == 10, f"it has {os.fstat(fd).st_size} bytes")
    finally:
        os.close(fd)


ROWS = [
    Row("F12", "another spelling of a denied name where case does not count", "SandboxUser", "HostLeak", special=other_case,
        roles=("root",)),
    Row("F19", "a working folder outside, deleted, or by descriptor", "Policy", "Escape", special=working_folder),
    Row("F20", "a program by a descriptor of the caller", "Policy", "Escape", special=exec_by_descriptor),
    Row("F31", "mounts below a read-only folder, also later ones", "SandboxUser", "HostWrite", special=later_mounts,
        roles=("root",)),
    Row("F32", "filling the private folders: bytes, files, depth, names", "SandboxUser", "HostDoS", special=private_folders),
    Row("F33", "holes, reserved blocks, copies from denied files", "SandboxUser", "HostLeak",
        setup=[{"file": "${WORK}/.env", "text": "hidden-marker"}, {"file": "${WORK}/f", "text": "plain"}],
        policy={"filesystem": {"deniedPaths": ["${WORK}/.env"]}},
        outside=[("copy-range ${WORK}/.env ${WORK}/c", ok(open="ok"))],
        inside=[("copy-range ${WORK}/.env ${WORK}/c", no("EBADF", open="EACCES")),
                (f"big-file /tmp/big {1 << 40}", {"sparse": "ok", "allocated": "ENOSPC"}), ("file-contains ${WORK}/c hidden-marker", ok(found=[]))],
        allowed=[("copy-range ${WORK}/f ${WORK}/d", ok())]),
    Row("F34", "attributes of overlay file systems", "SandboxUser", "HostWrite", setup=[{"dir": "${WORK}/d"}],
        outside=[("setxattr ${WORK}/d user.overlay.opaque y", ok())],
        inside=[("setxattr ${WORK}/d trusted.overlay.opaque y", no("EPERM")), ("mknod ${WORK}/w c 0 0", no("EPERM"))],
        allowed=[("mkdir ${WORK}/e", ok())]),
    Row("F36", "a program that is no file (runs, inside the same walls)", "SandboxUser", "Escape",
        outside=[("memfd-exec", {"exit": 7})], inside=[("memfd-exec", {"exit": 7}), ("caps", {"Seccomp": "2", "NoNewPrivs": "1"})]),
    Row("F37", "a name in another folder for a file without one", "SandboxUser", "HostWrite", policy=SEE_OUTSIDE,
        setup=[{"dir": "${WORK}/a"}, {"dir": "${WORK}/b"}],
        outside=[("tmpfile-link ${WORK}/a ${WORK}/b/x", ok(tmpfile="ok"))],
        inside=[("tmpfile-link ${WORK} ${OUTSIDE}/x", no("EROFS", tmpfile="ok")), ("tmpfile-link /tmp ${WORK}/x", no("EXDEV", tmpfile="ok")),
                ("tmpfile-link ${OUTSIDE} ${WORK}/x", {"ok": False, "tmpfile": "EROFS"}),
                ("link-by-fd ${OUTSIDE}/canary.txt ${WORK}/y", no("EXDEV", open="ok"))],
        allowed=[("tmpfile-link ${WORK}/a ${WORK}/b/x", ok(tmpfile="ok"))], after=[{"path": "${WORK}/y", "absent": True}]),
    Row("F39", "standing in a folder that is moved out of the grant", "SandboxUser", "Escape", special=moved_away),
    Row("F40", "shortening a file that was open before", "SandboxUser", "HostWrite", special=kept_open),
]
