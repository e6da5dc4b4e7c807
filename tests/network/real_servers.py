"""The internet of the test with real servers: unbound, nginx with TLS, sshd with a git repository, PostgreSQL. Runs in a
network namespace of its own; all that they need is in one folder. Says `ready`, and ends them when its input ends."""
import glob
import grp
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

from addresses import DATABASE, DNS, SHELL, WEB, WEB6

NAMES = {"web.test": [WEB], "api.web.test": [WEB], "git.test": [WEB], "six.test": [WEB6], "shell.test": [SHELL], "db.test": [DATABASE],
         "other.test": [WEB]}
UNBOUND = """
server:
  interface: {dns}
  access-control: 0.0.0.0/0 allow
  chroot: ""
  username: ""
  directory: "{folder}"
  pidfile: "{folder}/unbound.pid"
  logfile: "{folder}/unbound.log"
  use-syslog: no
  log-queries: yes
  do-daemonize: no
  do-not-query-localhost: no
  module-config: "iterator"
  local-zone: "test." static
{zone}
remote-control:
  control-enable: no
"""
NGINX = """
daemon off;
pid {folder}/nginx.pid;
user {owner};
worker_processes 1;
error_log {folder}/nginx-error.log;
events {{ worker_connections 512; }}
http {{
  access_log {folder}/nginx.log;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  default_type text/plain;
  server {{
    listen {web}:80; listen [{web6}]:80; listen {web}:443 ssl; listen [{web6}]:443 ssl;
    ssl_certificate {cert}; ssl_certificate_key {key};
    location / {{ return 200 "hello from $host\\n"; }}
    location /project.git {{ root {folder}; }}
  }}
}}
"""
SSHD = """
Port 22
ListenAddress {shell}
HostKey {folder}/host_key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/client_key.pub
StrictModes no
PasswordAuthentication no
UsePAM no
PermitRootLogin prohibit-password
"""


def run(*line, **more):
    return subprocess.run([str(word) for word in line], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)


def as_owner(owner):
    return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]


def serve(*line, who=("setpriv",), **more):
    """A server that ends when this program does."""
    return subprocess.Popen([*who, "--pdeathsig", "INT", "--", *map(str, line)], stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL, **more)


def make_repository(folder):
    """A bare one, also for clients that only fetch files (git's dumb protocol)."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    for key in ("AUTHOR", "COMMITTER"):
        clean |= {f"GIT_{key}_NAME": "a", f"GIT_{key}_EMAIL": "a@web.test"}
    work = folder / "work"
    run("git", "init", "-q", "-b", "main", work, env=clean)
    (work / "file").write_text("from the repository\n")
    run("git", "-C", work, "add", "file", env=clean)
    run("git", "-C", work, "commit", "-q", "-m", "first", env=clean)
    run("git", "clone", "-q", "--bare", work, folder / "project.git", env=clean)
    run("git", "-C", folder / "project.git", "update-server-info", env=clean)


def start_names(folder):
    zone = "".join(f'  local-data: "{name}. 5 IN {"AAAA" if ":" in address else "A"} {address}"\n'
                   for name, found in NAMES.items() for address in found)
    (folder / "unbound.conf").write_text(UNBOUND.format(dns=DNS, folder=folder, zone=zone))
    return serve("unbound", "-d", "-c", folder / "unbound.conf")


def start_web(folder, owner, cert, key):
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, web=WEB, web6=WEB6, cert=cert, key=key, owner=f"{owner.pw_name} {grp.getgrgid(owner.pw_gid).gr_name}"))
    return serve("nginx", "-e", folder / "nginx-error.log", "-c", folder / "nginx.conf")


def start_shell(folder):
    for name in ("host_key", "client_key"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name)
    (folder / "known_hosts").write_text("shell.test " + (folder / "host_key.pub").read_text())
    (folder / "sshd.conf").write_text(SSHD.format(shell=SHELL, folder=folder))
    os.makedirs("/run/sshd", exist_ok=True)
    return serve(shutil.which("sshd"), "-D", "-E", folder / "sshd.log", "-f", folder / "sshd.conf")


def start_database(folder, owner, cert, key):
    programs = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
    data = folder / "database"
    data.mkdir()
    for name, source in (("web.pem", cert), ("web.key", key)):
        shutil.copy(source, data / name)
        os.chmod(data / name, 0o600)
        os.chown(data / name, owner.pw_uid, owner.pw_gid)
    os.chown(data, owner.pw_uid, owner.pw_gid)
    run(*as_owner(owner), "--", programs / "initdb", "-D", data / "cluster", "-U", "client", "-A", "trust", "--no-sync", "-E", "UTF8",
        "--no-locale", cwd=data)
    with open(data / "cluster/pg_hba.conf", "a", encoding="ascii") as rules:
        rules.write("hostssl all client 0.0.0.0/0 trust\n")
    settings = {"listen_addresses": DATABASE, "unix_socket_directories": "", "ssl": "on", "ssl_cert_file": data / "web.pem",
                "ssl_key_file": data / "web.key", "fsync": "off", "shared_buffers": "1MB"}
    with open(folder / "postgres.log", "wb") as log:
        return serve(programs / "postgres", "-D", data / "cluster", *(f"--{name}={value}" for name, value in settings.items()),
                     who=as_owner(owner), cwd=data, stderr=log)


def start_echo(address, port):
    """Of UDP: sends back what comes."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    one = socket.socket(family, socket.SOCK_DGRAM)
    one.bind((address, port))

    def loop():
        while True:
            packet, peer = one.recvfrom(1 << 16)
            one.sendto(packet, peer)

    threading.Thread(target=loop, daemon=True).start()


def wait_for(address, port):
    end = time.monotonic() + 20
    while True:
        with socket.socket() as one:
            if one.connect_ex((address, port)) == 0:
                return
        if time.monotonic() > end:
            sys.exit(f"nobody at {address} port {port}")
        time.sleep(0.02)


def main():
    log, cert, key = sys.argv[1:4]
    folder, owner = pathlib.Path(log).parent / "servers", pwd.getpwnam("nobody")
    folder.mkdir(mode=0o755)
    make_repository(folder)
    servers = [start_names(folder), start_web(folder, owner, cert, key), start_shell(folder),
               start_database(folder, owner, cert, key)]
    for address in (SHELL, WEB6):
        start_echo(address, 7007)
    for address, port in ((DNS, 53), (WEB, 80), (WEB, 443), (SHELL, 22), (DATABASE, 5432)):
        wait_for(address, port)
    print("ready", flush=True)
    os.read(0, 1)  # until the test closes its end
    for server in servers:
        server.send_signal(signal.SIGINT)
    for server in servers:
        server.wait()


main()
