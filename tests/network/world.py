"""A host and an internet, each a network namespace, joined by a cable. The process that makes it is on the host."""
import json
import os
import pathlib
import subprocess
import sys

import addresses as names

HERE = pathlib.Path(__file__).resolve().parent


def run(*line, **more):
    return subprocess.run(line, check=True, **more)


def certificate(folder, names="DNS:web.test,DNS:*.web.test"):
    """A CA of our own and a server's certificate for these names."""
    ca, ca_key, cert, key, request = (str(folder / n) for n in ("ca.pem", "ca.key", "web.pem", "web.key", "web.csr"))
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=test CA", "-keyout", ca_key, "-out", ca, **quiet)
    run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
        "/CN=web.test", "-addext", f"subjectAltName={names}", "-keyout", key, "-out", request, **quiet)
    run("openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-days", "2", "-copy_extensions", "copy",
        "-out", cert, **quiet)
    return ca, cert, key


class World:
    servers, certified = "servers.py", "DNS:web.test,DNS:*.web.test"
    addresses = (names.DNS, names.WEB, names.ECHO, names.LITERAL, names.PRIVATE, names.METADATA)

    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "arrived"
        self.log.touch()
        self.ca, cert, key = certificate(folder, self.certified)
        self.internet = subprocess.Popen(["unshare", "-n", "--", "sh", "-c", "echo; read go; exec \"$@\"", "sh", sys.executable,
                                          str(HERE / self.servers), str(self.log), cert, key],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.internet.stdout.readline()
        self.cable(str(self.internet.pid))
        (folder / "resolv.conf").write_text(f"nameserver {names.DNS}\n")
        (folder / "hosts").write_text(f"127.0.0.1 localhost\n{names.WEB} file.test\n")
        for name in ("resolv.conf", "hosts"):
            run("mount", "--bind", str(folder / name), f"/etc/{name}")
        self.internet.stdin.write("go\n")
        self.internet.stdin.flush()
        if (said := self.internet.stdout.readline()) != "ready\n":
            raise RuntimeError(f"the servers did not start: {said}")

    def cable(self, pid):
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", pid)
        for line in ("addr add 198.51.100.1/24 dev cable", "-6 addr add 2001:db8:1::1/64 dev cable nodad",
                     "link set cable up", "route add default via 198.51.100.2",
                     "-6 route add default via 2001:db8:1::2"):
            run("ip", *line.split())
        there = ["nsenter", "-t", pid, "-n", "--", "ip"]
        for line in ("link set lo up", "addr add 198.51.100.2/24 dev cable", "link set cable up",
                     "-6 addr add 2001:db8:1::2/64 dev cable nodad"):
            run(*there, *line.split())
        for address in self.addresses:
            run(*there, "addr", "add", address + "/32", "dev", "lo")
        run(*there, "-6", "addr", "add", names.WEB6 + "/128", "dev", "lo", "nodad")

    def arrived(self):
        """What came since the last time."""
        text = self.log.read_text()
        self.log.write_text("")
        os.truncate(self.log, 0)
        return [json.loads(line) for line in text.splitlines()]

    def close(self):
        self.internet.stdin.close()
        self.internet.terminate()
        self.internet.wait()
