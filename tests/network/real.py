#!/usr/bin/env python3
"""Network grants with the clients that people use and real servers of Debian's packages, each on its side of a cable
between two network namespaces. Every client works by name, without a proxy variable, and is refused for a name that is
not granted, and then nothing arrives.
real.py root|user|quick        quick: as a user, without what takes long to build"""
import pathlib
import shutil
import subprocess
import sys

import addresses
import run as base
from world import World

TCP = {"protocol": "tcp"}
BUILD, HERE = base.BUILD, base.HERE
NEEDED = {"unbound": "unbound", "nginx": "nginx", "sshd": "openssh-server", "ssh": "openssh-client", "git": "git", "curl": "curl",
          "wget": "wget", "openssl": "openssl", "nsenter": "util-linux", "ip": "iproute2"}


def policy(*names, ports=(22, 80, 443, 5432)):
    granted = [{**TCP, "port": port} for port in ports] + [{"protocol": "udp", "port": 7007}]
    rules = [{"to": [{"host": name} for name in names], "ports": granted}]
    return {"version": "1.0.0", "network": {"egress": {"allow": rules}}}


ALL = policy("web.test", "*.web.test", "git.test", "six.test", "shell.test", "db.test")
NONE = policy("elsewhere.test")


class RealWorld(World):
    servers, certified = "real_servers.py", "DNS:web.test,DNS:*.web.test,DNS:git.test,DNS:db.test"
    addresses = (addresses.DNS, addresses.WEB, addresses.SHELL, addresses.DATABASE)

    def came(self):
        """Connections and packets that the internet's kernel has seen so far."""
        text = pathlib.Path(f"/proc/{self.internet.pid}/net/snmp").read_text(encoding="ascii")
        rows = {}
        for head, values in zip(*[iter(text.splitlines())] * 2):
            name, _, head = head.partition(": ")
            rows[name] = dict(zip(head.split(), map(int, values.partition(": ")[2].split())))
        return rows["Tcp"]["PassiveOpens"] + rows["Tcp"]["OutRsts"] + rows["Udp"]["InDatagrams"] + rows["Udp"]["NoPorts"]


def database_client():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/psql"))
    return str(found[-1]) if found else None


def go_client(folder):
    """None where there is no Go."""
    if not shutil.which("go"):
        return None
    cache = BUILD / "network-go"
    done = subprocess.run(["go", "build", "-o", folder / "raw", HERE / "raw.go"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={"PATH": base.os.environ["PATH"], "HOME": str(cache), "GOCACHE": str(cache), "CGO_ENABLED": "0",
                               "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GO111MODULE": "off", "GOPROXY": "off"}, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout.decode())
    return str(folder / "raw")


URLLIB = "import urllib.request as r; print(r.urlopen('{url}', timeout=10).read().decode(), end='')"
REQUESTS = "import requests; print(requests.get('{url}', timeout=10, verify={ca!r}).text, end='')"
DATAGRAM = "import socket as s; o = s.socket(s.{family}, s.SOCK_DGRAM); o.settimeout(5); o.connect(('{host}', 7007)); o.send(b'echo'); " \
           "print(o.recv(9).decode(), end='')"
FETCH = "fetch('{url}', {{signal: AbortSignal.timeout(10000)}}).then(a => a.text()).then(t => process.stdout.write(t))" \
        ".catch(e => {{ console.error(e); process.exit(1) }})"
NO_PROMPT = "ssh -o BatchMode=yes -o ConnectTimeout=10 -o IdentitiesOnly=yes -F none"


class Clients:
    """Command lines of clients, each for one host and what it must print."""

    def __init__(self, world, folder, quick):
        self.ca, self.servers, self.folder = world.ca, folder / "servers", folder
        self.quick, self.go = quick, None if quick else go_client(folder)

    def git_ssh(self):
        keys = f"-i {self.folder}/client_key -o UserKnownHostsFile={self.servers}/known_hosts"
        return ["--env", f"GIT_SSH_COMMAND={NO_PROMPT} {keys}"]

    def all(self):
        """(name, what is not installed, options of mxc, command, what it prints)"""
        ca, raw, push = self.ca, BUILD / "tests/network_raw", "cd p && echo more >>file && " \
            "git -c user.name=a -c user.email=a@web.test commit -qam more && git push -q && git log --format=%s origin/main"
        web, tls, six = "http://web.test/", "https://api.web.test/", "http://six.test/"
        hello, hello_tls, hello_six = "hello from web.test\n", "hello from api.web.test\n", "hello from six.test\n"
        python, node = "/usr/bin/python3", shutil.which("node", path="/usr/bin:/usr/local/bin")
        greeted = "SSH-2.0"
        found = [
            ("curl", None, [], ["curl", "-sS", "--max-time", "10", web], hello),
            ("curl, TLS", None, [], ["curl", "-sS", "--max-time", "10", "--cacert", ca, tls], hello_tls),
            ("curl, a server with IPv6 only", None, [], ["curl", "-sS", "--max-time", "10", six], hello_six),
            ("curl over IPv6 inside", None, [], ["curl", "-6", "-sS", "--max-time", "10", web], hello),
            ("wget", None, [], ["wget", "-q", "-O", "-", "-T", "10", "-t", "1", web], hello),
            ("wget, TLS", None, [], ["wget", "-q", "-O", "-", "-T", "10", "-t", "1", "--ca-certificate", ca, tls], hello_tls),
            ("git over https", None, ["--env", f"GIT_SSL_CAINFO={ca}"],
             ["sh", "-c", "cd /tmp && git clone -q https://git.test/project.git p && cat p/file"], "from the repository\n"),
            ("git over ssh, and a push", None, self.git_ssh(),
             ["sh", "-c", f"cd /tmp && git clone -q root@shell.test:{self.servers}/project.git p && {push}"], "more\nfirst\n"),
            ("psql", None if database_client() else "postgresql-client", [],
             [database_client(), "-X", "-A", "-t", "-c", "select 6*7, ssl from pg_stat_ssl where pid=pg_backend_pid()",
              f"host=db.test user=client dbname=postgres sslmode=verify-full sslrootcert={ca} connect_timeout=10"], "42|t\n"),
            ("Python urllib, TLS", None, ["--env", f"SSL_CERT_FILE={ca}"], [python, "-c", URLLIB.format(url=tls)], hello_tls),
            ("Python requests, TLS", None if has_requests(python) else "python3-requests", [],
             [python, "-c", REQUESTS.format(url=tls, ca=ca)], hello_tls),
            ("Node fetch, TLS", None if node else "nodejs", ["--env", f"NODE_EXTRA_CA_CERTS={ca}"],
             [node, "-e", FETCH.format(url=tls)], hello_tls),
            ("static C, its own questions", None, ["--ro", str(raw)], [str(raw), "192.0.2.53", "web.test", "80"], "HTTP/1.1 200 OK\n"),
            ("Go, its own resolver, TLS", None if self.go else "golang",
             ["--ro", str(self.go), "--env", f"SSL_CERT_FILE={ca}"], [self.go, tls, "shell.test:22"], hello_tls + greeted + "\n"),
            ("UDP, an echo server", None, [], [python, "-c", DATAGRAM.format(family="AF_INET", host="shell.test")], "echo"),
            ("UDP, a server with IPv6 only", None, [], [python, "-c", DATAGRAM.format(family="AF_INET", host="six.test")], "echo"),
            ("UDP over IPv6 inside", None, [], [python, "-c", DATAGRAM.format(family="AF_INET6", host="shell.test")], "echo"),
            ("nc over UDP", None if shutil.which("nc") else "netcat-openbsd", [],
             ["sh", "-c", "printf echo | nc -u -w 1 shell.test 7007"], "echo"),
            ("nc", None if shutil.which("nc") else "netcat-openbsd", [],
             ["sh", "-c", "nc -w 5 shell.test 22 </dev/null | head -c 7"], greeted),
        ]
        return [client for client in found if not (self.quick and client[0].startswith("Go"))]


def has_requests(python):
    return subprocess.run([python, "-c", "import requests"], capture_output=True, check=False).returncode == 0


class Judge:
    def __init__(self, sandbox, world):
        self.sandbox, self.world, self.count = sandbox, world, {"passed": 0, "failed": 0, "skipped": 0}

    def run(self, options, command, rules):
        line = self.sandbox.line(rules, "--json", *options)
        line[-1:-1] = ["--ro", str(self.sandbox.folder)]
        done = subprocess.run([*line, *command], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
        return base.json.loads(done.stdout or "{}")

    def faults(self, options, command, printed):
        before = self.world.came()
        got = self.run(options, command, NONE)
        came, faults = self.world.came() - before, []
        if got.get("exitCode") == 0 and got["stdout"] == printed:
            faults.append("it works for a name that is not granted")
        if came:
            faults.append(f"not granted, and {came} packets or connections arrived")
        got = self.run(options, command, ALL)
        if got.get("stdout") != printed or got.get("exitCode") != 0:
            faults.append(f"granted: {got.get('exitCode')} {got.get('stdout')!r} {got.get('stderr')} {got.get('error', '')}")
        if not any(entry["outcome"] in (("open",) if entry["protocol"] == "udp" else ("closed", "reset")) and entry["bytesIn"] for entry in got.get("connections", [])):
            faults.append(f"no record of it: {got.get('connections')}")
        return faults if self.world.came() > before else [*faults, "the server's side saw nothing"]

    def judge(self, name, missing, options, command, printed):
        if missing:
            self.count["skipped"] += 1
            print(f"SKIP {name.replace(' ', '-')}: not installed: {missing}", flush=True)
            return
        try:
            faults = self.faults(options, command, printed)
        except (subprocess.TimeoutExpired, ValueError) as error:
            faults = [f"{type(error).__name__}: {error}"]
        self.count["failed" if faults else "passed"] += 1
        print("FAILED" if faults else "ok", name, flush=True)
        for fault in faults:
            print(f"    {fault}", flush=True)


def missing_servers():
    path = base.os.environ["PATH"] + ":/usr/sbin:/sbin"
    found = [package for program, package in NEEDED.items() if not shutil.which(program, path=path)]
    return found + ([] if list(pathlib.Path("/usr/lib/postgresql").glob("*/bin/postgres")) else ["postgresql"])


def play(world, folder, role):
    sandbox = base.Sandbox(world, folder, role != "root")
    shutil.copy(folder / "servers/client_key", folder / "client_key")  # ssh wants it to be the caller's alone
    (folder / "client_key").chmod(0o600)
    if role != "root":
        base.os.chown(folder / "client_key", base.USER, base.USER)
    judge = Judge(sandbox, world)
    for client in Clients(world, folder, role == "quick").all():
        judge.judge(*client)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**judge.count))
    return judge.count["failed"]


if __name__ == "__main__":
    if missing := missing_servers():
        base.skip(f"not installed: {' '.join(missing)} (scripts/setup servers)")
    base.main(RealWorld, play)
