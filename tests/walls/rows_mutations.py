"""Rows for single lines of the walls that no other row notices the loss of: second locks, seen without the first one
(a program whose filter allows everything), what the host sees of keeper and init, and things that change between the
look at a path and its use. tests/mutations/lines.py says which line each of them is for."""
import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import time

from walls import BUILD, CLEAN, MXC, ROLE, USER, Row, Skip, wait_until

LIBC = ctypes.CDLL(None, use_errno=True)
LOOSE = BUILD / "tests" / "mxc-loose"  # the command with MXC_TEST_ALLOW_ALL and MXC_TEST_SWAP (tests/mutations/loose.c)
PYTHON = "/usr/bin/python3"
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]


def loose(world, acts, policy=None, **env):
    """The acts inside, started by the loose program; the finished process."""
    return subprocess.run([str(LOOSE), *world.mxc(acts, policy)[1:]], stdin=subprocess.DEVNULL, capture_output=True,
                          env={**CLEAN, **env}, timeout=60)


def python_inside(world, code, policy=None):
    """What Python code prints inside."""
    line = [MXC, "run", "--policy", world.policy(policy or {}), "--", PYTHON, "-c", code]
    done = subprocess.run(line, stdin=subprocess.DEVNULL, capture_output=True, env=CLEAN, timeout=60, text=True)
    world.expect(done.returncode == 0, f"inside: {done.returncode} {done.stderr[-300:]}")
    return done.stdout.strip()


# ---- inside

SECUREBITS = 0xef  # all but keep_caps itself: noroot, no_setuid_fixup, no_cap_ambient_raise, and all locked


def securebits(world):
    bits = python_inside(world, "import ctypes; print(ctypes.CDLL(None).prctl(27, 0, 0, 0, 0))")
    world.expect(bits == str(SECUREBITS), f"inside: securebits {bits}, not {SECUREBITS}")


LAYERS = """
import ctypes
libc, layers = ctypes.CDLL(None), 0
attribute = (ctypes.c_uint64 * 1)(4)
libc.prctl(38, 1, 0, 0, 0)
while libc.syscall(446, libc.syscall(444, attribute, 8, 0), 0) == 0:
    layers += 1
print(layers)
"""


def landlock(world):
    """The kernel stacks 16 layers: one of them is ours."""
    outside = subprocess.run([PYTHON, "-c", LAYERS], capture_output=True, text=True).stdout.strip()
    if outside == "0":
        raise Skip("Landlock")
    world.expect(outside == "16", f"control: {outside} layers")
    inside = python_inside(world, LAYERS)
    world.expect(inside == "15", f"inside: room for {inside} layers, not 15")


def cgroup_view(world):
    text = python_inside(world, "print(open('/proc/self/cgroup').read())")
    world.expect(text and all(line.endswith(":/") for line in text.splitlines()), f"inside: {text!r}")


FILES = """
import os
made = 0
try:
    for made in range(3000):
        os.close(os.open(f"/tmp/f{made}", os.O_CREAT | os.O_WRONLY))
except OSError as error:
    print(made, error.errno)
else:
    print(made, 0)
"""


def inodes(world):
    made, errno = python_inside(world, FILES, {"filesystem": {"tmpBytes": 4 << 20}}).split()
    world.expect(int(made) < 1100 and errno == "28", f"inside: {made} files in a /tmp of 4 MiB, then error {errno}")


def without_the_filter(world):
    """What is left when the filter allows everything."""
    def launch():
        LIBC.syscall(250, 1, None)  # JOIN_SESSION_KEYRING
        LIBC.syscall(248, b"user", b"mxc-walls", b"walls-secret-key", 16, -3)
    pairs = [("unshare-each", {"made": 0, "user": "ENOSPC"}), ("memory-of 1", {"mem": "EACCES", "environ": "EACCES"}),
             ("ptrace 1", {"seize": "EPERM", "attach": "EPERM"}), ("key-search mxc-walls", {"ok": False, "text": None}),
             ("mount /tmp", {"ok": False}), ("umount /proc", {"ok": False}), ("remount /usr", {"ok": False}),
             ("chroot /tmp", {"ok": False}), ("mknod /tmp/n c 1 3", {"ok": False}), ("take-fd 1", {"ok": False}),
             ("caps", {"CapEff": "0" * 16, "CapBnd": "0" * 16, "NoNewPrivs": "1"})]
    done = subprocess.run([str(LOOSE), *world.mxc([act for act, _ in pairs])[1:]], stdin=subprocess.DEVNULL,
                          capture_output=True, env={**CLEAN, "MXC_TEST_ALLOW_ALL": "1"}, preexec_fn=launch, timeout=60)
    record = json.loads(done.stdout)
    if world.check_result(record):
        world.compare("without the filter", pairs, record["stdout"].encode())


def groups_of_root(world):
    """Root's supplementary groups are gone, not only without a name inside: they would open the host's files."""
    wrap = ["setpriv", "--groups", "0,4,6,27", "--"]
    done = subprocess.run([*wrap, *world.mxc(["ids"], json_output=False)], stdin=subprocess.DEVNULL, capture_output=True,
                          env=CLEAN)
    seen = json.loads(done.stdout)
    world.expect(seen["groups"] == [], f"inside: groups {seen['groups']}")


# ---- what the host sees

def status(pid):
    rows = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(row.split(":\t", 1) for row in rows if ":\t" in row)


def children(pid):
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, KeyError):
            if status(entry.name)["PPid"] == str(pid):
                found.append(int(entry.name))
    return found


class Running:
    """A sandbox whose command beats: .keeper and .init are their numbers on the host."""

    def __init__(self, world, program=MXC, env=None, **named):
        self.world, self.beat, self.log = world, world.work / "beat", world.root / "log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(program), *world.mxc([["beat", str(self.beat)]])[1:]], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env={**CLEAN, **(env or {})}, **named)

    def __enter__(self):
        wait_until(self.beat.exists, 10)
        self.keeper = next((pid for pid in children(self.process.pid) if status(pid)["Name"] == "mxc-keeper"), 0)
        self.init = next(iter(children(self.keeper)), 0) if self.keeper else 0
        if not self.init:
            self.process.kill()
            raise AssertionError(f"no sandbox was seen: {self.log.read_text()[-300:]}")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def is_gone(pid):
    with contextlib.suppress(OSError, KeyError):
        return status(pid)["State"].startswith("Z")
    return True


def keeper_rights(world):
    """A keeper of root may signal and remove its groups (CAP_KILL, CAP_DAC_OVERRIDE); any other may nothing."""
    with Running(world) as running:
        facts = status(running.keeper)
        wanted = 0x22 if ROLE == "root" else 0
        world.expect(int(facts["CapEff"], 16) == int(facts["CapPrm"], 16) == wanted,
                     f"the keeper has the capabilities {facts['CapPrm']}")
        world.expect(facts["NoNewPrivs"] == "1", "the keeper can get new privileges")
        for name, pid in (("keeper", running.keeper), ("init", running.init)):
            with contextlib.suppress(PermissionError):
                os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))
                world.expect(ROLE == "root", f"the memory of the {name} can be read by any process of its user")


def descriptors(world):
    """Neither keeper nor init holds a descriptor of the caller, nor init one of the keeper."""
    opened = [os.open(world.outside, os.O_RDONLY), os.open(world.canaries[0], os.O_RDWR)]
    opened += [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in opened]  # also above the numbers that the keeper's own take
    try:
        with Running(world, pass_fds=opened) as running:
            held = {name: [os.readlink(entry) for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
                    for name, pid in (("keeper", running.keeper), ("init", running.init))}
            for name, targets in held.items():
                world.expect(not [one for one in targets if str(world.outside) in one], f"the {name} holds {targets}")
            shared = {one for one in set(held["keeper"]) & set(held["init"]) if one.startswith("socket")}
            world.expect(not shared, f"init holds the keeper's end of {shared}, so it would not see the keeper's end")
    finally:
        for fd in opened:
            os.close(fd)


def groups_entered(world):
    """Where the receipt claims a cgroup, init is in it."""
    receipt = json.loads(subprocess.run(world.mxc(["true"]), capture_output=True, env=CLEAN).stdout)["receipt"]
    claimed = [line for line in receipt if any(one.startswith("cgroup") for one in line["mechanism"])]
    if not claimed:
        raise Skip("a writable cgroup")
    with Running(world) as running:
        text = pathlib.Path(f"/proc/{running.init}/cgroup").read_text()
        world.expect(f"mxc-{running.keeper}" in text, f"init is in none of the groups: {text!r}")


def keeper_killed(world):
    """Init is stopped, so that it can notice nothing by itself, and the keeper is killed."""
    with Running(world) as running:
        os.kill(running.init, signal.SIGSTOP)
        os.kill(running.keeper, signal.SIGKILL)
        if not wait_until(lambda: is_gone(running.init), 3):
            world.faults.append("init outlives its keeper")
            os.kill(running.init, signal.SIGKILL)


def host_forked(world):
    """The host is killed while a child that it forked still holds the control socket."""
    with Running(world, LOOSE, {"MXC_TEST_FORK": "1"}) as running:
        others = [pid for pid in children(running.process.pid) if pid != running.keeper]
        world.expect(len(others) == 1, f"control: the host has the children {others} besides the keeper")
        running.process.kill()
        running.process.wait()
        if not wait_until(lambda: is_gone(running.keeper) and is_gone(running.init), 3):
            world.faults.append("keeper and init outlive the host")
            os.kill(running.keeper, signal.SIGKILL)
        for pid in others:
            world.expect(not is_gone(pid), "control: the forked child is gone")
            os.kill(pid, signal.SIGKILL)


# ---- mounts, by root in a mount namespace of its own

def in_mount_namespace(world, script, propagation="private"):
    """A shell script as root where mounts harm nobody: its exit code and output."""
    done = subprocess.run(["unshare", "-m", "--propagation", propagation, "--", "/bin/sh", "-euc", script],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, env=CLEAN, timeout=60)
    return done.returncode, done.stdout, done.stderr


def quoted(words):
    return " ".join("'" + word + "'" for word in words)


def per_caller(world, acts, policy=None):
    """(the caller's name, command line) for root and for an ordinary user, who owns the folder then."""
    for name, wrap in (("root", []), ("user", AS_USER)):
        os.chown(world.work, USER if wrap else 0, USER if wrap else 0)
        yield name, quoted([*wrap, *world.mxc(acts, policy, json_output=False)])


def later_mounts(world):
    """What the host mounts below a grant while the sandbox runs stays outside, also where mounts are shared."""
    sub = world.work / "sub"
    sub.mkdir()
    acts = [["create", str(world.work / "started")], ["wait-for-file", str(world.work / "go"), "5000"], ["stat", str(sub / "later")]]
    for name, line in per_caller(world, acts):
        script = (f"{line} & n=0; while [ ! -e {world.work}/started ] && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done; "
                  f"mount -t tmpfs none {sub}; echo secret >{sub}/later; touch {world.work}/go; wait $!; umount {sub}")
        code, out, err = in_mount_namespace(world, script, "shared")
        last = json.loads(out.splitlines()[-1]) if code == 0 and out else {"errno": f"{code} {err[-200:]}"}
        world.expect(last.get("errno") == "ENOENT", f"{name}: a later mount is seen inside: {last}")
        for file in ("started", "go"):
            (world.work / file).unlink(missing_ok=True)


def mounts_below(world):
    """Another file system below a read-only grant: it is as read-only, nosuid and nodev as the grant."""
    sub = world.work / "sub"
    sub.mkdir()
    policy = {"filesystem": {"readonlyPaths": ["${BIN}", "${WORK}"], "readwritePaths": []}}
    for name, line in per_caller(world, [["mount-flags", str(sub)], ["create", str(sub / "x")]], policy):
        code, out, err = in_mount_namespace(world, f"mount -t tmpfs none {sub}; chmod 777 {sub}; {line}")
        facts = [json.loads(row) for row in out.splitlines()] if code == 0 else []
        world.expect(len(facts) == 2 and all(facts[0][flag] for flag in ("readonly", "nosuid", "nodev")) and
                     not facts[1]["ok"], f"{name}: {code} {facts} {err[-300:]}")


def other_device(world):
    """A device under the wrong name is not handed on."""
    for name, line in per_caller(world, ["true"]):
        code, _, err = in_mount_namespace(world, f"mount --bind /dev/zero /dev/full; {line}")
        world.expect(code == 125 and "/dev/full" in err, f"{name}: exit code {code}: {err[-300:]}")


# ---- between look and use

def refused(world, done, words):
    text = (done.stdout + done.stderr).decode()
    world.expect(done.returncode == 125 and words in text, f"exit code {done.returncode}: {text[-300:]}")


def swapped(world):
    """A grant becomes another folder, or a link to one, after the library has looked at it."""
    for kind in ("folder", "link"):
        granted, other = world.work / "granted", world.work / "other"
        granted.mkdir()
        if kind == "folder":
            shutil.copytree(world.outside, other)
        else:
            other.symlink_to(world.outside)
        policy = {"filesystem": {"readonlyPaths": ["${BIN}", str(granted)], "readwritePaths": []}}
        done = loose(world, [["readdir", str(granted)]], policy, MXC_TEST_SWAP=f"{granted}:{other}")
        refused(world, done, "is not what it was")
        for path in (granted, other):
            path.unlink() if path.is_symlink() else shutil.rmtree(path)


def redirected(world):
    """A folder on the way to a denied file becomes a link to a folder with a file of that name: the mask would cover
    the wrong one."""
    for name in ("keep", "decoy"):
        (world.work / name).mkdir()
        (world.work / name / "secret").write_text(name)
    (world.work / "link").symlink_to(world.work / "decoy")
    policy = {"filesystem": {"readonlyPaths": ["${BIN}", "${WORK}"], "readwritePaths": [],  # else each folder is held in place
                             "deniedPaths": [f"{world.work}/keep/secret"]}}
    done = loose(world, [f"open-read {world.work}/link/secret"], policy,
                 MXC_TEST_SWAP=f"{world.work}/keep:{world.work}/link")
    world.expect(done.returncode == 125 or b'"text":"keep"' not in done.stdout, f"the denied file was read: {done.stdout[:300]!r}")
    world.expect(done.returncode == 125, f"it started: exit code {done.returncode}")


NOEXEC = {"ok": True, "nosuid": True, "noexec": True}
ROWS = [
    Row("M-securebits", "securebits", "SandboxUser", "Escape", special=securebits),
    Row("M-landlock", "Landlock is there", "SandboxUser", "Escape", special=landlock),
    Row("M-cgroup-view", "the names of the host's groups", "SandboxUser", "HostLeak", special=cgroup_view),
    Row("M-inodes", "files in a private file system", "SandboxUser", "HostDoS", special=inodes),
    Row("M-noexec", "mounts that hold no programs", "SandboxUser", "Escape",
        inside=[(f"mount-flags {path}", NOEXEC) for path in ("/proc", "/dev/null", "/dev/pts", "/proc/keys")]),
    Row("M-unfiltered", "the walls behind the filter", "SandboxUser", "Escape", special=without_the_filter),
    Row("M-groups-of-root", "root's supplementary groups", "SandboxUser", "HostLeak", special=groups_of_root, roles=("root",)),
    Row("M-keeper", "what the keeper may", "SandboxUser", "Escape", special=keeper_rights),
    Row("M-descriptors", "descriptors of keeper and init", "SandboxUser", "Escape", special=descriptors, roles=("root",)),
    Row("M-groups", "the groups are entered", "SandboxUser", "HostDoS", special=groups_entered, roles=("root",)),
    Row("M-keeper-killed", "the keeper is killed while init is stopped", "SandboxUser", "HostDoS", special=keeper_killed),
    Row("M-host-forked", "the host is killed, a child of it lives", "SandboxUser", "HostDoS", special=host_forked),
    Row("M-later-mounts", "a mount that the host makes later", "SandboxUser", "HostLeak", special=later_mounts,
        roles=("root",)),
    Row("M-mounts-below", "file systems below a grant", "SandboxUser", "HostWrite", special=mounts_below, roles=("root",)),
    Row("M-device", "a device under the wrong name", "SandboxUser", "Escape", special=other_device, roles=("root",)),
    Row("M-swapped", "a grant is swapped after the look at it", "SandboxUser", "Escape", special=swapped),
    Row("M-redirected", "the way to a denied file is swapped", "SandboxUser", "HostLeak", special=redirected),
]
