"""The loop of a Python-driven runner. A driver gives: name, features() -> {name: available}, run(policy, command,
actions, ground) -> outcome, and, where it has handles, open(policy, ground) -> object with run(command) -> outcome,
spawn(command) -> process, kill(), close(). A process has wait([timeout_ms]) -> outcome, kill(signal), stop(grace_ms), and
may have forget(): called last, after the sandbox was closed. An outcome should have "json", the package's own JSON.

Features a driver has to claim itself: "handles", "grace", "policy-command"; "timed-wait": wait(timeout_ms) works;
"closed-handles": a sandbox that was closed answers run and spawn with the error `closed`.

    run_X.py --base FOLDER --probe FILE --out FILE [--tag quick] [--wrong] [--only ID]...

Writes one JSON line a case and ends with `N passed, N failed, N skipped`."""
import argparse
import json
import os
import pathlib
import time
import traceback

from . import cases, ground, judge


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base", required=True, type=pathlib.Path)
    parser.add_argument("--probe", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--tag")
    parser.add_argument("--wrong", action="store_true")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


def missing_feature(case, features):
    for name in case.get("requires", []):
        if name not in features:
            raise cases.CaseError(f"feature {name!r} is asked for, but the probe does not know it")
        if not features[name]:
            return name
    return None


def policy_text(case):
    return case["policyText"] if "policyText" in case else json.dumps(case["policy"])


# what a driver that says nothing of it cannot do
UNSAID = {"timed-wait": False, "closed-handles": False}


class Steps:
    """The steps of a lifecycle case in one open sandbox."""

    def __init__(self, driver, case, place, base):
        self.driver, self.case, self.place, self.base = driver, case, place, base
        self.faults, self.records, self.running, self.waited = [], [], {}, {}

    def judge(self, number, outcome, expect):
        self.faults += [f"step {number}: {fault}" for fault in judge.faults_of(outcome, expect)]
        self.records.append(judge.record_of(outcome, self.base, self.case.get("volatile", [])))

    def wait(self, number, step):
        """One wait; a process that is waited for again must give an equal result."""
        name = step["wait"]
        outcome = self.running[name].wait(*([step["timeoutMs"]] if "timeoutMs" in step else []))
        self.judge(number, outcome, step["expect"])
        if "error" not in outcome:
            if self.waited.setdefault(name, self.records[-1]) != self.records[-1]:
                self.faults.append(f"step {number}: waiting again gave {self.records[-1]} after {self.waited[name]}")

    def one(self, sandbox, number, step):
        if "run" in step:
            self.judge(number, sandbox.run(step["run"]), step["expect"])
        elif "spawn" in step:
            self.running[step["spawn"]] = sandbox.spawn(step["command"])
        elif "wait" in step:
            self.wait(number, step)
        elif "kill" in step:
            self.running[step["kill"]].kill(step["signal"])
        elif "stop" in step:
            self.running[step["stop"]].stop(step["graceMs"])
        elif "killSandbox" in step:
            sandbox.kill()
        elif "close" in step:
            sandbox.close()
        elif "sleepMs" in step:
            time.sleep(step["sleepMs"] / 1000)
        else:
            self.faults += [f"step {number}: {f}" for f in map(ground.host_fault, step["host"]) if f]

    def all(self):
        sandbox = self.driver.open(policy_text(self.case), self.place)
        try:
            for number, step in enumerate(self.case["steps"]):
                if "reopen" in step:
                    sandbox.close()
                    sandbox = self.driver.open(policy_text(self.case), self.place)
                else:
                    self.one(sandbox, number, step)
        finally:
            sandbox.close()
            for process in self.running.values():
                getattr(process, "forget", lambda: None)()
        return self.faults, self.records


def run_case(driver, case, place, base):
    place.set_up(case.get("setup", []))
    if "steps" in case:
        return Steps(driver, case, place, base).all()
    began = time.monotonic()
    outcome = driver.run(policy_text(case), case.get("run", {}), case.get("actions", []), place)
    outcome.setdefault("elapsedMs", round((time.monotonic() - began) * 1000))
    return judge.faults_of(outcome, case["expect"]), judge.record_of(outcome, base, case.get("volatile", []))


def one(driver, raw, args, features):
    line = {"id": raw["id"], "runner": driver.name, "role": "root" if os.geteuid() == 0 else "user"}
    missing = missing_feature(raw, features)
    if missing:
        return {**line, "outcome": "skipped", "feature": missing}
    place = ground.Ground(args.base, args.base / "bin", raw["id"])
    try:
        case = cases.fill(raw, place.places)
        faults, record = run_case(driver, case, place, str(args.base))
        faults += place.canary_faults()
    except cases.CaseError:
        raise
    except Exception:
        faults, record = ["the runner failed: " + traceback.format_exc()], None
    if not args.keep:
        place.remove()
    return {**line, "outcome": "failed" if faults else "passed", "faults": faults, "record": record}


def main(driver):
    args = arguments()
    features = {"root": os.geteuid() == 0, "user": os.geteuid() != 0, **UNSAID, **driver.features()}
    chosen = [c for c in cases.load(args.wrong) if (not args.tag or args.tag in c.get("tags", []))
              and (not args.only or c["id"] in args.only)]
    count = {"passed": 0, "failed": 0, "skipped": 0}
    with args.out.open("w") as out:
        for case in chosen:
            line = one(driver, case, args, features)
            out.write(json.dumps(line) + "\n")
            out.flush()
            count[line["outcome"]] += 1
            for fault in line.get("faults", []):
                print(f"FAILED {case['id']}: {fault}")
    assert sum(count.values()) == len(chosen)
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped", flush=True)
    return 1 if count["failed"] or not chosen else 0
