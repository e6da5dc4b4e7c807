"""What the rows of rows.py are made of: a world of fresh folders and canaries, the probe outside (the positive
control) and inside (through `mxc run --json`), and the comparison. Knows no attack."""
import base64
import json
import os
import pathlib
import subprocess
import sys
import time

CONFORMANCE = pathlib.Path(__file__).resolve().parent.parent / "conformance"
sys.path.insert(0, str(CONFORMANCE))
from harness import cases, ground, match  # noqa: E402

BUILD = pathlib.Path(os.environ.get("MXC_BUILD", "build")).resolve()
MXC = os.environ.get("MXC_PROGRAM") or str(BUILD / "bin" / "mxc")
ROLE = "root" if os.geteuid() == 0 else "user"
USER = 23456
SLOW = float(os.environ.get("MXC_SLOW", 1))  # how many times slower than usual this machine is: emulated ones
HOST_POLICY = json.loads(os.environ.get("MXC_WALLS_POLICY", "{}"))  # what a host without something needs in every policy
FILTERED = os.environ.get("MXC_WALLS_FILTERED", "0")  # seccomp mode of everything here that is not mxc's
CLEAN = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}


def since(began):
    """Seconds since a time of time.monotonic(), as a machine of usual speed would count them."""
    return (time.monotonic() - began) / SLOW


class Skip(Exception):
    """A feature that is not here; its text is the feature's name."""


class Row:
    """One attack. `inside` and `outside` are lists of (act, pattern): the attack in the sandbox, and the same acts
    without it, which must succeed (the positive control). `allowed`: siblings that must work inside."""

    def __init__(self, id, title, attacker, impact, inside=(), outside=(), allowed=(), setup=(), policy=None,
                 after=None, outside_wrap=(), env=None, special=None, roles=("root", "user")):
        self.id, self.title, self.attacker, self.impact = id, title, attacker, impact
        self.inside, self.outside, self.allowed = list(inside), list(outside), list(allowed)
        self.setup, self.policy, self.after = list(setup), policy or {}, after
        self.outside_wrap, self.env, self.special, self.roles = list(outside_wrap), env, special, roles


class World(ground.Ground):
    """The ground of one run: ${WORK} is granted for writing unless the row says otherwise."""

    def __init__(self, base, name):
        super().__init__(base, pathlib.Path(base) / "bin", f"walls/{name}")
        self.faults = []
        self.seen = []  # what was observed inside: (act, line)

    def fill(self, value):
        return cases.fill(value, self.places)

    def policy(self, given):
        policy = {"filesystem": {"readonlyPaths": ["${BIN}"], "readwritePaths": ["${WORK}"]}}
        for key, value in {**HOST_POLICY, **given}.items():
            policy[key] = {**policy[key], **value} if key == "filesystem" else value
        path = self.root / "policy.json"
        path.write_text(json.dumps(self.fill(policy)))
        return str(path)

    def command(self, acts):
        line = [self.places["PROBE"]]
        for number, act in enumerate(acts):
            line += (["++"] if number else []) + (act.split() if isinstance(act, str) else list(act))
        return self.fill(line)

    def mxc(self, acts, policy=None, json_output=True):
        """The command line that runs these acts inside."""
        options = ["--json"] if json_output else []
        return [MXC, "run", *options, "--policy", self.policy(policy or {}), "--", *self.command(acts)]

    def outside_run(self, acts, wrap=(), **named):
        named.setdefault("env", CLEAN)
        return subprocess.run([*wrap, *self.command(acts)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, start_new_session=True, timeout=60 * SLOW, **named)

    def run(self, acts, policy=None, **named):
        """The result record of the acts inside; stdout and stderr as bytes."""
        named = {"env": CLEAN, "timeout": 60 * SLOW, "stdin": subprocess.DEVNULL, **named}
        began = time.monotonic()
        done = subprocess.run(self.mxc(acts, policy), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **named)
        try:
            record = json.loads(done.stdout)
        except ValueError:
            raise AssertionError(f"mxc ended with {done.returncode}, printed {done.stdout[:200]!r}, "
                                 f"{done.stderr[:400]!r}") from None
        for stream in ("stdout", "stderr"):
            if stream in record:
                text = record[stream]
                record[stream] = base64.b64decode(text) if record[stream + "Encoding"] == "base64" else text.encode()
        record["seconds"] = since(began)
        return record

    def expect(self, holds, text):
        if not holds:
            self.faults.append(text)

    def compare(self, where, pairs, data):
        """Each line of output with the pattern of its act."""
        rows = data.decode("utf-8", "replace").splitlines()
        self.expect(len(rows) == len(pairs), f"{where}: {len(rows)} lines for {len(pairs)} acts: {data[-300:]!r}")
        for (act, pattern), row in zip(pairs, rows):
            try:
                seen = json.loads(row)
            except ValueError:
                seen = None
            if where == "inside":
                self.seen.append((act if isinstance(act, str) else " ".join(act), self.neutral(seen)))
            self.expect(match.matches(seen, self.fill(pattern)), f"{where}: {act}: {row[:700]} is not {pattern}")

    def neutral(self, seen):
        """The same without what is this run's own: its folder."""
        return json.loads(json.dumps(seen).replace(str(self.root), "${ROOT}"))

    def check_result(self, record, exit_code=0):
        """It ran and ended by itself."""
        if "error" in record:
            self.faults.append(f"inside: mxc failed: {record['error']}")
            return False
        self.expect(record["exitCode"] == exit_code,
                    f"inside: exit code {record['exitCode']}, signal {record['signalName'] if 'signalName' in record else None}, "
                    f"{record['stderr'][:200]!r}")
        return True

    def check_host(self, checks):
        self.faults += [fault for fault in map(ground.host_fault, self.fill(checks)) if fault]


def find_processes(text):
    """Processes of the host whose command line has the text, by pid, without this one."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        try:
            line = pathlib.Path("/proc", entry, "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in line:
            found.append(int(entry))
    return found


def wait_until(holds, seconds):
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return holds()


def run_row(row, base):
    """(faults, what was seen inside) of one row; no faults when the wall stands."""
    worlds = []
    try:
        if row.outside:
            control = World(base, f"{row.id}-outside")
            worlds.append(control)
            control.set_up(control.fill(row.setup))
            done = control.outside_run([act for act, _ in row.outside], row.outside_wrap, env=row.env or CLEAN)
            control.compare("control", row.outside, done.stdout)
        world = World(base, f"{row.id}-inside")
        worlds.append(world)
        world.set_up(world.fill(row.setup))
        if row.special:
            row.special(world)
        if row.inside:
            pairs = row.inside + row.allowed
            record = world.run([act for act, _ in pairs], row.policy, env=row.env or CLEAN)
            if world.check_result(record):
                world.compare("inside", pairs, record["stdout"])
        world.check_host(row.after or [])
        world.faults += world.canary_faults()
        return [fault for one in worlds for fault in one.faults], world.seen
    finally:
        for one in worlds:
            one.remove()
