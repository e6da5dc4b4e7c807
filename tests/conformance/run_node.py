"""The conformance suite through the Node.js package. Arguments: harness/runner.py. Every call is made by
node_driver.mjs, a program of its own that takes one request a line and answers one a line; here only the cases are
read and judged. The package: that of the build ($MXC_BUILD/node/mxc), or $MXC_NODE_PACKAGE."""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
from harness import runner  # noqa: E402

PACKAGE = os.environ.get("MXC_NODE_PACKAGE") or os.path.join(os.environ.get("MXC_BUILD", "build"), "node", "mxc")


class Driver:
    """The Node program."""

    def __init__(self):
        node = os.environ.get("MXC_NODE") or shutil.which("node")
        command = [node, str(HERE / "node_driver.mjs"), str(pathlib.Path(PACKAGE).resolve())]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, what, **arguments):
        self.process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the Node program ended with status {self.process.wait()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer["value"]

    def outcome(self, what, **arguments):
        outcome = self.ask(what, **arguments)
        for stream in ("stdout", "stderr"):
            if stream in outcome:
                outcome[stream] = base64.b64decode(outcome[stream])
        return outcome


class Process:
    def __init__(self, driver, number):
        self.driver, self.number = driver, number

    def wait(self, timeout_ms=None):
        limit = {} if timeout_ms is None else {"timeoutMs": timeout_ms}
        return self.driver.outcome("wait", process=self.number, **limit)

    def kill(self, name):
        self.driver.ask("kill", process=self.number, signal=name)

    def stop(self, grace_ms):
        self.driver.ask("stop", process=self.number, graceMs=grace_ms)


class Sandbox:
    def __init__(self, driver, policy, root):
        self.driver = driver
        self.number = driver.ask("open", policy=policy, root=str(root))

    def run(self, command):
        return self.driver.outcome("runIn", sandbox=self.number, command=command)

    def spawn(self, command):
        return Process(self.driver, self.driver.ask("spawn", sandbox=self.number, command=command))

    def kill(self):
        self.driver.ask("killSandbox", sandbox=self.number)

    def close(self):
        self.driver.ask("close", sandbox=self.number)


class Node:
    name = "node"

    def __init__(self):
        self.driver = Driver()

    def features(self):
        return {**self.driver.ask("features"), "handles": True, "grace": True, "policy-command": False,
                "timed-wait": True, "closed-handles": True}

    def run(self, text, command, actions, place):
        return self.driver.outcome("run", policy=text, command=command, actions=actions, root=str(place.root))

    def open(self, text, place):
        return Sandbox(self.driver, text, place.root)


if __name__ == "__main__":
    sys.exit(runner.main(Node()))
