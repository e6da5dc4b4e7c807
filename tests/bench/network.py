"""Connections by name out of a sandbox, beside direct ones over the loopback of the same host; starts with and without
network grants. In a network namespace of its own, so it needs root to be made."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

import rows

TITLE = "Network"
ABOUT = """The same client and the same server, by name out of a sandbox and by address over the host's loopback, in turns.
*connect*: resolving the name and `connect()`; *first byte*: until a byte sent has come back. The server takes one connection
after the other. Nothing is paced on the way (`reno`, not `bbr`), as on most hosts. *every port*: the same policy without its port, so that each connection is told to the keeper first. *start*:
`mxc run -- /bin/true`, the policy once with and once without a grant."""
NAME, ADDRESS, PORT = "bench.test", "192.0.2.7", "7000"
TURN = 10  # connections
STREAM_MIB = 256
DRIVER = "bench/bench_net"
GRANT = {"network": {"egress": {"allow": [{"to": [{"host": NAME}, {"cidr": f"{ADDRESS}/32"}],
                                          "ports": [{"protocol": "tcp", "port": int(PORT)}]}]}}}


EVERY_PORT = {"network": {"egress": {"allow": [{"to": GRANT["network"]["egress"]["allow"][0]["to"]}]}}}


def measure(setting):
    driver = setting.build / DRIVER
    if not driver.exists():
        raise rows.LeftOut(f"not built: {driver.name}")
    if os.geteuid() != 0:
        raise rows.LeftOut("making a network namespace needs root")
    apart = ["unshare", "-n", "-m", "--propagation", "private", "--", sys.executable, "-B", __file__]
    words = [str(setting.build), str(setting.rounds), setting.folder, *setting.prefix]
    done = subprocess.run([*apart, *words], stdout=subprocess.PIPE, text=True, check=True)
    return shown(json.loads(done.stdout))


def shown(found):
    """The rows of the samples, all in ns."""
    def times(name, values, **more):
        return rows.Row(name, [value / 1000 for value in values], "us", **more)
    direct, beyond = found["direct"], rows.Target
    named = found["sandbox"]["connect"]
    told = [value - statistics.median(named) for value in found["every port"]["connect"]]
    differences = {name: [value - statistics.median(direct[name]) for value in found["sandbox"][name]] for name in ("connect", "first byte")}
    size = STREAM_MIB << 20
    return [
        times("connect, direct", direct["connect"]),
        times("connect, by name from a sandbox", found["sandbox"]["connect"], reference="connect, direct"),
        times("connect: how much longer", differences["connect"], targets=[beyond("connect by name over a direct one, us", 120)],
              note="each one less the median of the direct ones"),
        times("connect, by name, every port granted", found["every port"]["connect"], reference="connect, by name from a sandbox"),
        times("connect, every port granted: how much longer", told, note="each one less the median of those by name with the port named"),
        times("first byte, direct", direct["first byte"]),
        times("first byte, by name from a sandbox", found["sandbox"]["first byte"], reference="first byte, direct"),
        times("first byte: how much longer", differences["first byte"], targets=[beyond("first byte by name over a direct one, us", 250)],
              note="each one less the median of the direct ones"),
        rows.Row("stream, direct", [size / value for value in direct["stream"]], "GB/s", more=True, note=f"{STREAM_MIB} MiB, one connection"),
        rows.Row("stream, from a sandbox", [size / value for value in found["sandbox"]["stream"]], "GB/s", more=True,
                 reference="stream, direct", targets=[beyond("one stream", 0.75, "stream, direct", least=True)]),
        rows.from_ns("start, no grant", found["start"]["without"]),
        rows.from_ns("start, a grant", found["start"]["with"], reference="start, no grant"),
        rows.from_ns("start, every port granted", found["start"]["every port"], reference="start, a grant"),
        rows.from_ns("start: how much longer", [value - statistics.median(found["start"]["without"]) for value in found["start"]["with"]],
                     targets=[beyond("start with a grant over one without, ms", 1.0)], note="each one less the median without"),
    ]


# ---- in the namespace

class Client:
    """One that does what it is told, on the host or in a sandbox."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.samples = {"connect": [], "first byte": [], "stream": []}

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return list(map(int, self.process.stdout.readline().split()))

    def connect(self, count):
        values = self.ask(f"connect {count}")
        self.samples["connect"] += values[::2]
        self.samples["first byte"] += values[1::2]

    def stream(self, mib):
        self.samples["stream"] += self.ask(f"stream {mib}")

    def close(self):
        self.process.stdin.close()
        if self.process.wait():
            sys.exit(f"a client ended with {self.process.returncode}")


def prepare(folder):
    for line in ("link set lo up", f"addr add {ADDRESS}/32 dev lo"):
        subprocess.run(["ip", *line.split()], check=True)
    # a host that paces (BBR) slows its own loopback: the direct stream would be no measure
    pathlib.Path("/proc/sys/net/ipv4/tcp_congestion_control").write_text("reno")
    for name, text in (("resolv.conf", "nameserver 192.0.2.53\n"), ("hosts", f"127.0.0.1 localhost\n{ADDRESS} {NAME}\n")):
        path = folder / name
        path.write_text(text)
        path.chmod(0o644)
        subprocess.run(["mount", "--bind", path, f"/etc/{name}"], check=True)


def policy(folder, name, more):
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"version": "1.0.0", **more}))
    path.chmod(0o644)
    return path


def starts(prefix, mxc, rounds, policies):
    found = {name: [] for name in policies}
    for _ in range(rounds):
        for name, path in policies.items():
            began = time.monotonic_ns()
            subprocess.run([*prefix, mxc, "run", "--policy", path, "--", "/bin/true"], check=True)
            found[name].append(time.monotonic_ns() - began)
    return found


def main():
    build, rounds, folder, *prefix = sys.argv[1:]
    build, rounds, folder = pathlib.Path(build), int(rounds), pathlib.Path(folder)
    prepare(folder)
    driver, mxc = build / DRIVER, build / "bin/mxc"
    policies = {"with": policy(folder, "with", GRANT), "without": policy(folder, "without", {}),
                "every port": policy(folder, "every", EVERY_PORT)}
    found = {}
    with subprocess.Popen([driver, "serve", ADDRESS, PORT], stdout=subprocess.PIPE, text=True) as server:
        server.stdout.readline()
        clients = {"direct": Client([*prefix, driver, "client", ADDRESS, PORT]),
                   **{name: Client([*prefix, mxc, "run", "--policy", policies[grant], "--ro", driver, "--", driver, "client", NAME, PORT])
                      for name, grant in (("sandbox", "with"), ("every port", "every port"))}}
        for client in clients.values():
            client.ask(f"connect {TURN}")  # warm
            client.ask("stream 64")
        for _ in range(rounds):
            for client in clients.values():
                client.connect(TURN)
        for _ in range(max(3, min(rounds // 10, 30))):
            for name in ("direct", "sandbox"):
                clients[name].stream(STREAM_MIB)
        for name, client in clients.items():
            client.close()
            found[name] = client.samples
        server.terminate()
    found["start"] = starts(prefix, mxc, max(3, rounds // 4), policies)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
