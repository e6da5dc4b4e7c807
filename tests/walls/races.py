#!/usr/bin/env python3
"""Names that are exchanged all the time (RENAME_EXCHANGE) while sandboxes start, run and end: granted, denied and
read-only paths. Nothing denied is ever read, nothing outside ever changes, and a start takes the object that was
checked or fails. As root and as an ordinary user.

    races.py [--role root|user] [--only NAME]...      MXC_RACE_MS: how long each race lasts (2000)"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import time
import traceback

import run_rows
import walls
from walls import CLEAN

MS = int(os.environ.get("MXC_RACE_MS", 2000))
SECRET = "hidden-marker"


class Swapper:
    """Two names of the host exchanged as fast as it goes."""

    def __init__(self, world, one, other):
        self.process = subprocess.Popen(world.command([["exchange", str(one), str(other), str(MS + 60000)]]),
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def again(world, acts, policy):
    """Starts sandbox after sandbox until the time is over: [(lines inside, error)]."""
    end, done = time.monotonic() + MS / 1000, []
    while time.monotonic() < end:
        record = world.run(acts, policy)
        lines = [json.loads(row) for row in record.get("stdout", b"").decode().splitlines()]
        done.append((lines, record.get("error")))
    started = sum(error is None for _, error in done)
    print(f"    {len(done)} starts, {started} went through, {len(done) - started} were refused")
    return done


def granted_against_link(world):
    """A granted folder and a link to a denied place change places: never that place, never a write outside."""
    real, link = world.work / "real", world.work / "link"
    real.mkdir()
    real.chmod(0o777)
    (world.outside / "secret").write_text(SECRET)
    os.symlink(world.outside, link)
    world.before = world.look()
    policy = {"filesystem": {"readonlyPaths": ["${BIN}"], "readwritePaths": [str(real)]}}
    acts = [f"open-read {real}/secret", f"create {world.outside}/x", f"create {real}/x", f"unlink {real}/x"]
    with Swapper(world, real, link):
        for lines, error in again(world, acts, policy):
            # a link at the moment of the check is a grant of what it leads to, so only what was checked may be mounted:
            world.expect(error is not None or len(lines) == len(acts), f"{lines} {error}")
    world.expect(not (world.outside / "x").exists(), "a file outside")


def denied_against_folder(world):
    """A denied folder and another change places while sandboxes start. Which of them has the name in the end is the
    host's affair; the mask is on one of them and stays there, whatever it is called."""
    keep, other = world.work / "keep", world.work / "other"
    for folder in (keep, other):
        folder.mkdir()
        (folder / "secret").write_text(SECRET)
    policy, end, read = {"filesystem": {"deniedPaths": [str(keep)]}}, time.monotonic() + MS / 1000, []
    while time.monotonic() < end:
        read.append(readable_after(world, keep, other, policy))
    print(f"    {len(read)} starts")
    world.expect(all(len(one) == 1 for one in read), f"readable after the exchanges: {read[:20]}")


def readable_after(world, keep, other, policy):
    """A start while the two are exchanged; then they stand still: which of them can be read inside."""
    go, there = world.work / "go", world.work / "there"
    acts = [f"create {there}", f"wait-for-file {go} 5000", f"open-read {keep}/secret", f"open-read {other}/secret"]
    swapper = Swapper(world, keep, other)
    with subprocess.Popen(world.mxc(acts, policy, json_output=False), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          env=CLEAN) as process:
        walls.wait_until(lambda: there.exists() or process.poll() is not None, 10)
        swapper.__exit__()
        go.write_text("")
        lines = [json.loads(row) for row in process.stdout.read().decode().splitlines()]
    there.unlink(missing_ok=True)
    go.unlink()
    return [number for number, line in enumerate(lines[2:]) if line["ok"]] if len(lines) == 4 else ["no start"]


def mask_from_inside(world):
    """The workload exchanges a denied folder, and its parent, with one of its own, against readers beside it."""
    keep = world.work / "a" / "keep"
    keep.mkdir(parents=True)
    (keep / "secret").write_text(SECRET)
    (world.work / "b" / "keep").mkdir(parents=True)
    for folder in (world.work / "a", world.work / "b"):
        folder.chmod(0o777)
    policy = {"filesystem": {"deniedPaths": [str(keep)]}}
    share = max(100, MS // 3)
    acts = [f"exchange {keep} {world.work}/b/keep {share}", f"exchange {world.work}/a {world.work}/b {share}",
            f"open-read {keep}/secret", f"open-read {world.work}/b/keep/secret"]
    record = world.run(acts, policy, timeout=120 + MS / 1000)
    lines = [json.loads(row) for row in record["stdout"].decode().splitlines()]
    world.expect([line["errno"] for line in lines[:2]] == ["EXDEV", "EBUSY"] and lines[0]["done"] == lines[1]["done"] == 0,
                 f"the mask or its parent was moved: {lines[:2]}")
    world.expect(not any(SECRET in line.get("text", "") for line in lines), f"the denied file was read: {lines[2:]}")


def write_through_links(world):
    """The workload exchanges a file of its own with a link to a read-only one, against its own writes through the name."""
    (world.work / "own").write_text("own")
    os.chmod(world.work / "own", 0o666)
    os.symlink(world.outside / "canary.txt", world.work / "link")
    policy = {"filesystem": {"readonlyPaths": ["${BIN}", str(world.outside)]}}
    command = world.mxc([["exchange", f"{world.work}/own", f"{world.work}/link", str(MS)]], policy, json_output=False)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN) as process:
        answers = set()
        while process.poll() is None:
            record = world.run([["append", f"{world.work}/own", "x"]] * 40, policy)
            answers |= {json.loads(row)["errno"] for row in record["stdout"].decode().splitlines()}
        world.expect(json.loads(process.stdout.read())["done"] > 100, "the exchange did not run")
    world.expect(answers == {None, "EROFS"}, f"answers: {answers}")


def ending_against_links(world):
    """What the workload wrote is exchanged with links to the outside while the sandbox ends: nothing is cleaned there."""
    (world.work / "out").mkdir()
    (world.work / "out").chmod(0o777)
    os.symlink(world.outside, world.work / "link")
    with Swapper(world, world.work / "out", world.work / "link"):
        for _, error in again(world, ["create /tmp/x", f"mkdir {world.work}/out/d{os.getpid()}"], {}):
            world.expect(error is None, f"{error}")
    world.expect(sorted(os.listdir(world.outside)) == ["canary.txt"], f"outside: {os.listdir(world.outside)}")


TESTS = (granted_against_link, denied_against_folder, mask_from_inside, write_through_links, ending_against_links)


def here(args):
    failed = 0
    for test in TESTS:
        if args.only and test.__name__ not in args.only:
            continue
        world = walls.World(args.base, f"races-{test.__name__}")
        try:
            test(world)
            world.faults += world.canary_faults()
        except Exception:
            world.faults.append("the test failed: " + traceback.format_exc())
        print(f"{'FAILED' if world.faults else 'ok'} {test.__name__} ({walls.ROLE})", *world.faults[:5], sep="\n    ", flush=True)
        failed += bool(world.faults)
        world.remove()
    return min(failed, 100)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--role", choices=["root", "user"])
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--base", type=pathlib.Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.base:
        return here(args)
    return run_rows.in_roles(__file__, args, len([test for test in TESTS if not args.only or test.__name__ in args.only]))


if __name__ == "__main__":
    sys.exit(main())
