#!/usr/bin/env python3
"""The empty folders that hold the places of protected names: gone however a sandbox ends, also when keeper, caller, or
both are killed at any moment; and git works with them, inside and outside. As root and as an ordinary user.

    ghosts.py       the last line is `N passed, N failed, N skipped`"""
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from walls import BUILD, CLEAN, MXC, USER, wait_until

ROUNDS = 6  # of each way to end, at another moment each
LONGEST_START = 0.02  # seconds
USER_WORDS = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
GIT_INSIDE = """
set -e
git config --global --add safe.directory '*'
test -z "$(git status --porcelain)"
echo 2 > b; git add b; git commit -qm two
git checkout -qb other; echo 3 > c; git add c; git commit -qm three
git checkout -q main; echo 4 > d; git add d; git commit -qm four
git rebase -q other
echo z >> a; git stash -q; git stash pop -q; git checkout -q a
git worktree add -q wt -b wtb; test -f wt/a; git worktree remove wt
git clone -q . cl; test -f cl/a
git gc -q
test -z "$(git status --porcelain | grep -v ' cl/')"
git config a.b c 2> /dev/null && exit 9
touch .git/hooks/pre-commit 2> /dev/null && exit 9
test ! -e x; mv .git x 2> /dev/null && exit 9
touch go; while test ! -e done; do sleep 0.02; done
"""


def keeper_of(pid):
    """The keeper that this process has started, or None."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:
            continue
        if "(mxc-keeper)" in text and int(text.rpartition(")")[2].split()[1]) == pid:
            return int(stat.parent.name)
    return None


def kill(pid, number):
    try:
        os.kill(pid, number)
    except (ProcessLookupError, TypeError):
        pass


def end(way, started):
    keeper = keeper_of(started.pid)
    if way == "both":
        kill(keeper, signal.SIGSTOP)
        started.kill()
        kill(keeper, signal.SIGKILL)
    elif way == "keeper":
        kill(keeper, signal.SIGKILL)
    elif way == "keeper-term":
        kill(keeper, signal.SIGTERM)
    elif way == "caller":
        started.kill()
    else:
        started.terminate()


def ended(way, words, work, moment):
    """The faults of one sandbox that is ended in one way, `moment` seconds after its start."""
    started = subprocess.Popen([*words, MXC, "run", "--", "sleep", "20"], cwd=work, env=CLEAN, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment)
    if not way.startswith("keeper") or keeper_of(started.pid):
        end(way, started)
    else:  # too early for one
        started.kill()
    started.wait()
    if way == "both":  # nobody is left to do it: the next start does
        time.sleep(0.05)
        subprocess.run([*words, MXC, "run", "--", "true"], cwd=work, env=CLEAN, check=True)
    wait_until(lambda: not os.listdir(work), 3)
    return [f"left {sorted(os.listdir(work))}"] if os.listdir(work) else []


def killed(way, words, work):
    chance, faults = random.Random(way), []
    for number in range(ROUNDS):
        moment = 0.1 if number == 0 else chance.random() * LONGEST_START
        faults += [f"{moment * 1000:.1f} ms: {fault}" for fault in ended(way, words, work, moment)]
        for name in os.listdir(work):
            os.rmdir(work / name)
    return faults


def not_started(words, work):
    """A start that fails takes its ghosts with it."""
    done = subprocess.run([*words, MXC, "run", "--", "/not/there"], cwd=work, env=CLEAN, capture_output=True)
    return [f"status {done.returncode}, left {os.listdir(work)}"] if done.returncode != 127 or os.listdir(work) else []


def git(words, work):
    def outside(*line):
        names = ["-c", "safe.directory=*", "-c", "user.name=n", "-c", "user.email=n@example.org"]
        return subprocess.run([*words, "git", *names, *line], cwd=work, env=CLEAN, capture_output=True, text=True)
    outside("init", "-q", "-b", "main", ".")
    outside("config", "user.name", "n"), outside("config", "user.email", "n@example.org")
    subprocess.run([*words, "sh", "-c", "echo 1 > a"], cwd=work, check=True)
    outside("add", "a"), outside("commit", "-qm", "one")
    running = subprocess.Popen([*words, MXC, "run", "--", "sh", "-c", GIT_INSIDE], cwd=work, env=CLEAN, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until(lambda: (work / "go").exists() or running.poll() is not None, 30)
    seen = outside("status", "--porcelain")
    subprocess.run([*words, "touch", "done"], cwd=work, check=True)
    said = running.communicate(timeout=20)[0]
    faults = [f"inside: {running.returncode}, {said[-400:]}"] if running.returncode else []
    if sorted(seen.stdout.split()) != sorted("?? cl/ ?? go".split()) or seen.stderr:
        faults.append(f"outside, while it runs: {seen.stdout!r} {seen.stderr!r}")
    ghosts = [name for name in os.listdir(work) if (work / name).is_dir() and (work / name).stat().st_mode & 0o1000]
    return faults + ([f"left {ghosts}"] if ghosts else [])


def main():
    tests = {f"killed-{way}": (lambda words, work, way=way: killed(way, words, work))
             for way in ("keeper", "keeper-term", "caller", "caller-term", "both")}
    tests |= {"not-started": not_started, "git": git}
    count = {"ok": 0, "FAILED": 0, "SKIP": 0}
    for role in ["root", "user"] if os.geteuid() == 0 else ["user"]:
        words = USER_WORDS if role == "user" and os.geteuid() == 0 else []
        for name, test in tests.items():
            if name == "git" and not shutil.which("git"):
                print(f"SKIP git-{role}: git")
                count["SKIP"] += 1
                continue
            (BUILD / "walls").mkdir(parents=True, exist_ok=True)
            work = pathlib.Path(tempfile.mkdtemp(prefix="ghosts-", dir=BUILD / "walls"))
            if words:
                os.chown(work, USER, USER)
            began = time.monotonic()
            faults = test(words, work)
            shutil.rmtree(work, ignore_errors=True)
            word = "FAILED" if faults else "ok"
            count[word] += 1
            print(f"{word} {name} ({role}) {time.monotonic() - began:.1f} s", *faults, sep="\n    ", flush=True)
    print(f"{count['ok']} passed, {count['FAILED']} failed, {count['SKIP']} skipped")
    return 1 if count["FAILED"] else 0


if __name__ == "__main__":
    sys.exit(main())
