#!/usr/bin/env python3
"""Hosts that lack something: with each system call that mxc may need taken away (without.c), as root and as an ordinary
user, mxc is either refused before anything starts, in words that name what is missing, or it starts with a receipt
that claims nothing that is not there, and then the rows of tests/walls hold as ever.

    lacking.py [--all] [--only NAME]... [--docs]

Without --all a selection of the rows, for every day; --docs writes the table into docs/hosts.md (make test-lacking).
Ends with `N passed, N failed, N skipped`."""
import argparse
import ctypes
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = pathlib.Path(os.environ.get("MXC_BUILD", ROOT / "build")).resolve()
MXC, WITHOUT = BUILD / "bin" / "mxc", BUILD / "tests" / "without"
WALLS = ROOT / "tests" / "walls"
PAGE, BEGIN, END = ROOT / "docs" / "hosts.md", "<!-- lacking: begin -->", "<!-- lacking: end -->"
USER = 23456
CLEAN = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}
PR_SET_CHILD_SUBREAPER = 36
KEYS_USER = 23457  # not USER: whose keys are used up cannot start anything
HOLD_KEYS = """
import ctypes, os, sys, time
libc, number = ctypes.CDLL(None, use_errno=True), 248 if os.uname().machine == "x86_64" else 217
for key in range(100000):
    if libc.syscall(number, b"user", b"k%d" % key, b"x", 1, -2) >= 0:
        full = 0
    elif (full := full + 1) > 30:  # also those that somebody's end gives free
        break
    else:
        time.sleep(0.05)
print("held", flush=True)
sys.stdin.read()
"""
BOTH = ("root", "user")
REPORT = {"onUnsupported": "report"}
sys.path.insert(0, str(WALLS))
import coverage  # noqa: E402


class Missing:
    """What is taken away. `feature`: what doctor then calls missing. `says`: how a refusal names it; None where mxc
    must start. `report`: with onUnsupported "report" it must start, and these mechanisms must not be in the receipt.
    `weaker`: in these roles it must start with onUnsupported "report" on the wall without namespaces. Where neither is
    said, that changes nothing. `left_out`: rows that cannot run there, and why. `error`: what the call fails with: 38 (ENOSYS) as on a kernel
    without it, 1 (EPERM) as with a container's filter."""

    def __init__(self, name, feature=None, says=None, status="unsupported", report=(), weaker=(), left_out=(), error=38):
        self.call, self.name = name, name if error == 38 else f"{name} (EPERM)"
        self.feature, self.says, self.status, self.error = feature, says, status, error
        self.report, self.weaker, self.left_out = report, weaker, dict(left_out)


NEED_LANDLOCK = {"K11": "landlock for its control", "D3": "a refusal that onUnsupported lifts",
                 "D4": "a refusal that onUnsupported lifts", "S1": "policies without onUnsupported"}
ALL = [
    Missing("openat2", "mount-api", "openat2", weaker=BOTH),
    Missing("mount_setattr", "mount-api", "mount_setattr", weaker=BOTH),
    Missing("open_tree", "mount-api", "open_tree", weaker=BOTH),
    Missing("move_mount", "mount-api", "move_mount", weaker=BOTH),
    Missing("close_range", "process-api", "close_range"),
    Missing("pidfd_open", "process-api", "pidfd_open"),
    Missing("pidfd_send_signal", "process-api", "pidfd_send_signal"),
    Missing("seccomp-notify", "seccomp-notify", "user notification"),
    Missing("listener", None, "user notification", status="setup"),
    Missing("landlock_restrict_self", None, "landlock", status="setup"),
    Missing("landlock", "landlock", "Landlock", report=("landlock",), left_out=NEED_LANDLOCK),
    Missing("clone3", left_out={"P4": "clone3 for its control"}),
    Missing("faccessat2"),
    Missing("openat2", "mount-api", "openat2", weaker=BOTH, error=1),
    Missing("open_tree", "mount-api", "open_tree", weaker=BOTH, error=1),
    # the kernel itself says EPERM to a caller without rights, so only the start tells
    # a path that cannot be mounted may be the policy's fault; that owners cannot be mapped, which root needs, is the host's
    Missing("mount_setattr", None, "a filter forbids it", status="setup", weaker=("root",), error=1),
    Missing("move_mount", None, "a filter forbids it", status="setup", weaker=BOTH, error=1),
    Missing("close_range", "process-api", "close_range", error=1),
    Missing("pidfd_open", "process-api", "pidfd_open", error=1),
    Missing("landlock", "landlock", "Landlock", report=("landlock",), left_out=NEED_LANDLOCK, error=1),
    Missing("faccessat2", error=1),
]
# every day: the attacks that the missing call could let through, by letter or one by one, and a spread; without those
# that take seconds
EVERY_DAY = {
    "landlock": "F P K I N T A",
    "clone3": "P I F1 F5 F13 K2 K13 N1 A1",
    "faccessat2": "F1 F2 F5 F13 F21 A1 S1",
}
SLOW = {"F32", "K16"}


def as_role(role):
    if role == "user" and os.geteuid() == 0:
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
    return []


class Attempt:
    """One `mxc run --json` below without."""

    def __init__(self, missing, role, base, policy, arguments=("run", "--json")):
        work = base / role
        work.mkdir(exist_ok=True)
        os.chmod(work, 0o777)  # without namespaces a sandbox of root is everybody
        if role == "user" and os.geteuid() == 0:
            os.chown(work, USER, USER)
        file = base / f"{role}.json"
        file.write_text(json.dumps({"filesystem": {"readwritePaths": [str(work)]}, **policy}))
        line = [*as_role(role), MXC, *arguments]
        line += ["--policy", file, "--", "true"] if arguments[0] == "run" else []
        line = [WITHOUT, missing.call, "--errno", str(missing.error), "--", *line] if missing else line
        adopt_orphans(1)
        done = subprocess.run(line, env=CLEAN, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, timeout=60, check=False)
        self.status, self.printed = done.returncode, done.stderr.decode()
        self.record = json.loads(done.stdout) if done.stdout else {}
        self.error, self.receipt = self.record.get("error"), self.record.get("receipt", [])
        self.left = left_behind(work)
        adopt_orphans(0)  # the rows need somebody who reaps at once


def adopt_orphans(whether):
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, whether, 0, 0, 0)


def left_behind(work):
    """What is still there a second later: orphans, which come to us; files in the granted folder."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.01)
        except ChildProcessError:
            return [f"file {entry.name}" for entry in work.iterdir()]
    return ["a process"]


def mechanisms(receipt):
    return {word for line in receipt for word in line["mechanism"] if line["level"] != "none"}


@functools.cache
def usual_of(role, base):
    """(features, a start) of this host, where nothing is missing."""
    return features_of(None, role, base), Attempt(None, role, base, {})


def features_of(missing, role, base):
    """What doctor says, by name."""
    return {feature["name"]: feature for feature in Attempt(missing, role, base, {}, ("doctor", "--json")).record["features"]}


def doctor_faults(missing, role, base):
    features, usual = features_of(missing, role, base), usual_of(role, base)[0]
    gone = {name for name in usual if usual[name]["available"] and not features[name]["available"]}
    # ID-mapping is one of the mount calls
    wanted = {missing.feature} - {None} | ({"idmapped-mounts"} if missing.feature == "mount-api" else set())
    faults = [] if gone == wanted else [f"doctor misses {sorted(gone)}, not {sorted(wanted)}"]
    return faults + [f"doctor has no remedy for {name}" for name in gone if not features[name]["remedy"]]


def refusal_faults(missing, attempt):
    error = attempt.error
    if not error:
        return [f"it started (status {attempt.status}, {attempt.printed})"]
    faults = [] if attempt.status == 125 else [f"status {attempt.status}"]
    if error["status"] != missing.status or not error["hint"] and missing.status == "unsupported":
        faults.append(f"it is refused as {error}")
    if missing.says not in f"{error['message']} {error['hint']}":
        faults.append(f"the refusal does not name {missing.says!r}: {error['message']} ({error['hint']})")
    return faults + [f"{thing} is left" for thing in attempt.left]


def start_faults(missing, attempt, usual):
    """It starts; the receipt is the usual one, less what is missing."""
    if attempt.error or attempt.status:
        return [f"it did not start: {attempt.error or attempt.printed}"]
    claimed, wanted = mechanisms(attempt.receipt), mechanisms(usual.receipt) - set(missing.report)
    faults = [] if claimed == wanted else [f"the receipt claims {sorted(claimed ^ wanted)} wrongly"]
    if missing.report and not any(line["level"] == "none" and "Landlock" in line["rule"] for line in attempt.receipt):
        faults.append("the receipt does not say what is missing")
    return faults + [f"{thing} is left" for thing in attempt.left]


def weaker_faults(attempt):
    """It starts without namespaces, and the receipt says so and why."""
    if attempt.error or attempt.status:
        return [f"it did not start: {attempt.error or attempt.printed}"]
    claimed = [word for word in mechanisms(attempt.receipt) if "namespace" in word or "mount" in word]
    faults = [f"the receipt claims {claimed}"] if claimed else []
    whole = [line for line in attempt.receipt if line["item"] == "/containment"]
    if not any(line["level"] == "none" for line in whole):
        faults.append("the receipt does not say what is weaker")
    if not any("user namespaces are not available here" in line.get("note", "") for line in whole):
        faults.append(f"the receipt does not say why: {whole[0]}")
    return faults + [f"{thing} is left" for thing in attempt.left]


def wall_rows(missing, everything):
    """(results of `ok`, `FAILED`, `SKIP`, lines of the failed) of the rows of tests/walls without the call."""
    if missing.weaker:
        return weaker_rows(missing)
    chosen = [row.id for row in coverage.load_rows() if row.id not in missing.left_out]
    if not everything:
        names = set(EVERY_DAY[missing.call].split())
        chosen = [one for one in chosen if names & {one[0], one.partition(".")[0]} and one not in SLOW]
    line = [WITHOUT, missing.call, "--errno", str(missing.error), "--", sys.executable, WALLS / "run_rows.py"]
    line += [word for one in chosen for word in ("--only", one)]
    return counts_of(line, MXC_WALLS_FILTERED="2", MXC_WALLS_POLICY=json.dumps(REPORT if missing.report else {}))


def weaker_rows(missing):
    """The same of the rows of the weaker wall."""
    line = [sys.executable, WALLS / "no_userns.py", "--without", f"{missing.call}:{missing.error}"]
    return counts_of(line + (["--role", *missing.weaker] if len(missing.weaker) == 1 else []))


def counts_of(line, **named):
    env = dict(os.environ, MXC_BUILD=str(BUILD), **named)
    done = subprocess.run(line, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    counted = re.findall(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", done.stdout, re.M)
    bad = [one for one in done.stdout.splitlines() if one.startswith(("FAILED", "    ", "Traceback", "SKIP"))]
    return ([int(number) for number in counted[-1]] if counted else [0, 1, 0]), bad


def judge(missing, role, base):
    """(faults, what came of it) of doctor and of a start, in a role."""
    faults = doctor_faults(missing, role, base)
    usual = usual_of(role, base)[1]
    outcome = "starts"
    attempt = Attempt(missing, role, base, {})
    if missing.says:
        faults += refusal_faults(missing, attempt)
        outcome = f"refused: {attempt.error['message']}".replace(f"{base}/", "") if attempt.error else "starts"
    else:
        faults += start_faults(missing, attempt, usual)
    if missing.report:
        faults += start_faults(missing, Attempt(missing, role, base, REPORT), usual)
        outcome += "; with `onUnsupported: \"report\"` it starts, and the receipt says so"
    elif role in missing.weaker:
        faults += weaker_faults(Attempt(missing, role, base, REPORT))
        outcome += "; with `onUnsupported: \"report\"` it starts on the weaker wall"
    elif missing.says:
        faults += refusal_faults(missing, Attempt(missing, role, base, REPORT))
        outcome += "; the same with `onUnsupported: \"report\"`"
    return faults, outcome


def one(missing, everything, base):
    """(passed, failed, skipped, line of the table)."""
    roles = ["root", "user"] if os.geteuid() == 0 else ["user"]
    passed = failed = skipped = 0
    outcomes = []
    for role in roles:
        faults, outcome = judge(missing, role, base)
        outcomes.append(outcome)
        print(f"{'FAILED' if faults else 'ok'} {missing.name} ({role}): {outcome}", flush=True)
        print("".join(f"    {fault}\n" for fault in faults), end="", flush=True)
        failed, passed = failed + bool(faults), passed + (not faults)
    rows = "none can run"
    if missing.report or not missing.says or missing.weaker and everything:
        began = time.monotonic()
        counted, bad = wall_rows(missing, everything)
        left_out = len(missing.left_out) * len(roles)
        passed, failed, skipped = passed + counted[0], failed + counted[1], skipped + counted[2] + left_out
        rows = f"{counted[0]} passed, {counted[1]} failed, {counted[2] + left_out} skipped"
        print(f"{'FAILED' if counted[1] else 'ok'} {missing.name}: walls: {rows} [{time.monotonic() - began:.0f} s]")
        print("".join(f"{line}\n" for line in bad), end="")
        for row, why in missing.left_out.items():
            print("".join(f"SKIP {row}-{role}: {why}\n" for role in roles), end="", flush=True)
    came = outcomes[0] if len(set(outcomes)) == 1 else "; ".join(f"{role}: {one}" for role, one in zip(roles, outcomes))
    return passed, failed, skipped, f"| {missing.name} | {came} | {rows} |"


def keys_faults(base):
    """A user whose kernel keys are used up: the start waits for one, and says what is missing when none comes."""
    work = base / "keys"
    work.mkdir()
    os.chown(work, KEYS_USER, KEYS_USER)
    as_user = ["setpriv", f"--reuid={KEYS_USER}", f"--regid={KEYS_USER}", "--clear-groups", "--"]
    start = [*as_user, MXC, "run", "--json", "--", "true"]
    join = 250 if os.uname().machine == "x86_64" else 219

    def session():
        """As after a login: the first keyring of a session is not counted."""
        ctypes.CDLL(None).syscall(join, 1, None)
    named = {"env": CLEAN, "cwd": work, "stdout": subprocess.PIPE, "preexec_fn": session}
    with subprocess.Popen([*as_user, sys.executable, "-c", HOLD_KEYS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        done = subprocess.run(start, check=False, **named)
        error = json.loads(done.stdout).get("error", {})
        with subprocess.Popen(start, **named) as waiting:
            time.sleep(0.3)
            holder.stdin.close()
            holder.wait()  # a dead process has its keys until then
            later = json.loads(waiting.communicate()[0])
    faults = [] if "maxkeys" in error.get("hint", "") and "keyctl" in error["message"] else [f"without a key: {error}"]
    return faults + ([f"with a key a moment later: {later['error']}"] if "error" in later else [])


def write_docs(lines):
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    text = "\n".join(["| missing | what comes of `mxc run` | rows of the walls, as root and as an ordinary user |",
                      "| --- | --- | --- |", *lines])
    PAGE.write_text(f"{before}{BEGIN}\nRun on {time.strftime('%Y-%m-%d')}.\n\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="all rows of the walls")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--docs", action="store_true", help="write the table into docs/hosts.md")
    args = parser.parse_args()
    total, lines = [0, 0, 0], []
    BUILD.joinpath("lacking").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD / "lacking") as base:
        os.chmod(base, 0o755)
        for missing in ALL:
            if args.only and missing.name not in args.only:
                continue
            *counted, line = one(missing, args.all, pathlib.Path(base))
            total = [a + b for a, b in zip(total, counted)]
            lines.append(line)
        if os.geteuid() == 0 and not args.only:
            faults = keys_faults(pathlib.Path(base))
            total = [total[0] + (not faults), total[1] + bool(faults), total[2]]
            print(f"{'FAILED' if faults else 'ok'} kernel keys (user): {'; '.join(faults) or 'waited for, or named'}", flush=True)
    if args.docs:
        write_docs(lines)
    print(f"{total[0]} passed, {total[1]} failed, {total[2]} skipped")
    return 1 if total[1] or not total[0] else 0


if __name__ == "__main__":
    sys.exit(main())
