"""The conformance suite through the Python package. Arguments: harness/runner.py; the package: that
of the build ($MXC_BUILD/python), or $MXC_PYTHON_PACKAGE."""
import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, os.environ.get("MXC_PYTHON_PACKAGE") or os.path.join(os.environ.get("MXC_BUILD", "build"), "python"))
from harness import runner  # noqa: E402

import mxc  # noqa: E402


def outcome_of_error(error):
    return {"error": {"status": error.status_name, "message": error.message, "operation": error.operation,
                      "origin": error.origin, "hint": error.hint, "errno": error.errno}}


def outcome_of_result(result):
    return {
        "exitCode": result.exit_code, "signal": signal.Signals(result.signal).name if result.signal else None,
        "timedOut": result.timed_out, "limitHit": result.limit_hit,
        "stdout": result.stdout, "stdoutLength": result.stdout_length, "stdoutTruncated": result.stdout_truncated,
        "stderr": result.stderr, "stderrLength": result.stderr_length, "stderrTruncated": result.stderr_truncated,
        "denials": [{"kind": d.kind, "what": d.what, "mechanism": d.mechanism, "count": d.count}
                    for d in result.denials],
        "json": result.to_json(),
        "receipt": [{"item": r.item, "level": r.level, "mechanism": list(r.mechanism)} for r in result.receipt],
    }


def outcome_of(call):
    """What a call gives: a result, or the exception of the package. Anything else is the runner's failure."""
    began = time.monotonic()
    try:
        outcome = outcome_of_result(call())
    except mxc.Error as error:
        outcome = outcome_of_error(error)
    return {**outcome, "elapsedMs": round((time.monotonic() - began) * 1000)}


def words(command):
    """The command of a case as the arguments of mxc.run()."""
    named = {"language": command["language"]} if "language" in command else {}
    if "cwd" in command:
        named["cwd"] = command["cwd"]
    if "env" in command:
        named["env"] = dict(entry.split("=", 1) for entry in command["env"])
    if "input" in command:
        named["input"] = command["input"].encode()
    if "timeoutMs" in command:
        named["timeout"] = command["timeoutMs"] / 1000
    if "graceMs" in command:
        named["grace"] = command["graceMs"] / 1000
    return [command.get("code", command.get("argv"))], named


class Process:
    def __init__(self, started):
        self.started = started  # a function that gives the process again, or raises again

    def wait(self, timeout_ms=None):
        return outcome_of(lambda: self.started().wait(None if timeout_ms is None else timeout_ms / 1000))

    def kill(self, name):
        self.started().send_signal(signal.Signals[name].value)

    def stop(self, grace_ms):
        self.started().stop(grace_ms / 1000)


class Sandbox:
    def __init__(self, policy):
        self.sandbox = mxc.Sandbox(policy)

    def run(self, command):
        args, named = words(command)
        return outcome_of(lambda: self.sandbox.run(*args, **named))

    def spawn(self, command):
        args, named = words(command)
        try:
            process = self.sandbox.spawn(*args, **named)
        except mxc.Error as caught:
            error = caught

            def again():
                raise error
            return Process(again)
        return Process(lambda: process)

    def kill(self):
        self.sandbox.kill()

    def close(self):
        self.sandbox.close()


class Python:
    name = "python"

    def features(self):
        return {**{f["name"]: f["available"] for f in mxc.doctor()["features"]}, "handles": True, "grace": True,
                "policy-command": False, "timed-wait": True, "closed-handles": True}

    @staticmethod
    def acting(policy, args, named, actions):
        process = mxc.spawn(*args, policy, **named)
        began = time.monotonic()
        for action in actions:
            time.sleep(max(0, action["afterMs"] / 1000 - (time.monotonic() - began)))
            if "signal" in action:
                process.send_signal(signal.Signals[action["signal"]].value)
            else:
                process.stop(action["stopGraceMs"] / 1000)
        return process.wait()

    def run(self, text, command, actions, place):
        args, named = words(command)

        def call():
            policy = mxc.Policy.from_json(text, base_dir=place.root)
            if actions:
                return self.acting(policy, args, named, actions)
            return mxc.run(*args, policy, **named)
        return outcome_of(call)

    def open(self, text, place):
        return Sandbox(mxc.Policy.from_json(text, base_dir=place.root))


if __name__ == "__main__":
    sys.exit(runner.main(Python()))
