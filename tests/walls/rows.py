"""The attacks, by the ids of the design's list. A first set for the process wall. Rows that are no plain list of
acts are functions in special.py."""
import os

import rows_protect
import special
from walls import ROLE, Row

ROOT = ROLE == "root"
# Where the tests' folders lie below a place that is private inside, the folders above them are private too: writable,
# and nothing of it reaches the host (the canaries are compared all the same).
ABOVE_IS_PRIVATE = os.environ["MXC_BUILD"].startswith(("/tmp/", "/var/tmp/", "/dev/shm/"))
SECRETS = {"PATH": "/usr/bin:/bin", "HOME": "/home/agent", "AWS_SECRET_ACCESS_KEY": "walls-secret-1",
           "GITHUB_TOKEN": "walls-secret-2", "SSH_AUTH_SOCK": "/tmp/walls-secret-3", "LD_PRELOAD": "/walls-secret-4.so",
           "BASH_ENV": "/walls-secret-5", "PYTHONPATH": "/walls-secret-6"}
CLEAN_ENV = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", "USER=sandbox", "SHELL=/bin/sh",
             "TERM=dumb"]
NO_CAPS = {**{key: "0" * 16 for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}, "NoNewPrivs": "1",
           "Seccomp": "2"}
SEE_OUTSIDE = {"filesystem": {"readonlyPaths": ["${BIN}", "${OUTSIDE}"]}}
HIDDEN = [{"dir": "${WORK}/keep"}, {"file": "${WORK}/keep/secret", "text": "hidden-marker"}]
DENY_KEEP = {"filesystem": {"deniedPaths": ["${WORK}/keep"]}}
OWN_MOUNTS = ["unshare", "-Urm", "--propagation", "private", "--"]  # for controls: all capabilities, nothing harmed
CAP_SETUID = "hex:0100000280000000000000000000000000000000"  # struct vfs_cap_data, revision 2, effective


def ok(**more):
    return {"ok": True, **more}


def no(errno, **more):
    return {"ok": False, "errno": errno, **more}


def masked(path):
    """A masked file of /proc; a kernel without it has none to mask."""
    return "EACCES EACCES" if os.path.exists(path) else "ENOENT ENOENT"


FILES = [
    Row("F1", "writing outside the workspace", "SandboxUser", "HostWrite",
        outside=[("create ${OUTSIDE}/x", ok()), ("append ${WORK}/f more", ok()), ("truncate ${WORK}/f", ok())],
        setup=[{"file": "${WORK}/f", "text": "f"}],
        inside=[("create ${OUTSIDE}/x", no("ENOENT")), ("append ${OUTSIDE}/canary.txt x", no("ENOENT")),
                ("truncate ${OUTSIDE}/canary.txt", no("ENOENT")), ("create /etc/mxc-x", no("EROFS")),
                ("create /usr/local/mxc-x", no("EROFS")),
                ("create ${WORK}/../x", ok() if ABOVE_IS_PRIVATE else no("EROFS")),
                ("create ${HOME_CANARY}.x", no("ENOENT"))],
        allowed=[("create ${WORK}/ok", ok()), ("append ${WORK}/f x", ok())]),
    Row("F2", "changing what belongs to a visible file outside", "SandboxUser", "HostWrite", policy=SEE_OUTSIDE,
        setup=[{"file": "${WORK}/f", "text": "f"}],
        outside=[("chmod ${WORK}/f 0600", ok()), ("touch ${WORK}/f", ok()), ("setxattr ${WORK}/f user.a b", ok()),
                 ("rename ${WORK}/f ${WORK}/g", ok()), ("link ${WORK}/g ${WORK}/h", ok())],
        inside=[("chmod ${OUTSIDE}/canary.txt 0666", no("EROFS")), ("chown ${OUTSIDE}/canary.txt 1000 1000", no("EROFS")),
                ("touch ${OUTSIDE}/canary.txt", no("EROFS")), ("setxattr ${OUTSIDE}/canary.txt user.a b", no("EROFS")),
                ("rename ${OUTSIDE}/canary.txt ${OUTSIDE}/y", no("EROFS")),
                ("rmdir ${OUTSIDE}", no("EBUSY" if ABOVE_IS_PRIVATE else "EROFS")),
                ("link ${OUTSIDE}/canary.txt ${OUTSIDE}/y", no("EROFS"))],
        allowed=[("open-read ${OUTSIDE}/canary.txt", ok()), ("chmod ${WORK}/f 0600", ok())]),
    Row("F3", "a link in the workspace that leads out", "SandboxUser", "HostWrite", policy=SEE_OUTSIDE,
        setup=[{"symlink": "${WORK}/l", "target": "${OUTSIDE}/canary.txt"}, {"symlink": "${WORK}/d", "target": "${OUTSIDE}"},
               {"file": "${WORK}/f", "text": "f"}, {"symlink": "${WORK}/own", "target": "f"}],
        outside=[("append ${WORK}/own x", ok()), ("create ${WORK}/d/x", ok()), ("rename ${WORK}/f ${WORK}/d/y", ok())],
        inside=[("append ${WORK}/l x", no("EROFS")), ("create ${WORK}/d/x", no("EROFS")),
                ("write ${WORK}/l new", no("EROFS")), ("rename ${WORK}/f ${WORK}/d/canary.txt", no("EXDEV")),
                ("truncate ${WORK}/l", no("EROFS"))],
        allowed=[("append ${WORK}/own x", ok())]),
    Row("F4", "chains and loops of links, links into /proc", "SandboxUser", "HostLeak",
        setup=[{"dir": "${WORK}/m"}, {"symlink": "${WORK}/p", "target": "/proc/self/root${OUTSIDE}/canary.txt"},
               {"symlink": "${WORK}/c", "target": "/proc/1/cwd"}, {"symlink": "${WORK}/9", "target": "/dev/fd/9"}],
        outside=[("symlink-maze ${WORK}/m ${OUTSIDE}/canary.txt", {"one": "ok", "ten": "ok", "fifty": "ELOOP", "loop": "ELOOP"}),
                 ("open-read ${WORK}/p", ok())],
        inside=[("symlink-maze ${WORK}/m ${OUTSIDE}/canary.txt", {"one": "ENOENT", "ten": "ENOENT", "fifty": "ELOOP", "loop": "ELOOP"}),
                ("open-read ${WORK}/p", no("ENOENT")), ("readdir ${WORK}/c", no("EACCES")), ("open-read ${WORK}/9", no("ENOENT"))]),
    Row("F5", "a hard link to a file outside", "SandboxUser", "HostWrite",
        policy={"filesystem": {"readonlyPaths": ["${BIN}", "${OUTSIDE}", "${WORK}/lib"]}},
        setup=[{"dir": "${WORK}/lib"}, {"file": "${WORK}/lib/a", "text": "fixed"}],
        outside=[("link ${OUTSIDE}/canary.txt ${WORK}/h", ok()), ("unlink ${WORK}/h", ok())],
        inside=[("link ${OUTSIDE}/canary.txt ${WORK}/h", no("EXDEV")), ("link ${WORK}/lib/a ${WORK}/g", no("EXDEV"))],
        allowed=[("create ${WORK}/a", ok()), ("link ${WORK}/a ${WORK}/b", ok())],
        after=[{"path": "${WORK}/h", "absent": True}, {"path": "${WORK}/g", "absent": True}]),
    Row("F13", "reading a denied folder by its other names", "SandboxUser", "HostLeak", setup=HIDDEN, policy=DENY_KEEP,
        outside=[("read-aliases ${WORK}/keep/secret", {"reached": {"$min": 3}})],
        inside=[("read-aliases ${WORK}/keep/secret", {"reached": 0}), ("readdir ${WORK}/keep", {"ok": False}),
                ("file-contains ${WORK}/keep/secret hidden-marker", {"ok": False, "found": []})]),
    Row("F14", "a denied file keeps its kind and its place", "SandboxUser", "HostWrite",
        setup=[{"file": "${WORK}/.env", "text": "hidden-marker"}], policy={"filesystem": {"deniedPaths": ["${WORK}/.env"]}},
        outside=[("open-read ${WORK}/.env", ok(text="hidden-marker")), ("unlink ${WORK}/.env", ok())],
        inside=[("stat ${WORK}/.env", ok(type="file", size=0)), ("open-read ${WORK}/.env", no("EACCES")),
                ("unlink ${WORK}/.env", no("EBUSY")), ("rename ${WORK}/.env ${WORK}/x", no("EBUSY"))],
        after=[{"path": "${WORK}/.env", "text": "hidden-marker"}]),
    Row("F15", "taking a mask away", "SandboxUser", "HostLeak", setup=HIDDEN, policy=DENY_KEEP, outside_wrap=OWN_MOUNTS,
        outside=[("mount ${WORK}/keep", ok()), ("umount ${WORK}/keep", ok())],
        inside=[("umount ${WORK}/keep", no("EPERM")), ("remount ${WORK}/keep", no("EPERM")),
                ("move-mount ${WORK}/keep /tmp", no("EPERM")), ("bind ${WORK} /tmp", no("EPERM")),
                ("unshare user", no("EPERM")), ("open-read ${WORK}/keep/secret", {"ok": False})]),
    Row("F16", "the new mount calls", "SandboxUser", "Escape", outside_wrap=OWN_MOUNTS,
        outside=[("mount-api", {"open_tree": "EINVAL", "move_mount": "EINVAL", "fsopen": "EINVAL", "fsmount": "EINVAL",
                                "mount_setattr": "EINVAL"})],
        inside=[("mount-api", {**{call: "EPERM" for call in ("open_tree", "move_mount", "fsopen", "fsconfig", "fsmount",
                                                             "fspick", "mount_setattr", "open_tree_attr")},
                               "statmount": "ENOSYS", "listmount": "ENOSYS"})]),
    Row("F17", "changing the root", "SandboxUser", "Escape", outside_wrap=OWN_MOUNTS, outside=[("chroot /tmp", ok())],
        inside=[("pivot-root /tmp", no("EPERM")), ("chroot /tmp", no("EPERM")), ("double-chroot /tmp", no("EPERM"))]),
    Row("F18", "descriptors that the host left open", "SandboxUser", "Escape", special=special.leaked_descriptors),
    Row("F21", "the programs that run the sandbox", "SandboxUser", "HostWrite",
        outside=[("mount-flags ${BIN}", ok(readonly=False))],
        inside=[("mount-flags ${BIN}", ok(readonly=True)), ("exe-write 1", no("EACCES")),
                ("open-write ${PROBE}", {"ok": False})]),
    Row("F22", "the kernel's files in /proc and /sys", "SandboxUser", "Escape",
        outside=[("read-write /proc/sys/kernel/core_pattern /proc/keys",
                  {"files": {"/proc/sys/kernel/core_pattern": "ok ok" if ROOT else "ok EACCES"}})],
        inside=[("read-write /proc/sys/kernel/core_pattern /proc/sys/vm/drop_caches /proc/sysrq-trigger /proc/kcore "
                 "/proc/kmsg /proc/keys /proc/timer_list /proc/kallsyms /proc/key-users",
                 {"writable": 0, "files": {"/proc/sys/kernel/core_pattern": "ok EACCES", **{path: masked(path) for path in (
                     "/proc/sysrq-trigger", "/proc/kcore", "/proc/kmsg", "/proc/keys", "/proc/timer_list", "/proc/kallsyms",
                     "/proc/key-users")}}}),
                ("readdir /proc/bus", {"ok": False}), ("readdir /proc/irq", {"ok": False}),
                ("readdir /sys/kernel", no("ENOENT")), ("readdir /sys/firmware", no("ENOENT"))]),
    Row("F23", "what is in /dev", "SandboxUser", "Escape", outside=[("stat /dev/kmsg", ok(type="char"))],
        inside=[("readdir /dev", ok(names=["fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout",
                                           "tty", "urandom", "zero"]))],
        allowed=[("open-write /dev/null", ok()), ("open-read /dev/urandom first", ok())]),
    Row("F24", "making device nodes", "SandboxUser", "Escape", outside=[("mknod ${WORK}/p p", ok())],
        inside=[("mknod ${WORK}/c c 1 3", no("EPERM")), ("mknod ${WORK}/b b 8 0", no("EPERM")),
                ("mknod /tmp/c c 1 1", no("EPERM")), ("mknod /dev/shm/c c 1 1", no("EPERM"))],
        allowed=[("mknod ${WORK}/p p", ok())]),
    Row("F25", "leaving a setuid file behind", "SandboxUser", "Escape", special=special.setuid_left),
    Row("F26", "attributes that give rights", "SandboxUser", "Escape", setup=[{"file": "${WORK}/f", "text": ""}],
        outside=[("setxattr ${WORK}/f user.a b", ok()),
                 (f"setxattr ${{WORK}}/f security.capability {CAP_SETUID}", ok() if ROOT else no("EPERM"))],
        inside=[(f"setxattr ${{WORK}}/f security.capability {CAP_SETUID}", no("EPERM")),
                ("setxattr ${WORK}/f trusted.a b", no("EPERM")), ("setxattr ${WORK}/f security.mxc b", no("EPERM"))],
        allowed=[("setxattr ${WORK}/f user.a b", ok())]),
    Row("F35", "the host's private places", "SandboxUser", "HostLeak", special=special.host_tmp),
    Row("F38", "what mountinfo and environ tell", "SandboxUser", "HostLeak",
        outside=[("file-contains /proc/self/mountinfo /proc", ok(found=["/proc"]))],
        inside=[("file-contains /proc/self/mountinfo ${OUTSIDE} oldroot old_root put_old memfd: /root /home", ok(found=[])),
                ("file-contains /proc/self/environ MXC ${OUTSIDE}", ok(found=[]))]),
]

PROCESSES = [
    Row("P1", "capabilities and flags of the command and of pid 1", "SandboxUser", "Escape",
        outside=[("caps", {"NoNewPrivs": "0", "Seccomp": "0"})], inside=[("caps", NO_CAPS), ("caps 1", NO_CAPS)]),
    Row("P2", "a setuid root program in a readable place", "SandboxUser", "Escape", special=special.setuid_helper),
    Row("P3", "making namespaces", "SandboxUser", "Escape", outside=[("unshare-each", {"made": {"$min": 1}})],
        inside=[("unshare-each", {"made": 0, **{n: "EPERM" for n in ("user", "mnt", "pid", "net", "ipc", "uts", "cgroup", "time")}}),
                ("clone user", no("EPERM")), ("clone net", no("EPERM")), ("clone 0x7e020000", no("EPERM"))]),
    Row("P4", "clone3", "SandboxUser", "Escape", outside=[("clone3", ok())],
        inside=[("clone3", no("ENOSYS")), ("clone3 user", no("ENOSYS"))],
        allowed=[("threads 4", ok(made=4)), ("zombies 3", {"made": 3})]),
    Row("P5", "entering namespaces", "SandboxUser", "Escape", outside_wrap=["unshare", "-Uru", "--"],
        outside=[("setns /proc/self/ns/uts", ok(opened=True))],
        inside=[("setns /proc/self/ns/uts", no("EPERM")), ("setns /proc/self/ns/user", no("EPERM")),
                ("setns /proc/1/ns/net", no("EPERM", opened=False)), ("setns /proc/1/ns/mnt", no("EPERM", opened=False))]),
    Row("P6", "signals to a process of the host", "SandboxUser", "HostDoS", special=special.signals_to_host),
    Row("P7", "kill everyone", "SandboxUser", "PeerDoS", special=special.kill_everyone),
    Row("P8", "memory of pid 1 and of the host's processes", "SandboxUser", "Escape", special=special.memory_of_others),
    Row("P9", "taking descriptors of pid 1", "SandboxUser", "Escape", special=special.descriptors_of_others),
    Row("P12", "ids, maps and groups", "SandboxUser", "HostLeak", special=special.groups),
    Row("P16", "started by root it is as weak as by anyone", "SandboxUser", "Escape", special=special.root_is_nobody,
        roles=("root",)),
]

KERNEL = [
    Row("K1", "io_uring", "SandboxUser", "Escape", outside=[("io-uring", {"setup": "ok", "enter": "EBADF"})],
        inside=[("io-uring", {"setup": "EPERM", "enter": "EPERM", "register": "EPERM"})]),
    Row("K2", "dangerous calls", "SandboxUser", "Escape", special=special.dangerous_calls),
    Row("K3", "a secret in the session keyring", "SandboxUser", "HostLeak", special=special.session_key),
    Row("K4", "calls of the i386 ABI", "SandboxUser", "Escape",
        outside=[("i386 20", ok(signal=0)), ("i386 359 1 1", ok(signal=0))],
        inside=[("i386 20", {"signal": 31}), ("i386 359 1 1", {"signal": 31}), ("i386 26 16 1", {"signal": 31}),
                ("i386 310 0x10000000", {"signal": 31}), ("i386 288 0 -3", {"signal": 31})]),
    Row("K5", "calls with x32 numbers", "SandboxUser", "Escape",
        outside=[("x32 39", {"signal": 0})],  # ENOSYS or an answer: the kernel may not have the ABI
        inside=[("x32 39", {"signal": 31}), ("x32 41 1 1", {"signal": 31}), ("x32 272 0x10000000", {"signal": 31})],
        allowed=[("syscall 39", ok())]),
    Row("K7", "socket families", "SandboxUser", "Escape",
        outside=[("families", {"families": {"unix": "ok", "inet": "ok", "udplite": "ok", "vsock": "ok"}})],
        inside=[("families", {"families": {**{name: "ok" for name in ("unix", "inet", "inet6", "netlink-route")},
                                           **{name: "EPERM" for name in (
                                               "netlink-audit", "netlink-netfilter", "packet", "alg", "vsock", "bluetooth",
                                               "can", "tipc", "xdp", "qipcrtr", "key", "rds", "smc", "kcm", "nfc", "caif",
                                               "rxrpc", "raw", "ping", "mptcp", "sctp", "udplite", "l2tp")}}})]),
    Row("K10", "a seccomp listener of one's own", "SandboxUser", "Escape",
        outside=[("own-filter", {"plain": "ok", "listener": "ok"})],
        inside=[("own-filter", {"plain": "ok", "listener": "EPERM"})]),
]

IPC = [
    Row("I1", "System V objects of the host", "SandboxUser", "HostLeak", special=special.sysv),
    Row("I3", "a file in the host's /dev/shm", "SandboxUser", "HostLeak", special=special.host_shm),
    Row("I4", "an abstract socket of the host", "SandboxUser", "Lateral", special=special.abstract_socket),
]

TERMINAL = [
    Row("T1", "typing into the caller's terminal", "SandboxUser", "Escape", special=special.terminal_input),
    Row("T3", "no controlling terminal", "SandboxUser", "Escape", inside=[("tty", no("ENXIO", name=None))]),
]

AGENT = [
    Row("A7", "secrets in the environment", "Remote", "Exfil", env=SECRETS,
        outside=[("getenv GITHUB_TOKEN", {"value": "walls-secret-2"})],
        inside=[("env", {"env": {"$contains": CLEAN_ENV, "$lacks": ["walls-secret"]}})]),
    Row("A8", "secrets in other processes' environments", "Remote", "Exfil", special=special.environ_of_others),
    Row("A11", "output that imitates our records", "SandboxUser", "PeerDoS", special=special.imitation),
    Row("A12", "exit codes that look like ours", "SandboxUser", "PeerDoS", special=special.exit_codes),
]

DENIAL_OF_SERVICE = [
    Row("D1", "fork bomb and thread bomb", "SandboxUser", "HostDoS", special=special.fork_bomb),
    Row("D2", "taking memory", "SandboxUser", "HostDoS", special=special.memory),
    Row("D6", "flooding the output", "SandboxUser", "HostDoS", special=special.output_flood),
    Row("D8", "a daemon that holds the streams", "SandboxUser", "HostDoS", special=special.daemon),
    Row("D10", "the caller is killed", "SandboxUser", "HostDoS", special=special.caller_killed),
    Row("D11", "forking at TERM", "SandboxUser", "HostDoS", special=special.forks_on_term),
    Row("D13", "core dumps", "SandboxUser", "Escape", special=special.core_dumps),
]

ROWS = FILES + rows_protect.ROWS + PROCESSES + KERNEL + IPC + TERMINAL + AGENT + DENIAL_OF_SERVICE
