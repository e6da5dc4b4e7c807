"""Runs inside the sandbox: does what each line of its input says and prints what came of it, one JSON line each."""
import errno
import hashlib
import json
import os
import socket
import struct
import sys
import threading
import urllib.request


def spoken(error):
    code = getattr(error, "errno", None)
    return errno.errorcode.get(code, str(code)) if isinstance(error, OSError) and code and code > 0 else str(error)


def lookup(name, family="any"):
    families = {"any": socket.AF_UNSPEC, "4": socket.AF_INET, "6": socket.AF_INET6}
    found = socket.getaddrinfo(name, 80, families[family], socket.SOCK_STREAM)
    return sorted({entry[4][0] for entry in found})


def talk(one, text=b"hello"):
    """An echo service: what came back."""
    one.settimeout(10)
    one.sendall(text)
    try:
        one.shutdown(socket.SHUT_WR)
    except OSError:  # reset already: recv says so
        pass
    back = b""
    while part := one.recv(1 << 16):
        back += part
    return back.decode(errors="replace")


def connect(host, port, text="hello"):
    with socket.create_connection((host, int(port)), timeout=10) as one:
        return talk(one, text.encode())


def fetch(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def fastopen(host, port):
    with socket.socket() as one:  # blocking: else the answer is EINPROGRESS in any case
        one.sendto(b"hello", socket.MSG_FASTOPEN, (host, int(port)))
        one.shutdown(socket.SHUT_WR)
        return one.recv(100).decode()


def mptcp(host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262) as one:
        one.settimeout(5)
        one.connect((host, int(port)))
        return talk(one)


def udp(host, port):
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(2)
        one.connect((host, int(port)))
        one.send(b"hello")
        return one.recv(100).decode()


def mapped(host, port):
    with socket.socket(socket.AF_INET6) as one:
        one.settimeout(5)
        one.connect((f"::ffff:{host}", int(port)))
        return talk(one)


def family(number, kind):
    socket.socket(int(number), int(kind)).close()
    return "made"


def ask(server, name, kind, over="udp"):
    """A DNS question by hand: [rcode, answers]."""
    packet = struct.pack(">HHHHHH", 4711, 0x100, 1, 0, 0, 0)
    packet += b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    packet += struct.pack(">HH", int(kind), 1)
    if over == "tcp":
        with socket.create_connection((server, 53), timeout=3) as one:
            one.sendall(struct.pack(">H", len(packet)) + packet)
            answer = one.recv(4096)[2:]
    else:
        with socket.socket(socket.AF_INET6 if ":" in server else socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(3)
            one.connect((server, 53))  # answers from another address would not arrive
            one.send(packet)
            answer = one.recv(4096)
    identity, flags, _, answers = struct.unpack(">HHHH", answer[:8])
    return [flags & 15, answers] if identity == 4711 else "another id"


def bulk(host, port, mib):
    """Sends and reads back so many MiB at the same time, then the last word after half close."""
    size, sent, back = int(mib) << 20, hashlib.sha256(), hashlib.sha256()
    block = os.urandom(1 << 20)
    with socket.create_connection((host, int(port)), timeout=30) as one:
        def send():
            for number in range(size >> 20):
                part = number.to_bytes(4, "big") + block[4:]
                sent.update(part)
                one.sendall(part)
            one.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send)
        sender.start()
        left = size
        while left and (part := one.recv(min(left, 1 << 18))):
            back.update(part)
            left -= len(part)
        sender.join()
        last = one.recv(100)
    return [sent.hexdigest() == back.hexdigest(), last.decode()]


def reset(host, port):
    """The echo service breaks off when the first byte is R."""
    with socket.create_connection((host, int(port)), timeout=10) as one:
        one.sendall(b"R")
        return one.recv(100).decode()


def many(host, port, count):
    """So many connections open at once, all of them answering."""
    socks = [socket.create_connection((host, int(port)), timeout=10) for _ in range(int(count))]
    for one in socks:
        one.sendall(b"x")
    answered = sum(one.recv(1) == b"x" for one in socks)
    for one in socks:
        one.close()
    return answered


def held(host, port, then):
    """Talks, waits for a byte on standard input, and talks again on the same connection."""
    with socket.create_connection((host, int(port)), timeout=5) as one:
        one.sendall(b"a")
        one.recv(1)
        print(json.dumps("held"), flush=True)
        sys.stdin.readline()
        try:
            one.sendall(b"b")
            first = one.recv(1).decode()
        except OSError as error:
            first = spoken(error)
    try:
        return [first, connect(host, then)]
    except OSError as error:
        return [first, spoken(error)]


def wait():
    """Until there is a line of standard input."""
    print(json.dumps("waiting"), flush=True)
    sys.stdin.readline()
    return "goes on"


ACTS = {f.__name__: f for f in (lookup, connect, fetch, fastopen, mptcp, udp, mapped, family, ask, bulk, reset, many, held, wait)}


def main():
    for line in sys.argv[1:]:
        name, *words = line.split()
        try:
            came = ACTS[name](*words)
        except Exception as error:  # what a program of the sandbox would see
            came = f"{type(error).__name__}: {spoken(error)}"
        print(json.dumps(came), flush=True)


main()
