#!/usr/bin/env python3
"""A slow, simple model of what a policy allows, and a check of the library against it on random policies.

The model reads the same JSON and decides by brute force: no sorting, no intersection, no normal form. The
library answers through tests/unit/policy/policy_oracle.c. What is checked:
  - access to a path, and the limits, are what the model says;
  - the order of rules does not matter; one more denied path never adds access;
  - printing and reading again changes nothing;
  - intersection gives the smaller access at every path and the common connections, in any order and grouping,
    and twice the same policy gives that policy.

  policy_reference.py --oracle build/tests/policy_oracle [--seed 1] [--seconds 8]
A round is three random policies. A failure prints the seed of its round and the policies; --seed with --rounds 1
repeats it. With --progress a line is printed every few seconds. Many in parallel: scripts/fuzz-policy.
"""
import argparse
import functools
import ipaddress
import json
import random
import subprocess
import sys
import time

NONE, VIEW, READ, WRITE = range(4)
SYSTEM = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"]
LISTS = [("deniedPaths", NONE), ("readonlyPaths", READ), ("readwritePaths", WRITE)]  # strictest first
LIMITS = {  # field: (default, 0 means none)
    "memoryBytes": (1 << 30, False), "swapBytes": (0, False), "processes": (256, False), "cpus": (0, True),
    "cpuTimeMs": (0, True), "wallTimeMs": (0, True), "outputBytes": (1 << 20, False), "fileBytes": (0, True),
    "openFiles": (1024, False), "diskBytes": (0, True),
}


def get(policy, *names, default=None):
    for name in names:
        if not isinstance(policy, dict) or name not in policy:
            return default
        policy = policy[name]
    return policy


# ---- the model -----------------------------------------------------------------------------------------------

def above(path):
    """The path itself, then every folder above it."""
    while path != "/":
        yield path
        path = path.rpartition("/")[0] or "/"
    yield "/"


def level(policy, path):
    for folder in above(path):
        for name, access in LISTS:
            if folder in get(policy, "filesystem", name, default=[]):
                return access
    if get(policy, "filesystem", "baseline", default="system") == "none":
        return NONE
    if any(folder in SYSTEM for folder in above(path)):
        return READ
    return VIEW if "/etc" in above(path) else NONE


def level_of_both(a, b, path):
    both = min(level(a, path), level(b, path))
    # the curated /etc comes with the baseline alone: no rule can grant it where the baseline is gone or covered
    gone = any(get(p, "filesystem", "baseline") == "none" or set(above(path)) & set(p["filesystem"]["deniedPaths"])
               for p in (a, b))
    return NONE if both == VIEW and gone else both


network = functools.lru_cache(ipaddress.ip_network)


def in_block(address, cidr):
    return address is not None and address in network(cidr)


# of these the tests have addresses; all are in core/src/base/guarded.c
GUARDED = [ipaddress.ip_network(x) for x in ("0.0.0.0/8", "127.0.0.0/8", "10.0.0.0/8", "::/96", "fc00::/7")]


def opens(address, cidr):
    """A guarded block is opened only by a block that lies within it; None: every address."""
    return all(address not in guard or (cidr is not None and network(cidr).version == guard.version and network(cidr).subnet_of(guard))
               for guard in GUARDED)


def peer_grants(peer, name, address):
    return peer_matches(peer, name, address) and (address is None or opens(address, peer.get("cidr")))


def peer_matches(peer, name, address):
    if "host" in peer:
        host = peer["host"]
        if host.startswith("*."):
            return name is not None and name.endswith(host[1:]) and len(name) > len(host) - 1
        return name == host
    return in_block(address, peer["cidr"]) and not any(in_block(address, x) for x in peer.get("except", []))


def port_matches(rule, protocol, port):
    if rule.get("protocol", "any") not in ("any", protocol):
        return False
    if "port" not in rule:
        return True
    return port is not None and rule["port"] <= port <= rule.get("endPort", rule["port"])


def rule_matches(rule, name, address, protocol, port):
    return (("to" not in rule or any(peer_matches(p, name, address) for p in rule["to"]))
            and ("ports" not in rule or any(port_matches(p, protocol, port) for p in rule["ports"])))


def rule_grants(rule, name, address, protocol, port):
    return ((any(peer_grants(p, name, address) for p in rule["to"]) if "to" in rule else address is None or opens(address, None))
            and ("ports" not in rule or any(port_matches(p, protocol, port) for p in rule["ports"])))


def may_connect(policy, *connection):
    egress = get(policy, "network", "egress", default={})
    if any(rule_matches(r, *connection) for r in egress.get("deny", [])):
        return False
    return ((egress.get("default", "deny") == "allow" and rule_grants({}, *connection))
            or any(rule_grants(r, *connection) for r in egress.get("allow", [])))


def limit(policy, field):
    default, zero_is_none = LIMITS[field]
    value = get(policy, "limits", field, default=default)
    return float("inf") if zero_is_none and value == 0 else value


# ---- random policies -----------------------------------------------------------------------------------------

HOSTS = ["a.test", "x.a.test", "y.x.a.test", "b.test", "*.a.test", "*.x.a.test", "*.test"]
NAMES = [None, "a.test", "x.a.test", "y.x.a.test", "z.y.x.a.test", "b.test", "za.test", "other.example"]
BLOCKS = ["0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/9", "10.128.0.0/9", "10.1.2.0/24", "192.0.2.7/32",
          "::/0", "2001:db8::/32", "2001:db8:1::/48"]
ADDRESSES = [ipaddress.ip_address(x) for x in
             ("10.0.0.1", "10.1.0.1", "10.1.2.3", "10.200.0.1", "192.0.2.7", "192.0.2.8", "2001:db8::1", "2001:db8:1::1",
              "::1")]
PORTS = [None, 1, 79, 80, 81, 443, 8080, 65535]


def some(rng, items, most):
    return [rng.choice(items) for _ in range(rng.randint(0, most))]


def random_path(rng):
    if rng.random() < 0.3:
        return rng.choice(SYSTEM + ["/etc", "/etc/ssl", "/usr/lib", "/usr/lib/a", "/lib/a", "/"])
    return "".join("/" + rng.choice("abc") for _ in range(rng.randint(1, 4)))


def random_peer(rng):
    if rng.random() < 0.4:
        return {"host": rng.choice(HOSTS)}
    peer = {"cidr": rng.choice(BLOCKS)}
    block = network(peer["cidr"])
    inside = [b for b in BLOCKS if network(b).version == block.version and network(b).subnet_of(block)]
    if rng.random() < 0.5:
        peer["except"] = some(rng, inside, 3)
    return peer


def random_port(rng):
    rule = {"protocol": rng.choice(["any", "tcp", "udp", "icmp"])}
    if rule["protocol"] != "icmp" and rng.random() < 0.7:
        rule["port"] = rng.choice([1, 80, 443, 8080])
        if rng.random() < 0.4:
            rule["endPort"] = rng.choice([p for p in (80, 443, 8080, 65535) if p >= rule["port"]])
    return rule


def random_rule(rng):
    rule = {}
    if rng.random() < 0.8:
        rule["to"] = [random_peer(rng) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.6:
        rule["ports"] = [random_port(rng) for _ in range(rng.randint(1, 3))]
    return rule


def random_policy(rng):
    files = {name: [random_path(rng) for _ in range(rng.randint(0, 4))] for name, _ in LISTS}
    files["readwritePaths"] = [p for p in files["readwritePaths"] if p != "/"]
    if rng.random() < 0.3:
        files["baseline"] = "none"
    if rng.random() < 0.3:
        files["hardLinks"] = rng.choice(["report", "refuse"])
    if rng.random() < 0.3:
        files["protectedNames"] = some(rng, ["p", "q/r", "s"], 3)
    egress = {"default": rng.choice(["deny", "deny", "allow"]),
              "allow": [random_rule(rng) for _ in range(rng.randint(0, 3))],
              "deny": [random_rule(rng) for _ in range(rng.randint(0, 2))]}
    policy = {"filesystem": files, "network": {"egress": egress}, "limits": {}, "syscalls": {}}
    for field in some(rng, list(LIMITS), 4):
        policy["limits"][field] = rng.choice([16, 64, 1000]) * (1 << 20 if field == "memoryBytes" else 1)
    policy["syscalls"] = {"profile": rng.choice(["default", "strict"]), "allow": some(rng, ["a", "b"], 2),
                          "deny": some(rng, ["c", "d"], 2)}
    if rng.random() < 0.2:
        policy["process"] = {"cwd": rng.choice(["/a", "/b"])}
    if rng.random() < 0.4:
        policy["containment"] = rng.choice(["process", "session", "container", "vm", "microvm", "auto"])
    if policy.get("containment") == "auto" and rng.random() < 0.7:
        policy["assurance"] = rng.choice(["process", "session", "container", "microvm"])
    if rng.random() < 0.3:
        policy["network"]["publish"] = [{"port": 80}] if rng.random() < 0.5 else [{"port": 80, "hostPort": 8000}]
    return policy


def shuffled(rng, value):
    """The same policy with its path lists and the members of all objects in another order."""
    if not isinstance(value, dict):
        return value
    items = [(k, shuffled(rng, v)) for k, v in value.items()]
    rng.shuffle(items)
    return {k: rng.sample(v, len(v)) if k.endswith("Paths") else v for k, v in items}


# ---- the library ---------------------------------------------------------------------------------------------

class Oracle:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write("\t".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise AssertionError(f"the oracle died at {words!r}, status {self.process.wait()}")
        return answer.rstrip("\n")

    def parse(self, name, policy):
        answer = self.ask("parse", name, json.dumps(policy))
        assert answer == "ok", f"{answer}: {json.dumps(policy)}"

    def levels(self, name, paths):
        return [int(digit) for digit in self.ask("levels", name, *paths)]

    def json(self, name):
        return json.loads(self.ask("json", name))

    def close(self):
        self.process.stdin.close()
        status = self.process.wait(10)
        assert status == 0, f"the oracle ended with status {status}"


# ---- properties ----------------------------------------------------------------------------------------------

def probes(rng, *policies):
    paths = {random_path(rng) for _ in range(12)} | {"/", "/etc", "/etc/ssl/x", "/usr", "/tmp"}
    for policy in policies:
        for name, _ in LISTS:
            for path in policy["filesystem"][name]:
                paths |= {path, path.rstrip("/") + "/a", path.rstrip("/") + "-x"}
    return sorted(paths)


def check_alone(oracle, rng, policy, paths):
    oracle.parse("a", policy)
    first = oracle.json("a")
    mine = [level(policy, path) for path in paths]
    for path, got, wanted in zip(paths, oracle.levels("a", paths), mine):
        assert got == wanted == level(first, path), ("level", path)
    oracle.parse("z", first)
    assert oracle.json("z") == first, "print, read, print"
    oracle.parse("z", shuffled(rng, policy))
    assert oracle.json("z") == first, "order of rules"
    denied = json.loads(json.dumps(policy))
    denied["filesystem"]["deniedPaths"].append(random_path(rng))
    oracle.parse("z", denied)
    for path, got, wanted in zip(paths, oracle.levels("z", paths), mine):
        assert got <= wanted, ("a denied path added access", path)


def check_files(oracle, a, b, both, paths):
    for path, got in zip(paths, oracle.levels("m", paths)):
        expected = level_of_both(a, b, path)
        assert got == expected == level(both, path), ("intersection", path, expected)
        assert expected <= min(level(a, path), level(b, path)), ("wider", path)


def check_network(rng, a, b, both):
    for _ in range(60):
        name, address = rng.choice(NAMES), rng.choice(ADDRESSES)
        protocol = rng.choice(["tcp", "udp", "icmp"])
        port = None if protocol == "icmp" else rng.choice(PORTS[1:])
        expected = may_connect(a, name, address, protocol, port) and may_connect(b, name, address, protocol, port)
        got = may_connect(both, name, address, protocol, port)
        assert expected or not got, ("network is wider", name, str(address), protocol, port)
        if name is None:  # a name and a block have a common part that no rule can say; addresses alone are exact
            assert got == expected, ("network", str(address), protocol, port)


def check_rest(a, b, both):
    for field in LIMITS:
        assert limit(both, field) == min(limit(a, field), limit(b, field)), field
    for p in (a, b):
        assert set(get(p, "syscalls", "deny", default=[])) <= set(get(both, "syscalls", "deny", default=[]))
        assert set(get(both, "syscalls", "allow", default=[])) <= set(get(p, "syscalls", "allow", default=[]))
        if p["syscalls"]["profile"] == "strict":
            assert get(both, "syscalls", "profile") == "strict"
        if get(p, "filesystem", "hardLinks") == "refuse":
            assert get(both, "filesystem", "hardLinks") == "refuse"


def check_both(oracle, rng, a, b, c):
    for name, policy in zip("abc", (a, b, c)):
        oracle.parse(name, policy)
    forth, back = oracle.ask("meet", "m", "a", "b"), oracle.ask("meet", "n", "b", "a")
    assert forth == back, ("who is first decides the error", forth, back)
    if forth == "ok":
        both = oracle.json("m")
        assert both == oracle.json("n"), "a and b is not b and a"
        check_files(oracle, a, b, both, probes(rng, a, b))
        check_network(rng, a, b, both)
        check_rest(a, b, both)
        oracle.parse("z", both)
        assert oracle.json("z") == both, "print, read, print of an intersection"
    bc = oracle.ask("meet", "n", "b", "c")
    left = oracle.ask("meet", "x", "m", "c") if forth == "ok" else forth
    right = oracle.ask("meet", "y", "a", "n") if bc == "ok" else bc
    assert (left == "ok") == (right == "ok"), ("grouping decides the error", left, right)
    assert left != "ok" or oracle.json("x") == oracle.json("y"), "(a and b) and c is not a and (b and c)"


def check_same(oracle, a, paths):
    oracle.parse("a", a)
    assert oracle.ask("meet", "m", "a", "a") == "ok"
    for path, got in zip(paths, oracle.levels("m", paths)):
        assert got == level(a, path), ("a and a", path)
    assert oracle.ask("meet", "n", "m", "m") == "ok"
    assert oracle.json("n") == oracle.json("m"), "a and a, twice"
    assert oracle.ask("meet", "n", "m", "a") == "ok"
    assert oracle.json("n") == oracle.json("m"), "a and a and a"


def one_round(oracle, seed):
    rng = random.Random(seed)
    a, b, c = (random_policy(rng) for _ in range(3))
    paths = probes(rng, a)
    try:
        check_alone(oracle, rng, a, paths)
        check_same(oracle, a, paths)
        check_both(oracle, rng, a, b, c)
    except AssertionError as error:
        sys.exit(f"round {seed}: {error}\na = {json.dumps(a)}\nb = {json.dumps(b)}\nc = {json.dumps(c)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=10000)
    parser.add_argument("--progress", action="store_true")
    options = parser.parse_args()
    oracle = Oracle(options.oracle)
    end, done, told = time.monotonic() + options.seconds, 0, time.monotonic()
    while done < options.rounds and (done < 20 or time.monotonic() < end):
        one_round(oracle, options.seed + done)
        done += 1
        if options.progress and time.monotonic() - told > 2:
            told = time.monotonic()
            print(f"{done} rounds", flush=True)
    oracle.close()
    print(f"{done} rounds")


if __name__ == "__main__":
    main()
