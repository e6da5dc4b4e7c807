#!/usr/bin/env python3
"""An agent loop in Python: a model proposes code, the program runs it in a sandbox and feeds back what came of it, until
the code prints a line that begins with "ANSWER: ". The model is a script (../script.json); the sandboxes are real.

    PYTHONPATH=build/python build/venv/bin/python examples/agent-loop/python/agent_loop.py SCRIPT DATA
"""
import json
import os
import sys

import mxc

ANSWER = "ANSWER: "


def policy_for(data: str) -> mxc.Policy:
    """The code may read the data file and nothing else of the caller's; it has no network."""
    return mxc.Policy(read=[data], memory="512M", processes=16, timeout=20)


def feedback_of(result: mxc.Result) -> str:
    """What the model is told: both streams, what was refused, how it ended."""
    refused = "".join(f"denied: {denial.what}\n" for denial in result.denials)
    end = f"ended by signal {result.signal}\n" if result.signal else f"exit code {result.exit_code}\n"
    return result.stdout_text + result.stderr_text + refused + end


def turn(step: dict, policy: mxc.Policy, data: str) -> str | None:
    """One turn of the conversation; gives the answer when the code printed it."""
    print(f"model: {step['say']}\n{step['code']}", end="")
    result = mxc.run(step["code"], policy, env={"DATA": data, "CALLER_HOME": os.path.expanduser("~")})
    feedback = feedback_of(result)
    print(f"sandbox:\n{feedback}")
    for text in step["expect"]:  # as a model would look at it: when something else happened, it has nothing to say
        if text not in feedback:
            sys.exit(f"agent_loop: the script did not see: {text}")
    return next((line for line in result.stdout_text.splitlines() if line.startswith(ANSWER)), None)


def main() -> int:
    if len(sys.argv) != 3:
        sys.exit("usage: agent_loop.py SCRIPT DATA")
    with open(sys.argv[1], encoding="utf-8") as file:
        script = json.load(file)
    data = os.path.realpath(sys.argv[2])
    policy = policy_for(data)
    for step in script:
        answer = turn(step, policy, data)
        if answer:
            print(answer)
            return 0
    return 1


sys.exit(main())
