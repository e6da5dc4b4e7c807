"""The network of a sandbox inside of a container: runs there (inside.py network), says one JSON line of what is wrong.
With the right to add an address a server of the container is connected to by name; without it the container's proxy,
a published port and the refusals are left."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading

ADDRESS, NAME = "192.0.2.7", "echo.test"
CLIENT = """
import socket, sys
def ask(host, port, text=b"hello"):
    try:
        with socket.create_connection((host, port), timeout=10) as one:
            one.sendall(text)
            return one.recv(100).decode()
    except OSError as error:
        return type(error).__name__
"""
faults = []


def is_(found, wanted, what):
    if found != wanted:
        faults.append(f"{what}: {found!r}, not {wanted!r}")


def serve(address):
    def loop(server):
        while True:
            with server.accept()[0] as one:
                one.sendall(one.recv(100))
    server = socket.create_server((address, 0))
    threading.Thread(target=loop, args=(server,), daemon=True).start()
    return server.getsockname()[1]


def start(mxc, network, code, **more):
    policy = pathlib.Path("/tmp/policy.json")
    policy.write_text(json.dumps({"version": "1.0.0", **network}))
    return subprocess.Popen([mxc, "run", "--json", "--policy", policy, "--", "python3", "-I", "-c", CLIENT + code],
                            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, cwd="/tmp", **more)


def run(mxc, network, code):
    got = json.loads(start(mxc, network, code).communicate(timeout=60)[0])
    if "error" in got:
        faults.append(f"mxc failed: {got['error']}")
        return [], {}
    records = {(one["name"] or one["address"], one["port"]): one["outcome"] for one in got["connections"]}
    return got["stdout"].split(), records


def by_name(mxc):
    port = serve(ADDRESS)
    rules = {"allow": [{"to": [{"host": NAME}, {"cidr": ADDRESS}], "ports": [{"protocol": "tcp", "port": port}]}]}
    said, records = run(mxc, {"network": {"egress": rules}}, f"print(ask('{NAME}', {port}), ask('{ADDRESS}', {port}))")
    is_(said, ["hello", "hello"], "by name and by address")
    is_(records, {(NAME, port): "closed", (ADDRESS, port): "closed"}, "records")


def refusals(mxc):
    rules = {"allow": [{"to": [{"host": NAME}], "ports": [{"protocol": "tcp", "port": 80}]}], "deny": [{"to": [{"host": "b.test"}]}]}
    said, records = run(mxc, {"network": {"egress": rules}},
                        f"print(ask('{NAME}', 22), ask('other.test', 80), ask('{ADDRESS}', 80), ask('127.0.0.1', 81))")
    is_(said, ["ConnectionRefusedError", "gaierror", "ConnectionResetError", "ConnectionRefusedError"], "refusals")
    is_({key: records.get(key) for key in ((NAME, 22), ("other.test", 0))}, {(NAME, 22): "denied", ("other.test", 0): "unknown_name"},
        "their records")


def proxy(mxc):
    port = serve("127.0.0.1")
    said, _ = run(mxc, {"runtimeConfig": {"networkProxy": f"http://127.0.0.1:{port}"}},
                  f"print(ask('127.0.0.1', {port}), ask('127.0.0.1', {port + 1}), ask('{ADDRESS}', 80))")
    is_(said, ["hello", "ConnectionRefusedError", "OSError"], "the proxy and nothing else")


def published(mxc):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    code = """
server = socket.create_server(("127.0.0.1", 8000))
print("listens", file=sys.stderr, flush=True)
with server.accept()[0] as one:
    one.sendall(one.recv(100))
"""
    process = start(mxc, {"network": {"publish": [{"port": 8000, "hostPort": port}]}}, code)
    said = ""
    for _ in range(100):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
                one.sendall(b"hello")
                said = one.recv(100).decode()
        except OSError:
            pass
        if said:
            break
        threading.Event().wait(0.1)
    process.communicate(timeout=60)
    is_(said, "hello", "a published port")


def modules():
    return {line.split()[0] for line in pathlib.Path("/proc/modules").read_text().splitlines()} if os.path.exists("/proc/modules") else set()


def control(filtered):
    """What the container's filter takes away is away."""
    family, kind, protocol = (10, 1, 0) if filtered == "no-v6" else (16, 3, 12)
    code = f"import socket\ntry: socket.socket({family}, {kind}, {protocol})\nexcept OSError as error: raise SystemExit(error.errno)"
    done = subprocess.run([sys.executable, "-I", "-c", code], check=False)
    is_(done.returncode, 97 if filtered == "no-v6" else -31, "control: EAFNOSUPPORT, or SIGSYS")


def main():
    mxc, before = sys.argv[1], modules()
    control(sys.argv[2])
    added = subprocess.run(["ip", "addr", "add", f"{ADDRESS}/32", "dev", "lo"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    for check in (*([by_name] if added else []), refusals, proxy, published):
        check(mxc)
    loaded = {name for name in modules() - before if name.startswith(("nf_", "nft", "ip_tables", "ip6_tables", "x_tables"))}
    is_(loaded, set(), "modules of packet filters")
    print(json.dumps({"faults": faults, "by name": added}), flush=True)


main()
