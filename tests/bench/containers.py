"""A bundle for crun and runc: one folder with a config.json and an empty root, on which the mounts are made."""
import json
import os
import pathlib
import subprocess
import uuid

NAMESPACES = ("pid", "mount", "network", "ipc", "uts", "user", "cgroup")


def mount(destination, source, kind, *options):
    return {"destination": destination, "source": source, "type": kind, "options": list(options)}


def mounts(folder):
    found = [mount("/proc", "proc", "proc", "nosuid", "nodev", "noexec"),
             mount("/dev", "tmpfs", "tmpfs", "nosuid", "mode=755", "size=64k"),
             mount("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"),
             mount("/dev/shm", "shm", "tmpfs", "nosuid", "nodev", "mode=1777"),
             mount("/tmp", "tmpfs", "tmpfs", "nosuid", "nodev", "mode=1777")]
    for path in ("/usr", "/etc", "/bin", "/sbin", "/lib", "/lib64"):
        if os.path.isdir(path):
            found.append(mount(path, path, "bind", "rbind", "ro", "nosuid", "nodev"))
    return [*found, mount(folder, folder, "bind", "bind", "rw", "nosuid", "nodev")]


def config(setting, argv, ids):
    """No capabilities, no_new_privs, all namespaces, the usual masks, a filter of a few calls that are refused."""
    inside, outside = ids
    none = {name: [] for name in ("bounding", "effective", "permitted", "inheritable", "ambient")}
    return {
        "ociVersion": "1.0.2", "hostname": "sandbox", "root": {"path": "root", "readonly": True},
        "process": {"terminal": False, "user": {"uid": inside, "gid": inside}, "args": [str(word) for word in argv],
                    "env": ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp"], "cwd": setting.folder,
                    "capabilities": none, "noNewPrivileges": True},
        "mounts": mounts(setting.folder),
        "linux": {
            "namespaces": [{"type": name} for name in NAMESPACES],
            "uidMappings": [{"containerID": inside, "hostID": outside, "size": 1}],
            "gidMappings": [{"containerID": inside, "hostID": outside, "size": 1}],
            "maskedPaths": ["/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list"],
            "readonlyPaths": ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
            "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_ERRNO", "names": [
                "mount", "umount2", "unshare", "setns", "bpf", "perf_event_open", "keyctl", "add_key", "request_key",
                "kexec_load", "init_module", "finit_module", "ptrace", "userfaultfd"]}]},
        },
    }


def owner(setting):
    return os.stat(setting.folder).st_uid


def bundle(setting, argv, ids):
    # beside the measured folder, which the container sees
    base = pathlib.Path(f"{setting.folder}.bundle-{uuid.uuid4().hex[:8]}")
    (base / "root").mkdir(parents=True)
    (base / "state").mkdir()
    (base / "config.json").write_text(json.dumps(config(setting, argv, ids)))
    subprocess.run(["chown", "-R", f"{owner(setting)}:{owner(setting)}", base], check=True)
    return base


def runc(setting, argv):
    base = bundle(setting, argv, (0, owner(setting)))
    return ["sh", "-c", f"XDG_RUNTIME_DIR={base} exec runc --root {base}/state run --no-new-keyring --bundle {base} r$$"]


def crun(setting, argv):
    """It refuses hybrid control groups, so it gets a mount namespace in which there are unified ones."""
    base = bundle(setting, argv, (0, 0))
    start = ("mount -t cgroup2 none /sys/fs/cgroup && exec crun --cgroup-manager=disabled "
             f"--root {base}/state run --no-new-keyring --bundle {base} r$$")
    return ["unshare", "-UrmC", "--", "/bin/sh", "-c", start]
