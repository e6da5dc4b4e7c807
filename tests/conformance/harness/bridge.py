"""A driver for runners in other languages: their program answers requests, one JSON object a line on stdin, one on stdout.
The program calls its package and nothing else; cases, clocks and judging stay here.

Requests ("op" and what belongs to it; sandboxes and processes are named by numbers that this side gives out):
    {"op": "doctor"}                                                        {"doctor": what doctor() gives}
    {"op": "run", "command": C, "policy": TEXT, "baseDir": PATH}            an outcome: run() of the package
    {"op": "run", "command": C, "sandbox": N}                               an outcome: run() of the sandbox
    {"op": "spawn", "process": P, "command": C, "policy", "baseDir" | "sandbox"}     {"done": true}
    {"op": "wait", "process": P}, also with "timeoutMs": MS (0: only look)   an outcome
    {"op": "signal", "process": P, "signal": "SIGTERM"}                     {"done": true}
    {"op": "stop", "process": P, "graceMs": MS}                             {"done": true}
    {"op": "forget", "process": P}                                          {"done": true}: the handle is freed
    {"op": "open", "sandbox": N, "policy": TEXT, "baseDir": PATH}           {"done": true}
    {"op": "kill" | "close", "sandbox": N}                                  {"done": true}
C is the command of a case as case.schema.json has it. An outcome is {"result": R}; R has the keys of docs/results.md
that judge.py reads, made of the package's accessors, with the signal's name as "signal", "stdout" and "stderr" as base64
of all bytes, and the package's own JSON as the text "json". Any answer may be {"error": {"status": NAME, "message", "operation", "origin", "hint", "errno"}}, an error of the package; or
{"broken": TEXT}, which is the runner's own failure. At the end of its stdin the program ends."""
import base64
import itertools
import json
import subprocess
import time


class Broken(Exception):
    """The program did not answer, or not as it should."""


class PackageError(Exception):
    """An error of the package, as the JSON object that names it."""

    def __init__(self, error):
        super().__init__(json.dumps(error))
        self.error = error


class Channel:
    """The program, and one request at a time."""

    def __init__(self, command):
        self.program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.numbers = itertools.count(1)

    def ask(self, op, **words):
        line = json.dumps({"op": op, **words}).encode() + b"\n"
        try:
            self.program.stdin.write(line)
            self.program.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.program.stdout.readline()
        if not answer.endswith(b"\n"):
            raise Broken(f"the program ended with {self.program.wait()} at {line[:300]!r}")
        found = json.loads(answer)
        if "broken" in found:
            raise Broken(found["broken"])
        if "error" in found:
            raise PackageError(found["error"])
        return found

    def close(self):
        self.program.stdin.close()
        status = self.program.wait(timeout=30)
        self.program.stdout.close()
        if status:
            raise Broken(f"the program ended with {status}")


def outcome_of(call):
    """What a call gives: a result, or the error of the package, and how long it took."""
    began = time.monotonic()
    try:
        outcome = dict(call()["result"])
        outcome.update({name: base64.b64decode(outcome[name], validate=True) for name in ("stdout", "stderr")})
    except PackageError as caught:
        outcome = {"error": caught.error}
    return {**outcome, "elapsedMs": round((time.monotonic() - began) * 1000)}


class Process:
    """A process of the program; one that could not be started gives its error whenever it is asked."""

    def __init__(self, channel, command, **where):
        self.channel, self.number, self.error = channel, next(channel.numbers), None
        try:
            channel.ask("spawn", process=self.number, command=command, **where)
        except PackageError as caught:
            self.error = caught

    def _ask(self, op, **words):
        if self.error:
            raise self.error
        return self.channel.ask(op, process=self.number, **words)

    def wait(self, timeout_ms=None):
        return outcome_of(lambda: self._ask("wait", **({} if timeout_ms is None else {"timeoutMs": timeout_ms})))

    def kill(self, name):
        self._ask("signal", signal=name)

    def stop(self, grace_ms):
        self._ask("stop", graceMs=grace_ms)

    def forget(self):
        if not self.error:
            self._ask("forget")


class Sandbox:
    def __init__(self, channel, **policy):
        self.channel, self.number = channel, next(channel.numbers)
        channel.ask("open", sandbox=self.number, **policy)

    def run(self, command):
        return outcome_of(lambda: self.channel.ask("run", sandbox=self.number, command=command))

    def spawn(self, command):
        return Process(self.channel, command, sandbox=self.number)

    def kill(self):
        self.channel.ask("kill", sandbox=self.number)

    def close(self):
        self.channel.ask("close", sandbox=self.number)


class Bridge:
    """The driver for runner.main(). `own`: features of the package itself, as in expected.json."""

    def __init__(self, name, command, own=None):
        self.name, self.channel = name, Channel(command)
        self.own = {"handles": True, "grace": True, "timed-wait": True, **(own or {})}

    def features(self):
        found = self.channel.ask("doctor")["doctor"]["features"]
        return {**{f["name"]: f["available"] for f in found}, **self.own}

    def _acting(self, command, actions, policy):
        """As the package's user does it: spawn, act at these times, wait. The clock starts before the spawn."""
        began = time.monotonic()
        process = Process(self.channel, command, **policy)
        if process.error:
            raise process.error
        started = time.monotonic()
        for action in actions:
            time.sleep(max(0, action["afterMs"] / 1000 - (time.monotonic() - started)))
            if "signal" in action:
                process.kill(action["signal"])
            else:
                process.stop(action["stopGraceMs"])
        outcome = process.wait()
        process.forget()
        return {**outcome, "elapsedMs": round((time.monotonic() - began) * 1000)}

    def run(self, text, command, actions, place):
        policy = {"policy": text, "baseDir": str(place.root)}
        if not actions:
            return outcome_of(lambda: self.channel.ask("run", command=command, **policy))
        try:
            return self._acting(command, actions, policy)
        except PackageError as caught:
            return {"error": caught.error}

    def open(self, text, place):
        return Sandbox(self.channel, policy=text, baseDir=str(place.root))
