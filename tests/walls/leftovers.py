"""What mxc may leave on a host: processes, control groups, mounts, files, keys; and the processes of one run. Tests
that use it run alone: another run of mxc at the same time would look like something left."""
import os
import pathlib
import time

TOP = pathlib.Path("/sys/fs/cgroup")


def stat_of(pid):
    """(name, state, parent) of a process, or None."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    name, rest = text.partition("(")[2].rpartition(")")[0], text.rpartition(")")[2].split()
    return name, rest[0], int(rest[1])


def keepers(parent=None):
    """Pids of keepers (and of inits, which have the same name), of all or of one parent; dead ones do not count."""
    found = []
    for entry in os.listdir("/proc"):
        seen = stat_of(entry) if entry.isdigit() else None
        if seen and seen[0] == "mxc-keeper" and seen[1] != "Z" and parent in (None, seen[2]):
            found.append(int(entry))
    return found


def groups():
    """Control groups that are ours; an ordinary user makes none here."""
    if os.geteuid() != 0:
        return set()
    return {folder for folder, _, _ in os.walk(TOP) if os.path.basename(folder).startswith("mxc-")}


def looked():
    """Everything, as sets that can be compared."""
    keys = pathlib.Path("/proc/keys")
    own_keys = [line.split()[0] for line in keys.read_text().splitlines() if " _ses" in line] if keys.exists() else []
    return {"processes": set(keepers()), "groups": groups(), "keys": len(own_keys),
            "mounts": set(line.split(" ", 2)[2] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()),
            "files": {name for folder in ("/tmp", "/var/tmp", "/dev/shm", "/run") for name in os.listdir(folder) if "mxc-keeper" in name}}


def more_than(before):
    """What is there now and was not before: (kind, name)."""
    now = looked()
    more = {(kind, name) for kind in now if kind != "keys" for name in now[kind] - before[kind]}
    if now["keys"] > before["keys"] + 8:  # keys of ended sessions are freed late
        more.add(("keys", "some"))
    return more


def left(before, seconds=5):
    """What is there now, was not before, and stays for that long: a run of somebody else comes and goes. The kernel
    takes its time over keys."""
    began, more = time.monotonic(), more_than(before)
    while more and time.monotonic() < began + (30 if more == {("keys", "some")} else seconds):
        time.sleep(0.05)
        more &= more_than(before)
    return sorted(more)


def in_host():
    """Of this process: descriptors and threads."""
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
