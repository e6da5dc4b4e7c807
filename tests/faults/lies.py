#!/usr/bin/env python3
"""Calls that take rights away say that they did and did not: init must see it when it reads back from the kernel, and
start nothing. As root and as an ordinary user. The workload looks at itself as well, in case it was started."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from faults import AS_USER, INJECT, MXC, PROBE, USER

SEES = {  # x86-64, the only machine that inject knows: what init must then find wrong
    "capset": (126, "capabilities"),
    "prctl": (157, "capabilities|no_new_privs"),
    "seccomp": (317, "the system-call filter|.*"),
    "mount_setattr": (442, "the flags of the mounts"),
}
WALLS = ["caps", "++", "mount-flags", "/", "++", "mount-flags", "/proc", "++", "mount-flags", "/usr", "++", "mount-flags",
         "WORK/ro"]


def run(n, call, work, prefix):
    acts = [word.replace("WORK", str(work)) for word in WALLS]
    command = [*prefix, str(INJECT), f"{n}:{call}", "0", "--", str(MXC), "run", "--preset", "strict", "--rw", str(work), "--ro", str(work / "ro"), "--",
               str(work / "probe"), *acts]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/", stdin=subprocess.DEVNULL)


def weaker(output):
    """What the workload finds missing in itself; everything when it said nothing."""
    facts = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    if len(facts) != 5:
        return ["it ran and did not say what it found"]
    caps, *mounts = facts
    missing = [key for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if int(caps[key], 16)]
    missing += [key for key, wanted in (("NoNewPrivs", "1"), ("Seccomp", "2")) if caps[key] != wanted]
    for fact in mounts:
        missing += [f"{fact} is not {flag}" for flag in ("readonly", "nosuid", "nodev") if not fact[flag]]
    return missing


def chosen(count):
    """Which of so many calls: of a long row of the same (the bounding set) some."""
    return range(1, count + 1) if count < 30 else [*range(1, 8), count // 2, *range(count - 8, count + 1)]


def sweep(who, prefix):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="lies-", dir="/tmp"))
    folder.chmod(0o755)
    work = folder / "work"
    (work / "ro").mkdir(parents=True)
    shutil.copy(PROBE, work / "probe")
    if prefix:
        os.chown(work, USER, USER)
    passed, problems, seen = 0, [], dict.fromkeys(SEES, 0)
    try:
        for name, (call, words) in SEES.items():
            whole = run(0, call, work, prefix)
            if whole.returncode or weaker(whole.stdout):
                return 0, [f"{who}: without a lie: {whole.returncode} {whole.stderr[-300:]} {weaker(whole.stdout)}"]
            for n in chosen(int(re.search(r"inject: (\d+) calls", whole.stderr).group(1))):
                done = run(n, call, work, prefix)
                found = re.search(rf"found (?:{words}) not as planned", done.stderr)
                seen[name] += bool(found)
                wrong = [] if done.returncode == 125 else weaker(done.stdout)
                problems += [f"{who}: {name} {n}: started with less: {wrong}"] if wrong else []
                passed += not wrong
        for name, count in seen.items():
            if not count and name != "seccomp":  # without a filter there is no listener, which stops it before
                problems.append(f"{who}: init never noticed that {name} had lied")
        print(f"{who}: init noticed {seen}")
    finally:
        shutil.rmtree(folder)
    return passed, problems


def main():
    who = [("root", [])] if os.geteuid() == 0 else []
    who.append(("user", AS_USER if os.geteuid() == 0 else []))
    passed, problems = 0, []
    for name, prefix in who:
        ok, bad = sweep(name, prefix)
        passed += ok
        problems += bad
    for line in problems:
        print("FAIL", line)
    print(f"{passed} passed, {len(problems)} failed, 0 skipped")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
