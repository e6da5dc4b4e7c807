"""N1 to N9, as far as no network is granted: nothing of the host is reached and nothing comes in."""
import pathlib
import socket
import threading
import time

from common import no, ok, only_line, ran
from walls import CLEAN, SLOW, Row

METADATA = ("169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:42::42")


class Listener:
    """A service of the host on an address; whether anybody came."""

    def __init__(self, address, kind=socket.SOCK_STREAM):
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)
        self.socket.bind((address, 0))
        if kind == socket.SOCK_STREAM:
            self.socket.listen(8)
        self.socket.setblocking(False)
        self.port, self.kind = self.socket.getsockname()[1], kind

    def came(self):
        """Takes what has come since: connections or packets."""
        count = 0
        try:
            while True:
                self.socket.accept()[0].close() if self.kind == socket.SOCK_STREAM else self.socket.recv(100)
                count += 1
        except BlockingIOError:
            return count


def own_address():
    """An address of the host that is no loopback one; None where there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("192.0.2.1", 9))  # sends nothing
            return one.getsockname()[0]
        except OSError:
            return None


def has_ipv6():
    return pathlib.Path("/proc/net/if_inet6").exists() and bool(pathlib.Path("/proc/net/if_inet6").read_text())


def tcp_to_host(world):
    """N1"""
    listener = Listener("0.0.0.0")
    acts, pairs = [], []
    for address in ("127.0.0.1", "127.9.9.9", "0.0.0.0", "::ffff:127.0.0.1"):
        acts.append(f"connect-tcp {address} {listener.port}")
        pairs.append(no("ECONNREFUSED"))
    for address in filter(None, (own_address(), "10.0.2.2", "192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1")):
        acts.append(f"connect-tcp {address} {listener.port}")
        pairs.append(no("ENETUNREACH"))
    only_line(world, world.outside_run([acts[0]]).stdout, ok(), "control")
    world.expect(listener.came() == 1, "control: nobody came")
    if has_ipv6():
        six = Listener("::1")
        acts.append(f"connect-tcp ::1 {six.port}")
        pairs.append(no("ECONNREFUSED"))
    ran(world, acts + ["own-loopback", "own-loopback 6"], pairs + [ok(), ok() if has_ipv6() else {"act": "own-loopback"}])
    world.expect(listener.came() == 0, "somebody connected to the host")


def packets_to_host(world):
    """N2: what goes to the loopback stays in the sandbox's own."""
    listener = Listener("0.0.0.0", socket.SOCK_DGRAM)
    only_line(world, world.outside_run([f"connect-udp 127.0.0.1 {listener.port}"]).stdout, ok(), "control")
    world.expect(listener.came() == 1, "control: no packet came")
    away = [address for address in (own_address(), "192.0.2.1", "224.0.0.251", "239.255.255.250", "ff0e::fb", "2001:db8::1") if address]
    acts = [f"connect-udp {address} {listener.port}" for address in away]
    ran(world, acts + ["socket 2 3 1", "socket 2 2 1", "socket 2 2 136", "socket 17 3 768"],
        [no("ENETUNREACH")] * len(acts) + [no("EPERM")] * 4)
    ran(world, [f"connect-udp 127.0.0.1 {listener.port}", f"connect-udp 255.255.255.255 {listener.port}"], [ok(), {"ok": False}])
    world.expect(listener.came() == 0, "a packet came to the host")


def early_data(world):
    """N4"""
    listener = Listener("0.0.0.0")
    refused = {"sendto": "ECONNREFUSED", "sendmsg": "ECONNREFUSED", "option": "ECONNREFUSED"}
    only_line(world, world.outside_run([f"fast-open 127.0.0.1 {listener.port}"]).stdout, {"sendto": "ok"}, "control")
    world.expect(listener.came() >= 1, "control: nobody came")
    ran(world, [f"fast-open 127.0.0.1 {listener.port}", f"fast-open {own_address() or '192.0.2.1'} {listener.port}"],
        [refused, {key: "ENETUNREACH" for key in refused}])
    world.expect(listener.came() == 0, "somebody connected to the host")


def knock(path, tries, came):
    """Connects to the port that appears in a file; whether it worked goes into the list."""
    for _ in range(tries):
        text = path.read_text() if path.exists() else ""
        if text.endswith("\n"):
            with socket.socket() as one:
                came.append(one.connect_ex(("127.0.0.1", int(text))) == 0)
            return
        time.sleep(0.01)


def from_outside(world):
    """N6: a listener that nobody bound, and the host knocks at its port."""
    for where, accepted in (("control", True), ("inside", False)):
        path, came = world.work / f"port-{where}", []
        thread = threading.Thread(target=knock, args=(path, int(300 * SLOW), came))
        thread.start()
        act = [f"listen-here {path} {int(500 * SLOW)}"]
        if where == "inside":
            ran(world, act, [ok(accepted=False)])
        else:
            only_line(world, world.outside_run(act).stdout, ok(accepted=True), where)
        thread.join()
        world.expect(came == [accepted], f"{where}: the host's knock: {came}")


def names(world):
    """N9: no server to ask, and none of the host's can be asked."""
    rows = pathlib.Path("/etc/resolv.conf").read_text().splitlines() if pathlib.Path("/etc/resolv.conf").exists() else []
    servers = [row.split()[1] for row in rows if row.startswith("nameserver ") and not row.split()[1].startswith(("127.", "::1"))]
    servers = [server for server in servers if "%" not in server] or ["192.0.2.53"]
    acts = [f"{kind} {server} {port}" for server in servers[:2]
            for kind, port in (("connect-udp", 53), ("connect-tcp", 53), ("connect-tcp", 853), ("connect-tcp", 443))]
    ran(world, [*acts, "file-contains /etc/resolv.conf nameserver"], [no("ENETUNREACH")] * len(acts) + [ok(found=[])])
    recorder = Listener("127.0.0.1", socket.SOCK_DGRAM)
    ran(world, [f"connect-udp 127.0.0.53 {recorder.port}", f"connect-udp 127.0.0.1 {recorder.port}"], [ok(), ok()], env=CLEAN)
    world.expect(recorder.came() == 0, "a question came to the host")


ROWS = [
    Row("N1", "TCP to every address of the host", "SandboxUser", "Lateral", special=tcp_to_host),
    Row("N2", "datagrams, raw packets, multicast, broadcast", "SandboxUser", "Exfil", special=packets_to_host),
    Row("N3", "the metadata services of clouds", "SandboxUser", "HostLeak",
        inside=[(f"{kind} {address} 80", no("ENETUNREACH")) for address in METADATA for kind in ("connect-tcp", "connect-udp")],
        allowed=[("own-loopback", ok())]),
    Row("N4", "data before the connection stands", "SandboxUser", "Exfil", special=early_data),
    Row("N5", "multipath TCP", "SandboxUser", "Exfil", inside=[("socket 2 1 262", no("EPERM")), ("socket 10 1 262", no("EPERM"))],
        allowed=[("socket 2 1 6", ok())]),
    Row("N6", "a listener that nobody bound, and the host knocks", "SandboxUser", "Lateral", special=from_outside),
    Row("N7", "sockets through io_uring", "SandboxUser", "Exfil", outside=[("io-uring", {"setup": "ok"})],
        inside=[("io-uring", {"setup": "EPERM", "enter": "EPERM", "register": "EPERM"})]),
    Row("N9", "asking for names", "SandboxUser", "Exfil", special=names),
]
