"""Runs inside the sandbox: does what each line of its input says and prints what came of it, one JSON line each."""
import contextlib
import ctypes
import errno
import hashlib
import json
import os
import resource
import select
import socket
import struct
import sys
import threading
import time
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


def socket_for(host):
    return socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)


def udp6(host, port):
    return udp(lookup(host, "6")[0], port)


def mapped_udp(host, port):
    return udp(f"::ffff:{host}", port)


def udp_from(source, host, port):
    with socket_for(host) as one:
        one.settimeout(2)
        one.bind((source, 0))
        one.sendto(b"hello", (host, int(port)))
        return one.recv(100).decode()


def whence(host, port):
    """Whose address an answer has, at a socket that takes them from everybody."""
    with socket_for(host) as one:
        one.settimeout(2)
        one.sendto(b"hello", (host, int(port)))
        return list(one.recvfrom(100)[1][:2])


def unheard(port, *hosts):
    """Those of which something came back."""
    found, held = [], {host: socket_for(host) for host in hosts}
    for host, one in held.items():
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        with contextlib.suppress(OSError):
            one.sendto(b"hello", (host, int(port)))
    time.sleep(0.4)
    for host, one in held.items():
        with one, contextlib.suppress(OSError):
            one.recv(100, socket.MSG_DONTWAIT)
            found.append(host)
    return found


def sizes(host, port, *lengths):
    """Those that came back whole."""
    found = []
    with socket_for(host) as one:
        one.settimeout(2)
        one.connect((host, int(port)))
        for length in map(int, lengths):
            packet = os.urandom(length)
            one.send(packet)
            found += [length] if one.recv(1 << 16) == packet else []
    return found


def flows(host, port, count):
    """So many sockets that each say one word; how many were answered."""
    held, answered = [socket_for(host) for _ in range(int(count))], 0
    address = socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_DGRAM)[0][4]
    for at in range(0, len(held), 20):  # no faster than they are answered: queues are short
        for one in held[at:at + 20]:
            one.settimeout(0.5)
            one.sendto(b"x", address)
        for one in held[at:at + 20]:
            with contextlib.suppress(OSError):
                answered += one.recv(1) == b"x"
    for one in held:
        one.close()
    return answered


def crowd_udp(host, port, count):
    """So many sockets that each say one word, as fast as queues allow: how many were answered, and whether it took
    less than a second."""
    held, began = [socket_for(host) for _ in range(int(count))], time.monotonic()
    address = socket.getaddrinfo(host, int(port), socket.AF_INET, socket.SOCK_DGRAM)[0][4]
    for number, one in enumerate(held):
        one.sendto(b"x", address)
        if number % 30 == 29:
            time.sleep(0.005)
    quick, answered = time.monotonic() - began < 0.9, 0
    time.sleep(0.3)
    for one in held:
        with one, contextlib.suppress(OSError):
            answered += one.recv(1, socket.MSG_DONTWAIT) == b"x"
    return [answered, quick]


def held_udp(host, port):
    """A word and its answer, a byte of standard input, and once more: its answer, if there is one."""
    with socket_for(host) as one:
        one.settimeout(1)
        one.connect((host, int(port)))
        one.send(b"a")
        one.recv(1)
        print(json.dumps("held"), flush=True)
        sys.stdin.readline()
        one.send(b"b")
        try:
            return one.recv(1).decode()
        except OSError:
            return "nothing"


def pause(seconds):
    time.sleep(float(seconds))
    return "goes on"


def mapped(host, port):
    with socket.socket(socket.AF_INET6) as one:
        one.settimeout(5)
        one.connect((f"::ffff:{host}", int(port)))
        return talk(one)


def family(number, kind, protocol=0):
    socket.socket(int(number), int(kind), int(protocol)).close()
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


def spell(text):
    """Whatever the system's resolver makes of these bytes (in hexadecimal), and what answers there."""
    for family, kind, protocol, _, address in socket.getaddrinfo(bytes.fromhex(text), 80, 0, socket.SOCK_STREAM):
        with socket.socket(family, kind, protocol) as one:
            one.settimeout(5)
            one.connect(address)
            one.sendall(b"GET / HTTP/1.0\r\nHost: web.test\r\n\r\n")
            return one.recv(12).decode()
    return ""


def later(seconds, host, port):
    """Waits, then asks the web server of a name: the beginning of its answer."""
    time.sleep(float(seconds))
    with socket.create_connection((host, int(port)), timeout=5) as one:
        one.sendall(b"GET / HTTP/1.0\r\nHost: web.test\r\n\r\n")
        return one.recv(12).decode()


def raw(server, port, packet, over="udp"):
    """These bytes (in hexadecimal) to a server: [rcode, answers], or what became of it."""
    packet = bytes.fromhex(packet)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if over == "tcp" else socket.SOCK_DGRAM) as one:
        one.settimeout(0.3)
        one.connect((server, int(port)))
        one.sendall(struct.pack(">H", len(packet)) + packet if over == "tcp" else packet)
        answer = one.recv(4096)[2 if over == "tcp" else 0:]
    if not answer:
        return "closed"
    return [answer[3] & 15, struct.unpack(">H", answer[6:8])[0]]


def abstract(name):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect("\0" + name)
        return "connected"


def reset_out(host, port):
    """Breaks off itself."""
    with socket.create_connection((host, int(port)), timeout=5) as one:
        one.sendall(b"x")
        one.recv(1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return "reset"


def hold(host, port, count, text="none"):
    """So many connections that say nothing, or this and no more; how many stand a moment later."""
    held = []
    for _ in range(int(count)):
        one = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        one.settimeout(5)
        try:
            one.connect((host, int(port)))
            if text != "none":
                one.sendall(bytes.fromhex(text))
        except OSError:
            one.close()
            continue
        held.append(one)
    HELD.extend(held)
    return len(held)


def release():
    while HELD:
        HELD.pop().close()
    return "released"


def leave(host, port, count, how):
    """Connects and goes away before anybody can have answered, with a reset or after its last word."""
    for _ in range(int(count)):
        with socket.create_connection((host, int(port)), timeout=10) as one:
            if how == "reset":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                one.sendall(b"hello")
    return "left"


def crowd(host, port, count):
    """Two processes, since one may not have so many descriptors: whether the last connections were still taken."""
    ready, tell = os.pipe()
    if os.fork() == 0:
        hold(host, port, int(count) // 2, "78")
        os.write(tell, b"x")
        time.sleep(60)  # until the sandbox ends
        os._exit(0)
    os.read(ready, 1)
    asked = int(count) - int(count) // 2
    if hold(host, port, asked, "78") < asked:
        return "full"  # refused so soon that writing failed already
    try:
        return "room" if HELD[-1].recv(1) else "full"
    except OSError:
        return "full"


def storm(host, port, count):
    """Connects and goes away at once, so often; how often it worked."""
    worked = 0
    for _ in range(int(count)):
        with socket.socket() as one:
            worked += one.connect_ex((host, int(port))) == 0
    return worked


def questions(server, count):
    """So many questions for names that are not granted, without listening."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.connect((server, 53))
        for number in range(int(count)):
            label = b"n%06d" % number
            one.send(b"\1\1\1\0\0\1\0\0\0\0\0\0" + bytes([len(label)]) + label + b"\4evil\0\0\1\0\1")
    return "sent"


def timed(host, port, count):
    """So often connect, one byte there and back, close: microseconds each."""
    found = []
    for _ in range(int(count)):
        began = time.monotonic()
        with socket.create_connection((host, int(port)), timeout=10) as one:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.sendall(b"x")
            one.recv(1)
        found.append(round((time.monotonic() - began) * 1e6))
    return found


def busy(kind, host, port, seconds):
    """For so long connections that come and go, questions, or only this much work with no network at all."""
    end, other = time.monotonic() + float(seconds), os.fork() if kind == "nothing" else -1
    number = 0
    while time.monotonic() < end:
        number += 1
        if kind == "connections":
            storm(host, port, 1)
        elif kind == "questions":
            questions(host, 50)
    if other == 0:
        os._exit(0)
    if other > 0:
        os.waitpid(other, 0)
    return number


def obey():
    """Acts from standard input, one a line."""
    for line in sys.stdin:
        name, *words = line.split()
        print(json.dumps(ACTS[name](*words)), flush=True)
    return "end"


# ---- connections that ask for a listener

class Header(ctypes.Structure):
    _fields_ = [("name", ctypes.c_void_p), ("name_length", ctypes.c_uint), ("parts", ctypes.c_void_p), ("count", ctypes.c_size_t),
                ("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t), ("flags", ctypes.c_int), ("sent", ctypes.c_uint)]


def address_of(host, port):
    return struct.pack("=H", socket.AF_INET) + struct.pack(">H", int(port)) + socket.inet_aton(host) + bytes(8)


def first_packet(call, host, port):
    """Data with the connection, by sendmsg or sendmmsg."""
    where, data = ctypes.create_string_buffer(address_of(host, port), 16), ctypes.create_string_buffer(b"hello", 5)
    part = (ctypes.c_size_t * 2)(ctypes.addressof(data), 5)
    header = Header(ctypes.addressof(where), 16, ctypes.addressof(part), 1)
    with socket.socket() as one:
        one.settimeout(10)
        one.setblocking(True)
        words = (header, socket.MSG_FASTOPEN) if call == "sendmsg" else (header, 1, socket.MSG_FASTOPEN)
        if getattr(LIBC, call)(one.fileno(), ctypes.byref(words[0]), *words[1:]) < 0:
            raise OSError(ctypes.get_errno(), "")
        one.shutdown(socket.SHUT_WR)
        return one.recv(100).decode()


def deferred(host, port):
    """TCP_FASTOPEN_CONNECT: connecting waits for the first data."""
    with socket.socket() as one:
        one.setsockopt(socket.IPPROTO_TCP, 30, 1)
        one.connect((host, int(port)))
        return talk(one)


def nonblocking(host, port):
    with socket.socket() as one:
        one.setblocking(False)
        code = one.connect_ex((host, int(port)))
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, "")
        select.select([], [one], [], 10)
        code = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            raise OSError(code, "")
        one.setblocking(True)
        return talk(one)


def bound(host, port):
    with socket.socket() as one:
        one.bind(("0.0.0.0", 0))
        one.connect((host, int(port)))
        return talk(one)


def beside(host, port):
    """A server of one's own on the same port of the loopback, before and after: [own, other, own]."""
    def own():
        with socket.create_server(("127.0.0.1", int(port))) as server:
            with socket.create_connection(server.getsockname(), timeout=5) as one, server.accept()[0] as other:
                other.sendall(b"own")
                return one.recv(10).decode()
    return [own(), connect(host, port), own()]


def scattered(host, first, count, step=1):
    """So many ports, one after the other: how often what came of connecting."""
    found = {}
    for number in range(int(count)):
        with socket.socket() as one:
            code = one.connect_ex((host, int(first) + number * int(step)))
            name = errno.errorcode.get(code, "connected")
            found[name] = found.get(name, 0) + 1
    return found


def crawl(block, port, count):
    """So many addresses of a /16 on one port, as fast as a program can, without waiting for any."""
    found = {}
    for number in range(int(count)):
        with socket.socket() as one:
            one.setblocking(False)
            code = one.connect_ex((f"{block}.{number >> 8}.{number & 255}", int(port)))
            name = errno.errorcode.get(code, "connected")
            found[name] = found.get(name, 0) + 1
    return found


def flipping(true_host, lie_host, port, tries):
    """Another thread changes the address all the while: how often what came of connecting."""
    truth, lie = address_of(true_host, port), address_of(lie_host, port)
    where, on = ctypes.create_string_buffer(truth, 16), [True]

    def flip():
        while on[0]:
            ctypes.memmove(where, lie, 16)
            ctypes.memmove(where, truth, 16)
    threads = [threading.Thread(target=flip) for _ in range(2)]
    for one in threads:
        one.start()
    found = {}
    for _ in range(int(tries)):
        with socket.socket() as one:
            code = 0 if LIBC.connect(one.fileno(), where, 16) == 0 else ctypes.get_errno()
            name = errno.errorcode.get(code, "connected")
            found[name] = found.get(name, 0) + 1
    on[0] = False
    for one in threads:
        one.join()
    return found


def crooked():
    """Addresses that are none: what the kernel says, one after the other."""
    found, where = [], ctypes.create_string_buffer(address_of("203.0.113.30", 80), 200)
    for pointer, length in ((None, 16), (ctypes.c_void_p(8), 16), (where, 0), (where, 1), (where, 15), (where, 129), (where, -1),
                            (ctypes.c_void_p(2**64 - 8), 16), (ctypes.c_void_p(2**63), 28)):
        with socket.socket() as one:
            one.setblocking(False)
            code = LIBC.connect(one.fileno(), pointer, length)
            found.append(errno.errorcode[ctypes.get_errno()] if code else "connected")
    with socket.socket() as one:
        for pointer in (None, ctypes.c_void_p(8), ctypes.c_void_p(2**64 - 8)):
            found.append(errno.errorcode[ctypes.get_errno()] if LIBC.sendmsg(one.fileno(), pointer, socket.MSG_FASTOPEN) else "sent")
    return found


def hidden(host, port):
    """By a process that lets nobody look into it."""
    LIBC.prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE
    try:
        return connect(host, port)
    finally:
        LIBC.prctl(4, 1, 0, 0, 0)


def local(path):
    """A Unix socket of one's own."""
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as one:
        server.bind(path)
        server.listen()
        one.connect(path)
        return "connected"


def crossed(host, port):
    """A Unix socket is told to connect to the internet."""
    with socket.socket(socket.AF_UNIX) as one:
        LIBC.connect(one.fileno(), address_of(host, port), 16)
        return errno.errorcode[ctypes.get_errno()]


HELD = []
LIBC = ctypes.CDLL(None, use_errno=True)


def wait():
    """Until there is a line of standard input."""
    print(json.dumps("waiting"), flush=True)
    sys.stdin.readline()
    return "goes on"


ACTS = {f.__name__: f for f in (lookup, connect, fetch, fastopen, mptcp, udp, mapped, family, ask, bulk, reset, many, held, wait,
                                later, spell, raw, abstract, reset_out, hold, crowd, storm, questions, timed, busy,
                                release, leave, obey, first_packet, deferred, nonblocking, bound, beside, scattered, crawl, flipping,
                                crooked, hidden, local, crossed, udp6, mapped_udp, udp_from, whence, unheard, sizes, flows, held_udp,
                                crowd_udp, pause)}


def main():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    for line in sys.argv[1:]:
        name, *words = line.split()
        try:
            came = ACTS[name](*words)
        except Exception as error:  # what a program of the sandbox would see
            came = f"{type(error).__name__}: {spoken(error)}"
        print(json.dumps(came), flush=True)


main()
