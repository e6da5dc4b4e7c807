"""K: what of the kernel can be reached by system calls."""
import ctypes
import json
import os

from common import no, ok, only_line, ran
from walls import Row, find_processes

LIBC = ctypes.CDLL(None, use_errno=True)


def dangerous_calls(world):
    """K2: by difference: outside most of them look at their arguments, inside none does."""
    outside = json.loads(world.outside_run(["dangerous"]).stdout)["calls"]
    looked = [name for name, answer in outside.items() if answer not in ("EPERM", "ENOSYS")]
    world.expect(len(looked) >= 8, f"control: only {looked} got through outside")
    record = world.run(["dangerous"])
    world.check_result(record)
    inside = json.loads(record["stdout"])["calls"]
    through = {name: answer for name, answer in inside.items() if answer not in ("EPERM", "ENOSYS")}
    world.expect(not through, f"inside: the kernel looked at the arguments of {through}")


def session_key(world):
    """K3: in a session keyring of our own, so that nothing of the tester's is touched."""
    SYS_add_key, SYS_keyctl = (248, 250) if os.uname().machine == "x86_64" else (217, 219)

    def launch():
        LIBC.syscall(SYS_keyctl, 1, None)  # JOIN_SESSION_KEYRING
        LIBC.syscall(SYS_add_key, b"user", b"mxc-walls", b"walls-secret-key", 16, -3)
    control = world.outside_run(["key-search mxc-walls"], preexec_fn=launch)
    only_line(world, control.stdout, {"ok": True, "text": "walls-secret-key"}, "control")
    record = ran(world, ["key-search mxc-walls"], [{"ok": False, "search": "EPERM", "request": "EPERM", "text": None}],
                 preexec_fn=launch)
    world.expect(b"walls-secret-key" not in record["stdout"], "the key was read inside")


def speculation(world):
    """K12: not weaker inside than outside; the workload may harden itself."""
    outside = json.loads(world.outside_run(["speculation"]).stdout)
    keep = {key: outside[key] for key in ("store bypass", "indirect branch")}
    ran(world, ["speculation"], [keep])


def clone_flags(world):
    """K13: children beside, untraceable and without an end signal are ended like all others."""
    beat = world.work / "beat"
    record = ran(world, [["clone-flags", str(beat)]], [{"CLONE_UNTRACED": "ok", "CLONE_PARENT": "ok", "CLONE_PIDFD": "ok",
                                                       "no end signal": "ok", "CLONE_INTO_CGROUP": "ENOSYS"}])
    world.expect(record["seconds"] < 4, f"it took {record['seconds']:.1f} s")
    world.check_host([{"path": str(beat), "stillMs": 300}])
    world.expect(not find_processes(str(beat)), "a process is left")


def dangerous_share(world):
    """K1 and K2: of the calls that the kernel would have looked at, how many the filter itself refuses."""
    acts = ["io-uring", "dangerous", "mount-api"]
    outside, inside = answers(world.outside_run(acts).stdout), answers(world.run(acts)["stdout"])
    looked = [name for name, answer in outside.items() if answer not in ("EPERM", "ENOSYS")]
    refused = [name for name in looked if inside[name] in ("EPERM", "ENOSYS")]
    world.expect(len(looked) >= 15, f"control: only {looked} got through outside")
    share = 100 * len(refused) / max(1, len(looked))
    print(f"    {len(refused)} of {len(looked)} dangerous calls that the kernel answers outside are refused by the filter: "
          f"{share:.0f} % ({len(outside)} tried)")
    world.expect(share >= 95, f"only {share:.0f} %: {sorted(set(looked) - set(refused))}")


def answers(data):
    """{call: answer} of several lines."""
    found = {}
    for row in data.decode().splitlines():
        line = json.loads(row)
        found.update(line.get("calls", {key: value for key, value in line.items() if key not in ("act", "ok", "errno")}))
    return found


def fuzz(world):
    """K16: random numbers with random arguments, in children that may die of it, in a sandbox that may not notice."""
    calls, seed = int(os.environ.get("MXC_FUZZ_CALLS", 100000)), int(os.environ.get("MXC_FUZZ_SEED", 20261125))
    policy = {"process": {"timeout": 60000 + calls // 10}}
    record = world.run([f"fuzz-calls {seed} {calls}"], policy, timeout=120 + calls // 5000)
    if world.check_result(record):
        line = json.loads(record["stdout"])
        world.expect(line["calls"] >= calls, f"only {line}")
        world.expect(set(line["ends"]) <= FATAL, f"children ended by {line['ends']}")
        world.expect(record["denials"] != [], "no denial was recorded")
    ran(world, ["true"], [{"ok": True}])


# how a child of the fuzz may end: by itself, by our patience (KILL), by a fault, by signals that it raised at itself
FATAL = {str(number) for number in range(0, 65)} - {"19", "20", "21", "22"}

REQUESTS = ("TIOCSTI", "TIOCLINUX", "TIOCCONS", "TIOCSETD", "KDSKBENT", "VT_DISALLOCATE", "FIFREEZE", "FITHAW", "FITRIM",
            "FS_IOC_SETFLAGS", "FS_IOC_FSSETXATTR")
SETTINGS = ("/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/ip_unprivileged_port_start", "/proc/sys/user/max_user_namespaces",
            "/proc/sys/kernel/hostname", "/proc/sys/kernel/shmmax", "/proc/sys/kernel/ns_last_pid")
ROWS = [
    Row("K1", "io_uring", "SandboxUser", "Escape", outside=[("io-uring", {"setup": "ok", "enter": "EBADF"})],
        inside=[("io-uring", {"setup": "EPERM", "enter": "EPERM", "register": "EPERM"})]),
    Row("K2", "dangerous calls", "SandboxUser", "Escape", special=dangerous_calls),
    Row("K2.1", "the share of dangerous calls that the filter itself refuses", "SandboxUser", "Escape", special=dangerous_share),
    Row("K3", "a secret in the session keyring", "SandboxUser", "HostLeak", special=session_key),
    Row("K4", "calls of the i386 ABI", "SandboxUser", "Escape",
        outside=[("i386 20", ok(signal=0)), ("i386 359 1 1", ok(signal=0))],
        inside=[("i386 20", {"signal": 31}), ("i386 359 1 1", {"signal": 31}), ("i386 26 16 1", {"signal": 31}),
                ("i386 310 0x10000000", {"signal": 31}), ("i386 288 0 -3", {"signal": 31})]),
    Row("K5", "calls with x32 numbers", "SandboxUser", "Escape",
        outside=[("x32 39", {"signal": 0})],  # ENOSYS or an answer: the kernel may not have the ABI
        inside=[("x32 39", {"signal": 31}), ("x32 41 1 1", {"signal": 31}), ("x32 272 0x10000000", {"signal": 31})],
        allowed=[("syscall 39", ok())]),
    Row("K6", "requests with garbage in the upper half", "SandboxUser", "Escape",
        outside=[("ioctls", {**{name: "EBADF" for name in REQUESTS}, "differ": 0})],
        inside=[("ioctls", {**{name: "EPERM" for name in REQUESTS}, "differ": 0})]),
    Row("K7", "socket families", "SandboxUser", "Escape",
        outside=[("families", {"families": {"unix": "ok", "inet": "ok", "udplite": "ok", "vsock": "ok"}})],
        inside=[("families", {"families": {**{name: "ok" for name in ("unix", "inet", "inet6", "netlink-route")},
                                           **{name: "EPERM" for name in (
                                               "netlink-audit", "netlink-netfilter", "packet", "alg", "vsock", "bluetooth",
                                               "can", "tipc", "xdp", "qipcrtr", "key", "rds", "smc", "kcm", "nfc", "caif",
                                               "rxrpc", "raw", "ping", "mptcp", "sctp", "udplite", "l2tp")}}})]),
    Row("K8", "pairs of sockets", "SandboxUser", "Escape", outside=[("socket-pairs", {"unix": "ok", "inet": "EOPNOTSUPP"})],
        inside=[("socket-pairs", {"unix": "ok", **{name: "EPERM" for name in (
            "inet", "inet6", "netlink", "tipc", "vsock", "packet", "alg", "rds")}}), ("i386 102 8 0", {"signal": 31})]),
    Row("K9", "changing the network by netlink", "SandboxUser", "Escape", outside_wrap=["unshare", "-Urn", "--"],
        outside=[("route-writes", {"set link": "ok", "add address": "ok"})],
        inside=[("route-writes", {"set link": "EPERM", "add address": "EPERM"})]),
    Row("K10", "a seccomp listener of one's own", "SandboxUser", "Escape",
        outside=[("own-filter", {"plain": "ok", "listener": "ok"}), ("listener-flags", {"listener+tsync": "EFAULT"})],
        inside=[("own-filter", {"plain": "ok", "listener": "EPERM"}),
                ("listener-flags", {"sizes": "ok", "listener+tsync": "EPERM", "listener, high bits": "EPERM"})]),
    Row("K11", "Landlock layers until there are no more", "SandboxUser", "PeerDoS",
        outside=[("landlock-layers", no("E2BIG", layers=16))], inside=[("landlock-layers", no("E2BIG", layers=15))]),
    Row("K12", "speculation switches", "SandboxUser", "HostLeak", special=speculation),
    Row("K13", "flags of clone that would get away", "SandboxUser", "HostDoS", special=clone_flags),
    Row("K14", "abandoned calls", "SandboxUser", "Escape", outside=[("old-calls", {"sysfs": "ok", "ustat": "EINVAL"})],
        inside=[("old-calls", {name: "EPERM" for name in ("uselib", "sysfs", "_sysctl", "nfsservctl", "ustat")})]),
    Row("K15", "settings of the kernel that a namespace owns", "SandboxUser", "Escape", outside_wrap=["unshare", "-Urn", "--"],
        outside=[("read-write /proc/sys/net/ipv4/ip_forward", {"writable": 1})],
        inside=[(f"read-write {' '.join(SETTINGS)}", {"writable": 0, "files": {path: "ok EROFS" if path.endswith(("shmmax", "last_pid")) else "ok EACCES" for path in SETTINGS}})]),
    Row("K16", "random calls with random arguments", "SandboxUser", "Escape", special=fuzz),
]
