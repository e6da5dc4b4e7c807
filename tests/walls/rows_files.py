"""F1 to F26: attacks on files, folders, links, mounts and descriptors."""
import fcntl
import json
import os
import socket
import stat

from common import (marker_in, ABOVE_IS_PRIVATE, SEE_OUTSIDE, HIDDEN, DENY_KEEP, OWN_MOUNTS, ROOT, masked, no, ok,
    only_line, ran)
from walls import USER, Row

CAP_SETUID = "hex:0100000280000000000000000000000000000000"  # struct vfs_cap_data, revision 2, effective


def leaked_descriptors(world):
    """F18: a folder, a writable file, /, a memfd and a socket, open and inheritable at many numbers."""
    opened = [os.open(world.outside, os.O_RDONLY), os.open(world.canaries[0], os.O_RDWR), os.open("/", os.O_RDONLY),
              os.memfd_create("secret", 0)]
    left, right = socket.socketpair()
    opened += [left.fileno()]
    copies = [fcntl.fcntl(fd, fcntl.F_DUPFD, 20) for fd in opened]
    kept = opened + copies
    for fd in kept:
        os.set_inheritable(fd, True)
    try:
        done = world.outside_run(["fds"], pass_fds=kept)
        only_line(world, done.stdout, {"count": {"$min": len(kept) + 3}}, "control")
        record = world.run(["fds"], pass_fds=kept)
        found = json.loads(record["stdout"])["fds"]
        world.expect(sorted(found) == ["0", "1", "2"], f"inside: descriptors {found}")
        world.expect(not any(str(world.outside) in target or "memfd" in target for target in found.values()),
                     f"inside: a descriptor of the host: {found}")
    finally:
        for fd in kept[:4] + copies:
            os.close(fd)
        left.close()
        right.close()


def host_tmp(world):
    """F35"""
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):
        marker_in(folder, world)
    ran(world, [f"readdir /run/user/{os.geteuid()}", "stat /run/docker.sock"], [{"errno": "ENOENT"}, {"errno": "ENOENT"}])


def setuid_left(world):
    """F25: what counts is what lies on the host afterwards."""
    control = world.root / "control"
    control.mkdir()
    only_line(world, world.outside_run([["setuid-left-behind", str(control)]]).stdout, {"left": {"$min": 8}}, "control")
    ran(world, ["setuid-left-behind ${WORK}", "setuid-left-behind ${WORK} 02000", "setuid-left-behind /tmp 06000"],
        [{"left": 0}] * 3)
    bad = [path for path in world.work.rglob("*") if path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID)]
    world.expect(not bad, f"on the host: {bad}")


def security_attribute(world):
    """F26: a name of no security module. Linux before 6.12 lets everybody set one on a file of his own where bpf is among
    the modules, so the sandbox gets what the same kernel answers an ordinary user without one."""
    own = world.root / "own"
    own.write_text("")
    wrap = []
    if ROOT:
        os.chown(own, USER, USER)
        wrap = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
    answer = json.loads(world.outside_run([f"setxattr {own} security.mxc b"], wrap).stdout)
    world.expect(answer["ok"] or answer["errno"] == "EPERM", f"control: {answer}")
    ran(world, ["setxattr ${WORK}/f security.mxc b"], [ok() if answer["ok"] else no("EPERM")])


ROWS = [
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
    Row("F18", "descriptors that the host left open", "SandboxUser", "Escape", special=leaked_descriptors),
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
    Row("F25", "leaving a setuid file behind", "SandboxUser", "Escape", special=setuid_left),
    Row("F26", "attributes that give rights", "SandboxUser", "Escape", setup=[{"file": "${WORK}/f", "text": ""}],
        outside=[("setxattr ${WORK}/f user.a b", ok()),
                 (f"setxattr ${{WORK}}/f security.capability {CAP_SETUID}", ok() if ROOT else no("EPERM"))],
        inside=[(f"setxattr ${{WORK}}/f security.capability {CAP_SETUID}", no("EPERM")),
                ("setxattr ${WORK}/f trusted.a b", no("EPERM"))],
        allowed=[("setxattr ${WORK}/f user.a b", ok())], special=security_attribute),
    Row("F35", "the host's private places", "SandboxUser", "HostLeak", special=host_tmp),
    Row("F38", "what mountinfo and environ tell", "SandboxUser", "HostLeak",
        outside=[("file-contains /proc/self/mountinfo /proc", ok(found=["/proc"]))],
        inside=[("file-contains /proc/self/mountinfo ${OUTSIDE} oldroot old_root put_old memfd: /root /home", ok(found=[])),
                ("file-contains /proc/self/environ MXC ${OUTSIDE}", ok(found=[]))]),
]
