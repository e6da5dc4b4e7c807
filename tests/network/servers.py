"""The internet of the network tests: name server, web servers, an echo server and what nobody may reach. Runs in a
network namespace of its own and writes a line for everything that arrives into one file."""
import contextlib
import http.server
import json
import os
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time

from addresses import DNS, ECHO, LITERAL, METADATA, PRIVATE, SILENT, WEB, WEB6

# name: (type A), (type AAAA)
ZONE = {
    "web.test": ([WEB], []),
    "api.web.test": ([WEB], []),
    "six.test": ([], [WEB6]),
    "echo.test": ([ECHO], []),
    "both.test": ([PRIVATE, WEB], []),
    "second.test": ([SILENT, WEB], []),
    "loop.test": (["127.0.0.1"], ["::1"]),
    "private.test": ([PRIVATE], ["fd00::7"]),
    "meta.test": ([METADATA], ["fd00:ec2::254"]),
    "mapped.test": ([], ["::ffff:169.254.169.254", "64:ff9b::a09:807", "2002:a09:807::1"]),
    "host.test": (["198.51.100.1"], []),
    "big.test": ([WEB], []),
}
ALIASES = {"alias.test": "web.test"}
# g0.test and so on: one address each that no name may lead to
GUARDED = """0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 169.254.170.2 169.254.1.1
172.16.0.1 172.31.255.254 192.0.0.192 192.88.99.1 192.168.0.1 198.18.1.0 198.19.255.255 198.51.100.1 224.0.0.251 239.255.255.250 240.0.0.1
255.255.255.255 :: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:7f00:1 64:ff9b::7f00:1
64:ff9b:1::a9fe:a9fe 100::1 2001:0:7f00:1::1 2001:db8:1::1 2002:7f00:1::1 fc00::1 fd00::1 fd00:ec2::254 fd20:ce::254 fd00:42::42
fd6d:7863:7265:1::100 fe80::1 fec0::1 ff02::1 ff0e::fb""".split()
ZONE |= {f"g{number}.test": ([], [address]) if ":" in address else ([address], []) for number, address in enumerate(GUARDED)}
# flip.test: what it is now, then what it is a moment later, and so on
FLIPS = [WEB, METADATA, WEB]
flips = {"at": 0, "next": 0.0}
log_lock = threading.Lock()


def record(path, **what):
    with log_lock, open(path, "a", encoding="utf-8") as log:
        log.write(json.dumps(what) + "\n")


def flip():
    """The next one, a second after the one before was first asked for."""
    now = time.monotonic()
    if flips["next"] and now >= flips["next"]:
        flips["at"], flips["next"] = min(flips["at"] + 1, len(FLIPS) - 1), 0.0
    flips["next"] = flips["next"] or now + 0.9
    return [FLIPS[flips["at"]]], []


def question(packet):
    at, labels = 12, []
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels).lower(), struct.unpack(">H", packet[at + 1:at + 3])[0], packet[12:at + 5]


def dns_answer(packet, log, over_tcp):
    try:
        name, kind, raw = question(packet)
    except (IndexError, UnicodeDecodeError, struct.error):
        record(log, dns="not a question", bytes=packet.hex())
        return packet[:2] + struct.pack(">HHHHH", 0x8181, 0, 0, 0, 0)
    record(log, dns=name, type=kind, tcp=over_tcp)
    if name == "big.test" and not over_tcp:
        return packet[:2] + struct.pack(">HHHHH", 0x8380, 1, 0, 0, 0) + raw
    real = ALIASES.get(name, name)
    if real == "flip.test":
        ZONE[real] = flip()
    if real not in ZONE:
        return packet[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + raw
    answers = []
    owner = b"\xc0\x0c"
    if real != name:
        target = b"".join(bytes([len(label)]) + label.encode() for label in real.split(".")) + b"\0"
        answers.append(owner + struct.pack(">HHIH", 5, 1, 60, len(target)) + target)
        owner = target
    family, addresses = (socket.AF_INET, ZONE[real][0]) if kind == 1 else (socket.AF_INET6, ZONE[real][1])
    for address in addresses if kind in (1, 28) else []:
        data = socket.inet_pton(family, address)
        answers.append(owner + struct.pack(">HHIH", kind, 1, 1, len(data)) + data)
    return packet[:2] + struct.pack(">HHHHH", 0x8180, 1, len(answers), 0, 0) + raw + b"".join(answers)


def serve_dns(address, log):
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((address, 53))
    tcp = socket.create_server((address, 53))

    def over_udp():
        while True:
            packet, peer = udp.recvfrom(4096)
            udp.sendto(dns_answer(packet, log, False), peer)

    def over_tcp():
        while True:
            one, _ = tcp.accept()
            with one:
                while len(head := one.recv(2)) == 2:
                    answer = dns_answer(one.recv(struct.unpack(">H", head)[0]), log, True)
                    one.sendall(struct.pack(">H", len(answer)) + answer)

    for target in (over_udp, over_tcp):
        threading.Thread(target=target, daemon=True).start()


def web_handler(log):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"hello from " + self.headers.get("Host", "?").encode() + b"\n"
            record(log, web=self.connection.getsockname()[0], host=self.headers.get("Host"))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    return Handler


class Web(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self):
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]


class Web6(Web):
    address_family = socket.AF_INET6


def serve_web(address, log, tls=None):
    kind = Web6 if ":" in address else Web
    server = kind((address, 443 if tls else 80), web_handler(log))
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def echo(one, log):
    """Sends everything back; after the end of the input a last word, so that half close is seen; then closes. A first
    byte R resets instead."""
    record(log, echo=one.getsockname()[0])
    total = 0
    with one, contextlib.suppress(OSError):  # whose client has gone away
        while data := one.recv(1 << 18):
            if total == 0 and data[:1] == b"R":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            total += len(data)
            one.sendall(data)
        one.sendall(b"END %d" % total)


def serve_echo(address, port, log):
    server = socket.create_server((address, port), backlog=1024)

    def loop():
        while True:
            one, _ = server.accept()
            threading.Thread(target=echo, args=(one, log), daemon=True).start()

    threading.Thread(target=loop, daemon=True).start()


def serve_datagrams(address, port, log, liar=None):
    """Sends every packet back; a liar from another socket than the one that was asked."""
    one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((address, port))

    def loop():
        while True:
            packet, peer = one.recvfrom(1 << 16)
            record(log, udp=address, port=port, peer=peer[0])
            (liar or one).sendto(packet, peer)

    threading.Thread(target=loop, daemon=True).start()
    return one


def main():
    log, certificate, key = sys.argv[1:4]
    serve_dns(DNS, log)
    for address in (WEB, LITERAL, PRIVATE, METADATA, WEB6):
        serve_web(address, log)
    serve_web(WEB, log, (certificate, key))
    serve_echo(ECHO, 7000, log)
    serve_echo(ECHO, 7001, log)
    for address, port in ((ECHO, 7000), (ECHO, 7001), (ECHO, 7003), (ECHO, 7004), (WEB, 7000), (WEB, 7001), (WEB, 7004), (WEB6, 7000), (WEB6, 7004),
                          (WEB6, 8080), (LITERAL, 8080), (PRIVATE, 7000), (PRIVATE, 8080), (METADATA, 7000), (METADATA, 8080)):
        last = serve_datagrams(address, port, log)
    serve_datagrams(ECHO, 7002, log, liar=last)
    print("ready", flush=True)
    os.read(0, 1)  # until the test closes its end


main()
