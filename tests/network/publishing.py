"""Opens a sandbox that publishes ports, with an echo server inside, and connects from the host as programs of the host
do. Prints what came of it as one JSON line."""
import concurrent.futures
import hashlib
import json
import os
import socket
import sys
import threading

import mxc

ECHO = """
import socket, sys, threading
def serve(one):
    with one:
        total = 0
        while data := one.recv(1 << 18):
            total += len(data)
            one.sendall(data)
        one.sendall(b"END %d" % total)
servers = [socket.create_server((host, port), backlog=128, family=family, dualstack_ipv6=family == socket.AF_INET6)
           for host, port, family in (("127.0.0.1", 8000, socket.AF_INET), ("::", 8001, socket.AF_INET6))]
hidden = socket.create_server(("127.0.0.1", 8003))
print("ready", flush=True)
def loop(server):
    while True:
        threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
for server in servers:
    threading.Thread(target=loop, args=(server,), daemon=True).start()
sys.stdin.read()
"""


def said(error):
    return type(error).__name__


def talk(port, host="127.0.0.1", text=b"hello"):
    try:
        with socket.create_connection((host, port), timeout=10) as one:
            one.sendall(text)
            one.shutdown(socket.SHUT_WR)
            back = b""
            while part := one.recv(1 << 16):
                back += part
            return back.decode()
    except OSError as error:
        return said(error)


def bulk(port, mib=16):
    sent, back = hashlib.sha256(), hashlib.sha256()
    block = os.urandom(1 << 20)
    with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
        def send():
            for _ in range(mib):
                sent.update(block)
                one.sendall(block)
            one.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send)
        sender.start()
        left = mib << 20
        while left and (part := one.recv(min(left, 1 << 18))):
            back.update(part)
            left -= len(part)
        sender.join()
        return [sent.hexdigest() == back.hexdigest(), one.recv(100).decode()]


def held_while(act, port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        one.sendall(b"a")
        first = one.recv(1).decode()
        act()
        try:
            one.sendall(b"b")
            return [first, one.recv(1).decode()]
        except OSError as error:
            return [first, said(error)]


def refused(policy):
    try:
        mxc.Sandbox(policy).close()
        return "opened"
    except mxc.Error as error:
        return [error.status_name, error.origin, bool(error.hint)]


def main():
    with socket.create_server(("127.0.0.1", 0)) as free:
        chosen = free.getsockname()[1]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        occupied = refused({"network": {"publish": [{"port": 1}, {"port": 8000, "hostPort": taken.getsockname()[1]}]}})
    policy = {"network": {"publish": [{"port": 8000}, {"port": 8001, "hostPort": chosen}, {"port": 8002}]}}
    told = {"occupied": occupied}
    with mxc.Sandbox(policy) as sandbox:
        a, b, nobody = (sandbox.published_port(port) for port in (8000, 8001, 8002))
        told["ports"] = [b == chosen, len({a, b, nobody}), sandbox.published_port(8003)]
        server = sandbox.spawn(["python3", "-I", "-c", ECHO], stdin=mxc.PIPE, stdout=mxc.PIPE)
        server.stdout.readline()
        told["talk"] = [talk(a), talk(b), talk(nobody)]
        told["elsewhere"] = [talk(a, "198.51.100.1"), talk(a, "::1"), talk(8000), talk(8003)]
        told["bulk"] = bulk(a)
        told["again"] = sum(talk(a) == "helloEND 5" for _ in range(300))
        with concurrent.futures.ThreadPoolExecutor(100) as many:
            told["many"] = sum(answer == "helloEND 5" for answer in many.map(talk, [a] * 100))
        told["cut"] = held_while(lambda: sandbox.update_network({"network": {"publish": [policy["network"]["publish"][1]]}}), a)
        told["after"] = [talk(a), talk(b)]
        sandbox.update_network(policy)
        told["widened"] = talk(a)
        server.stdin.close()
        result = server.wait()
        told["items"] = [item.item for item in result.receipt if item.item.startswith("/network/publish")]
        told["connections"] = [vars(one) for one in result.connections]
        told["dropped"] = result.connections_dropped
    told["closed"] = talk(a)
    print(json.dumps(told))
    sys.stdout.flush()


main()
