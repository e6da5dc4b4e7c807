"""The conformance suite through the command line: `mxc run --json`. Also checks that the exit status of mxc agrees
with what it printed. Arguments: harness/runner.py; the program: $MXC_BUILD/bin/mxc or $MXC_PROGRAM."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import runner  # noqa: E402

MXC = os.environ.get("MXC_PROGRAM") or os.path.join(os.environ.get("MXC_BUILD", "build"), "bin", "mxc")
# of the caller's environment nothing may matter, so there is little and something that must not get in
CALLER = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "CALLER_TOKEN": "must-not-get-in"}


def status_wanted(outcome):
    if "error" in outcome:
        return {"command_not_found": 127, "command_not_executable": 126}.get(outcome["error"]["status"], 125)
    if outcome["timedOut"]:
        return 124
    return 128 + signal.Signals[outcome["signal"]].value if outcome["signal"] else outcome["exitCode"]


def stream_bytes(found, name):
    text = found[name]
    return base64.b64decode(text) if found[name + "Encoding"] == "base64" else text.encode()


def outcome_of(printed, status):
    found = json.loads(printed)
    if "error" in found:
        outcome = {"error": found["error"]}
    else:
        outcome = dict(found, signal=found.get("signalName"), json=printed)
        for name in ("stdout", "stderr"):
            outcome[name] = stream_bytes(found, name)
            if len(outcome[name]) != found[name + "Bytes"]:
                raise AssertionError(f"{name}Bytes is {found[name + 'Bytes']} for {len(outcome[name])} bytes")
    if status != status_wanted(outcome):
        raise AssertionError(f"exit status {status} instead of {status_wanted(outcome)}: {printed[:300]}")
    return outcome


class Cli:
    name = "cli"

    def features(self):
        done = subprocess.run([MXC, "doctor", "--json"], stdout=subprocess.PIPE, env=CALLER, timeout=60)
        found = {f["name"]: f["available"] for f in json.loads(done.stdout)["features"]}
        return {**found, "handles": False, "grace": False, "policy-command": True}

    @staticmethod
    def command_line(policy_file, command):
        line = [MXC, "run", "--json", "--policy", policy_file]
        line += ["--cwd", command["cwd"]] if "cwd" in command else []
        line += [word for entry in command.get("env", []) for word in ("--env", entry)]
        line += ["--timeout", f"{command['timeoutMs']}ms"] if "timeoutMs" in command else []
        line += ["--lang", command["language"]] if "language" in command else []
        if "code" in command:
            return line + ["--code", command["code"]]
        return line + ["--", *command["argv"]] if "argv" in command else line

    def run(self, policy, command, actions, place):
        assert not actions and "graceMs" not in command and "interpreter" not in command
        policy_file = place.root / "policy.json"
        policy_file.write_bytes(policy.encode("utf-8", "surrogateescape"))
        stdin = {"input": command["input"].encode()} if "input" in command else {"stdin": subprocess.DEVNULL}
        began = time.monotonic()
        done = subprocess.run(self.command_line(str(policy_file), command), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, env=CALLER, cwd=place.root, timeout=90, **stdin)
        took = round((time.monotonic() - began) * 1000)
        try:
            outcome = outcome_of(done.stdout, done.returncode)
        except (ValueError, KeyError) as error:
            raise AssertionError(f"mxc printed {done.stdout[:300]!r}, status {done.returncode}, "
                                 f"stderr {done.stderr[:300]!r}: {error!r}") from error
        return {**outcome, "elapsedMs": took}


if __name__ == "__main__":
    sys.exit(runner.main(Cli()))
