"""What several files of rows use: patterns, policies, a process of the host to aim at."""
import os
import pathlib
import subprocess
import time

from walls import BUILD, ROLE

ROOT = ROLE == "root"
# Where the tests' folders lie below a place that is private inside, the folders above them are private too: writable,
# and nothing of it reaches the host (the canaries are compared all the same).
ABOVE_IS_PRIVATE = str(BUILD).startswith(("/tmp/", "/var/tmp/", "/dev/shm/"))
NO_CAPS = {**{key: "0" * 16 for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}, "NoNewPrivs": "1",
           "Seccomp": "2"}
SEE_OUTSIDE = {"filesystem": {"readonlyPaths": ["${BIN}", "${OUTSIDE}"]}}
HIDDEN = [{"dir": "${WORK}/keep"}, {"file": "${WORK}/keep/secret", "text": "hidden-marker"}]
DENY_KEEP = {"filesystem": {"deniedPaths": ["${WORK}/keep"]}}
OWN_MOUNTS = ["unshare", "-Urm", "--propagation", "private", "--"]  # for controls: all capabilities, nothing harmed


def ok(**more):
    return {"ok": True, **more}


def no(errno, **more):
    return {"ok": False, "errno": errno, **more}


def masked(path):
    """A masked file of /proc; a kernel without it has none to mask."""
    return "EACCES EACCES" if os.path.exists(path) else "ENOENT ENOENT"


def only_line(world, data, pattern, where):
    world.compare(where, [("", pattern)], data)


def ran(world, acts, pairs, policy=None, exit_code=0, **named):
    """Runs inside, checks that it ended well, compares its lines."""
    record = world.run(acts, policy, **named)
    if world.check_result(record, exit_code) and pairs:
        world.compare("inside", list(zip(acts, pairs)), record["stdout"])
    return record


class Victim:
    """A process of the host that the sandbox has no business with."""

    def __enter__(self):
        self.process = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        # an exec that has succeeded has not yet shown its environment
        while not pathlib.Path(f"/proc/{self.pid}/environ").read_bytes():
            time.sleep(0.001)
        return self

    @property
    def alive(self):
        return self.process.poll() is None

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def marker_in(folder, world):
    marker = pathlib.Path(folder) / f"mxc-walls-{os.getpid()}"
    marker.write_text("host marker\n")
    try:
        only_line(world, world.outside_run([["stat", str(marker)]]).stdout, {"ok": True}, "control")
        ran(world, [["stat", str(marker)], ["create", f"{marker}.inside"]], [{"errno": "ENOENT"}, {"ok": True}])
        world.expect(not os.path.exists(f"{marker}.inside"), f"{folder}: a file of the sandbox is on the host")
    finally:
        marker.unlink()
