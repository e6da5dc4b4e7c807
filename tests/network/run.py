#!/usr/bin/env python3
"""Network grants against real servers: a host and an internet as two network namespaces, a sandbox on the host.
run.py root|user"""
import contextlib
import errno
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import checks
import datagrams
from world import World

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ["MXC_BUILD"])
USER = 23456


def errno_name(number):
    return errno.errorcode.get(number, str(number))


def skip(why):
    print(why)
    sys.exit(77)


class Listeners:
    """Services of the host itself, on every address of it: whether anybody came."""

    def __init__(self, ports):
        self.count = 0
        for port in ports:
            one = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
            threading.Thread(target=self.serve, args=(one,), daemon=True).start()

    def serve(self, one):
        while True:
            one.accept()[0].close()
            self.count += 1


class Proxy(Listeners):
    """A proxy on the host's loopback that knows one answer; and a listener beside it that nobody may reach."""

    def __init__(self):
        self.asked, self.count = [], 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.other = socket.create_server(("127.0.0.1", 0))
        self.port, self.other_port = self.server.getsockname()[1], self.other.getsockname()[1]
        threading.Thread(target=self.serve, args=(self.other,), daemon=True).start()
        threading.Thread(target=self.answer, daemon=True).start()

    def answer(self):
        while True:
            one = self.server.accept()[0]
            with one:
                self.asked.append(one.recv(4096).split(b"\r\n")[0].decode())
                one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nproxied\n")


class Sandbox:
    def __init__(self, world, folder, as_user):
        self.world, self.folder, self.failures, self.last = world, folder, [], {}
        self.listeners = Listeners((80, 443, 8080))
        self.proxy = Proxy()
        self.script = folder / "client.py"
        shutil.copy(HERE / "client.py", self.script)
        self.wrap = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"] if as_user else []

    def line(self, policy, *options):
        path, new = self.folder / "policy.json", self.folder / "policy.new"
        new.write_text(json.dumps(policy or checks.POLICY))
        os.chmod(new, 0o644)
        os.replace(new, path)  # somebody may be reading the one before
        return [*self.wrap, str(BUILD / "bin/mxc"), "run", "--policy", str(path), "--ro", str(self.script), "--ro",
                self.world.ca, *options, "--"]

    def run(self, *command, policy=None, timeout=30):
        done = subprocess.run([*self.line(policy, "--json"), *command], capture_output=True, text=True, timeout=timeout,
                              stdin=subprocess.DEVNULL)
        self.last = json.loads(done.stdout or "{}")
        if "exitCode" not in self.last:
            raise RuntimeError(f"mxc said {done.stdout}{done.stderr}")
        return self.last

    def client(self, *acts, timeout=30):
        got = self.run("python3", "-I", str(self.script), *acts, timeout=timeout)
        lines = [json.loads(line) for line in got["stdout"].splitlines()]
        if len(lines) != len(acts):
            raise RuntimeError(f"the client ended early: {got}")
        return lines

    def start(self, *acts, policy=None):
        return subprocess.Popen([*self.line(policy), "python3", "-I", str(self.script), *acts], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)

    def update(self, acts, steps, timeout=30, policy=None):
        """An open sandbox whose network is changed while the client runs (updating.py)."""
        policy = {**(policy or checks.POLICY), "filesystem": {"readonlyPaths": [str(self.script)]}}
        steps = [step if isinstance(step, str) else json.dumps(step) for step in steps]
        done = subprocess.run([*self.wrap, "env", f"PYTHONPATH={BUILD}/python", sys.executable, str(HERE / "updating.py"),
                               json.dumps(policy), str(self.script), *acts, "--", *steps], capture_output=True, text=True,
                              timeout=timeout, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"updating.py said {done.stdout}{done.stderr}")
        self.last = json.loads(done.stdout)
        return self.last

    def published(self, timeout=60):
        done = subprocess.run([*self.wrap, "env", f"PYTHONPATH={BUILD}/python", sys.executable, str(HERE / "publishing.py")],
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL)
        if done.returncode:
            raise RuntimeError(f"publishing.py said {done.stdout}{done.stderr}")
        self.last = json.loads(done.stdout)
        return self.last

    def connection(self, **wanted):
        for found in self.last["connections"]:
            if all(found[key] == value for key, value in wanted.items()):
                return found
        raise RuntimeError(f"no record with {wanted} in {json.dumps(self.last['connections'][-10:], indent=1)}")

    def arrived(self):
        return self.world.arrived()

    def host_came(self):
        return self.listeners.count

    @staticmethod
    def status_of(pid):
        text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        return {key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}

    def relays(self):
        """Those in this test's network."""
        own, found = os.readlink("/proc/self/ns/net"), []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (folder / "comm").read_text() == "mxc-relay\n" and os.readlink(folder / "ns/net") == own:
                    found.append(folder.name)
            except OSError:
                continue
        return found

    @staticmethod
    def open_files(pid):
        return [os.readlink(entry) for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir()]

    def note(self, text):
        print(f"  {text}")

    def is_(self, found, wanted, what):
        if found != wanted:
            self.failures.append(f"{what}: {found!r}, not {wanted!r}")


def play(world, folder, role, todo=checks.CHECKS + datagrams.CHECKS):
    sandbox, failed = Sandbox(world, folder, role == "user"), 0
    for check in todo:
        sandbox.failures, began = [], time.monotonic()
        try:
            check(sandbox)
        except Exception as error:
            sandbox.failures.append(f"{type(error).__name__}: {error}")
        failed += bool(sandbox.failures)
        print("FAIL" if sandbox.failures else "ok  ", check.__name__, f"[{time.monotonic() - began:.1f} s]")
        for line in sandbox.failures:
            print("    ", line)
    return failed


@contextlib.contextmanager
def temporary_folder():
    """Servers that were told to end write to it for a moment more."""
    name = tempfile.mkdtemp()
    try:
        yield name
    finally:
        end = time.monotonic() + 10
        while os.path.exists(name) and time.monotonic() < end:
            shutil.rmtree(name, ignore_errors=True)
            time.sleep(0.05 if os.path.exists(name) else 0)


def main(kind, game):
    """Apart from the host, in a world of that kind, as the role of the first argument."""
    role = sys.argv[1]
    if os.geteuid() != 0:
        skip("making network namespaces with a cable needs root")
    for tool in ("ip", "unshare", "nsenter", "openssl", "curl", "wget"):
        if not shutil.which(tool):
            skip(f"{tool} is not installed")
    if len(sys.argv) < 3:
        apart = ["unshare", "-n", "-m", "--propagation", "private", "--"]
        os.execvp("unshare", [*apart, sys.executable, sys.argv[0], role, "inside"])
    with temporary_folder() as name:
        os.chmod(name, 0o755)
        world = kind(pathlib.Path(name))
        try:
            failed = game(world, pathlib.Path(name), role)
        finally:
            world.close()
            for path in ("/etc/resolv.conf", "/etc/hosts"):
                subprocess.run(["umount", path], check=False)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(World, play)
