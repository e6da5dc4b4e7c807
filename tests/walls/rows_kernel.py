"""K: what of the kernel can be reached by system calls."""
import ctypes
import json
import os

from common import ok, only_line, ran
from walls import Row

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


ROWS = [
    Row("K1", "io_uring", "SandboxUser", "Escape", outside=[("io-uring", {"setup": "ok", "enter": "EBADF"})],
        inside=[("io-uring", {"setup": "EPERM", "enter": "EPERM", "register": "EPERM"})]),
    Row("K2", "dangerous calls", "SandboxUser", "Escape", special=dangerous_calls),
    Row("K3", "a secret in the session keyring", "SandboxUser", "HostLeak", special=session_key),
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
