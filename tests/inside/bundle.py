"""An OCI bundle of this host's own programs: /usr read-only, the tree of the tests and what was built at the places
where they are here, folders to write in, and nothing else. Knows the runtimes' format, no runtime and no test."""
import json
import os
import pathlib

USER_ID = 1000
# what docker and podman leave to a container's root
USUAL_CAPABILITIES = [f"CAP_{name}" for name in ("CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "SETGID", "SETUID", "SETFCAP",
                                                 "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL")]
NAMESPACE_FLAGS = [1 << bit for bit in (17, 25, 26, 27, 28, 29, 30)]  # CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET
# what docker and podman hide of /proc (runtime-tools defaults)
MASKED = ["/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware"]
READONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]
ARCHITECTURES = {"x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
                 "aarch64": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]}
SHORT = {"x86_64": {"amd64", "x86", "x32"}, "aarch64": {"arm64", "arm"}}


def bind(path, source=None, *options):
    return {"destination": str(path), "type": "none", "source": str(source or path),
            "options": ["rbind", "nosuid", "nodev", *(options or ["ro"])]}


def packaged_filter(profile):
    """The profile that podman gives to a container without capabilities, as the runtimes read it. Its rules have
    conditions: capabilities that the container has or has not, and machines."""
    machine = os.uname().machine

    def applies(rule):
        needs, spared = rule.get("includes") or {}, rule.get("excludes") or {}
        if needs.get("caps") or (needs.get("arches") and not SHORT[machine] & set(needs["arches"])):
            return False
        return not (spared.get("arches") and SHORT[machine] & set(spared["arches"]))

    rules = [{key: rule[key] for key in ("names", "action", "args", "errnoRet") if rule.get(key) is not None}
             for rule in profile["syscalls"] if applies(rule)]
    return {"defaultAction": profile["defaultAction"], "defaultErrnoRet": profile.get("defaultErrnoRet", 1),
            "architectures": ARCHITECTURES[machine], "syscalls": [rule for rule in rules if rule["names"]]}


def without_calls(names, namespaces):
    """A filter that refuses these, and where told all ways to new namespaces (as docker's own does), and allows the
    rest."""
    rules = [{"names": list(names), "action": "SCMP_ACT_ERRNO", "errnoRet": 1}]
    if namespaces:
        rules += [{"names": ["clone"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1,
                   "args": [{"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}]}
                  for flag in NAMESPACE_FLAGS]
        rules.append({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38})
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ARCHITECTURES[os.uname().machine], "syscalls": rules}


def without_packet_filters(without_v6):
    """A filter that ends whoever speaks to nf_tables or to the older tables, or loads a module; and sockets of IPv6 as a
    kernel without it refuses them: not both in one, the runtimes take no two rules of different form for one call."""
    end = {"action": "SCMP_ACT_KILL_PROCESS"}
    netfilter = [{"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 12, "op": "SCMP_CMP_EQ"}]
    rules = [{"names": ["init_module", "finit_module"], **end}]
    rules += [{"names": ["setsockopt"], **end, "args": [{"index": 1, "value": level, "op": "SCMP_CMP_EQ"}, {"index": 2, "value": 64, "op": "SCMP_CMP_EQ"}]}
              for level in (0, 41)]  # IPT_SO_SET_REPLACE, IP6T_SO_SET_REPLACE
    if not without_v6:
        rules.append({"names": ["socket"], **end, "args": netfilter})
    else:
        rules.append({"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 97, "args": [{"index": 0, "value": 10, "op": "SCMP_CMP_EQ"}]})
    return {"defaultAction": "SCMP_ACT_ALLOW", "architectures": ARCHITECTURES[os.uname().machine], "syscalls": rules}


def mounts(tree, build, scratch):
    found = [
        {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid", "noexec", "nodev"]},
        {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "strictatime", "mode=755"]},
        {"destination": "/dev/pts", "type": "devpts", "source": "devpts",
         "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"]},
        {"destination": "/dev/shm", "type": "tmpfs", "source": "shm", "options": ["nosuid", "noexec", "nodev", "mode=1777"]},
        {"destination": "/tmp", "type": "tmpfs", "source": "tmp", "options": ["nosuid", "nodev", "mode=1777"]},
        bind("/sys"), bind("/usr"),
        *[bind(tree / part) for part in ("tests", "docs", "core/include")],
        *[bind(build / part) for part in ("bin", "lib", "libexec", "tests")],
        *[bind(build / part, scratch / part, "rw") for part in ("conformance", "walls")],
    ]
    return found + [bind(path) for path in ("/etc/ld.so.cache", "/etc/alternatives") if os.path.exists(path)]


def root(folder):
    """The file system's own part: places to mount on, and a small /etc."""
    for name in ("usr", "etc", "proc", "sys", "dev", "tmp", "run", "var/tmp", "root", "home"):
        (folder / name).mkdir(parents=True)
    for name in ("tmp", "var/tmp"):
        (folder / name).chmod(0o1777)
    for name in ("bin", "sbin", "lib", "lib64"):
        if os.path.islink(f"/{name}"):
            (folder / name).symlink_to(os.readlink(f"/{name}"))
    (folder / "etc/passwd").write_text(f"root:x:0:0:root:/root:/bin/sh\nuser:x:{USER_ID}:{USER_ID}::/home:/bin/sh\n")
    (folder / "etc/group").write_text(f"root:x:0:\nuser:x:{USER_ID}:\n")
    (folder / "etc/hosts").write_text("127.0.0.1 localhost\n192.0.2.7 echo.test\n")


def make(folder, tree, build, command, ids, kind, seccomp):
    """Writes the bundle; ids: who the container's only user is inside and outside."""
    sets = ("bounding", "effective", "permitted")
    capabilities = [] if ids[0] or kind.bare else [*USUAL_CAPABILITIES, *kind.more]
    root(folder / "rootfs")
    for part in ("conformance", "walls"):
        (folder / "scratch" / part).mkdir(parents=True)
    user = [] if kind.rootful else [{"type": "user"}]
    identity = [{"containerID": ids[0], "hostID": ids[1], "size": 1}]
    config = {
        "ociVersion": "1.0.2",
        "process": {"terminal": False, "user": {"uid": ids[0], "gid": ids[0]}, "args": command, "cwd": "/",
                    "env": ["PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin", "HOME=/home", f"MXC_BUILD={build}",
                            "MXC_PYTHON=/usr/bin/python3", "PYTHONDONTWRITEBYTECODE=1"],
                    "capabilities": {name: capabilities for name in sets}},
        "root": {"path": "rootfs"}, "hostname": "container", "mounts": mounts(tree, build, folder / "scratch"),
        "linux": {"namespaces": [{"type": name} for name in ("mount", "pid", "network", "ipc", "uts")] + user,
                  **({"uidMappings": identity, "gidMappings": identity} if user else {}),
                  **({"maskedPaths": MASKED, "readonlyPaths": READONLY} if kind.masked else {}),
                  **({"seccomp": seccomp} if seccomp else {})},
    }
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    return pathlib.Path(folder)
