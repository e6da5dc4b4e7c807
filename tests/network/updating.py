"""updating.py POLICY CLIENT ACT... -- STEP...: opens a sandbox and runs the client with its acts. A step is a number of
the client's lines to wait for, "go", which the client waits for, or a policy to update the network to. Prints one JSON
line."""
import json
import sys

import mxc


def update(sandbox, policy):
    try:
        sandbox.update_network(policy)
        return "updated"
    except mxc.Error as error:
        return [error.status_name, error.origin]


def take(process, step, lines, said, sandbox):
    if step == "go":
        process.stdin.write(b"\n")
        process.stdin.flush()
    elif step.isdigit():
        lines.extend(json.loads(process.stdout.readline()) for _ in range(int(step)))
    else:
        said.append(update(sandbox, json.loads(step)))


def main():
    policy, client, *rest = sys.argv[1:]
    acts, steps = rest[:rest.index("--")], rest[rest.index("--") + 1:]
    said, lines = [], []
    with mxc.Sandbox(json.loads(policy)) as sandbox:
        process = sandbox.spawn(["python3", "-I", client, *acts], stdin=mxc.PIPE, stdout=mxc.PIPE)
        for step in steps:
            take(process, step, lines, said, sandbox)
        lines += [json.loads(line) for line in process.stdout.read().splitlines()]
        result = process.wait()
    rules = [item.rule for item in result.receipt if item.item.startswith("/network/egress/allow")]
    print(json.dumps({"said": said, "lines": lines, "rules": rules,
                      "connections": [vars(one) for one in result.connections]}))


main()
