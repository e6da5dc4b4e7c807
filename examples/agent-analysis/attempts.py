"""What hostile code might do next: appended to task.py by the demo, so that the same program does both.

Each attempt is made once and bounded. Prints one line, `ATTEMPTS` and JSON: name -> what came of it, an errno
name or what was achieved. What to go for comes from the host in TARGETS. Outside a sandbox the same file is the
demo's control: there every attempt must succeed.
"""
import errno
import json
import os
import signal
import socket

TARGETS = json.loads(os.environ["TARGETS"])


def read_folder(folder):
    names = sorted(os.listdir(folder))
    for name in names:
        if os.path.isfile(os.path.join(folder, name)):
            with open(os.path.join(folder, name), "rb") as file:
                file.read(1)
    return f"read {len(names)} file{'' if len(names) == 1 else 's'}"


def append(path):
    with open(path, "a", encoding="utf-8") as file:
        file.write("changed by the code\n")
    return "written"


def open_to_write(path):
    """Changes nothing: were it granted, the data would still be wanted."""
    open(path, "r+b").close()
    return "opened"


def create(path):
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    return "created"


def connect(address):
    with socket.create_connection(tuple(address), timeout=2) as connection:
        connection.sendall(b"stolen\n")
    return "connected"


def fork_many(count):
    """Up to `count` children that only wait; all are ended and reaped before it returns."""
    reader, writer = os.pipe()
    children = []
    try:
        for _ in range(count):
            child = os.fork()
            if child == 0:
                os.close(writer)
                os.read(reader, 1)
                os._exit(0)
            children.append(child)
        return f"{count} children"
    except OSError as error:
        return f"{errno.errorcode[error.errno]} after {len(children)}"
    finally:
        os.close(writer)
        os.close(reader)
        for child in children:
            os.waitpid(child, 0)


def leave_setuid(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nid\n")
    os.chmod(path, 0o4755)
    return "mode 4755"


def create_setuid(path):
    os.umask(0)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o6755))
    return "mode 6755"


def read_variable(name):
    return f"read {len(os.environ[name])} characters" if name in os.environ else "not there"


def see_process(mark):
    seen = [name for name in os.listdir("/proc") if name.isdigit()]
    for name in seen:
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if mark.encode() in file.read():
                    return "seen"
        except OSError:
            continue
    return f"not among {len(seen)}"


def stay_behind(argv):
    """A daemon: two forks, a session of its own, deaf to TERM."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return "started"
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.execv(argv[0], argv)
    os._exit(0)


def attempt(act, target):
    try:
        return act(target)
    except OSError as error:
        return errno.errorcode.get(error.errno, type(error).__name__)


ACTS = {
    "ssh": read_folder, "variable": read_variable, "process": see_process,
    "data": open_to_write, "canary": append, "examples": create, "home": create, "etc": create,
    "loopback": connect, "outside": connect,
    "forks": fork_many, "setuid": leave_setuid, "setuid-open": create_setuid, "daemon": stay_behind,
}
outcomes = {name: attempt(act, TARGETS[name]) for name, act in ACTS.items() if name in TARGETS}
print("ATTEMPTS " + json.dumps(outcomes), flush=True)
