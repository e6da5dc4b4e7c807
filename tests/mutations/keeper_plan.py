#!/usr/bin/env python3
"""The keeper program alone, with plans that it must not apply: malformed, without one of the walls, or in a file that
can still change. It says MXC_MSG_FAILED at the stage "plan" and ends."""
import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "fuzz"))
from seeds import FAILED, KINDS, RETURN_ALLOW, Plan  # noqa: E402

KEEPER = pathlib.Path(os.environ["MXC_BUILD"]) / "libexec" / "mxc-keeper"
STAGE_PLAN = 1
SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
WALLS = ["identity", "namespaces", "root", "seal_namespaces", "pivot", "lock", "caps", "nnp", "seccomp", "verify"]


def plan_without(left_out=None):
    """As small as a complete plan can be; nothing in it reaches the host."""
    plan = Plan()
    numbers = {"identity": (1, 0, 1000), "namespaces": (0x7e020000,), "root": (1 << 20, 64), "lock": (1000, 1000)}
    for kind in sorted(WALLS, key=KINDS.get):
        if kind != left_out:
            plan.op(kind, *numbers.get(kind, ()), blob=RETURN_ALLOW if kind == "seccomp" else b"")
    return plan.bytes()


def answer(data, seals=SEALS):
    """(kind, stage) of what the keeper says first."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    file = os.memfd_create("plan", os.MFD_ALLOW_SEALING)
    os.write(file, data)
    if seals:
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, seals)
    def place():
        os.dup2(fcntl.fcntl(theirs.fileno(), fcntl.F_DUPFD, 20), 3)
        os.dup2(fcntl.fcntl(file, fcntl.F_DUPFD, 20), 4)
        os.closerange(5, 64)
    with subprocess.Popen([KEEPER], stdin=subprocess.DEVNULL, close_fds=False, preexec_fn=place, env={}) as keeper:
        theirs.close()
        os.close(file)
        ours.settimeout(10)
        packet = ours.recv(64)
        ours.close()
        keeper.wait(10)
    return struct.unpack("<I12xQ", packet[:24]) if len(packet) == 48 else ("no answer", packet)


def main():
    cases = {"no bytes that are a plan": (b"x" * 64, SEALS), "a plan cut short": (plan_without()[:-8], SEALS),
             "not sealed": (plan_without(), 0), "sealed against shrinking only": (plan_without(), fcntl.F_SEAL_SHRINK)}
    cases.update({f"without {wall}": (plan_without(wall), SEALS) for wall in WALLS})
    failed = 0
    for name, (data, seals) in cases.items():
        said = answer(data, seals)
        if said != (FAILED, STAGE_PLAN):
            failed += 1
            print(f"FAIL {name}: the keeper says {said}, not {(FAILED, STAGE_PLAN)}")
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
