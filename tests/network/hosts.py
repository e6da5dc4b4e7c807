#!/usr/bin/env python3
"""Network grants on hosts that lack something: nf_tables, IPv6 in the kernel, IPv6 switched off.
hosts.py root|user"""
import json
import pathlib
import subprocess

import hostile
import run
from addresses import DNS, ECHO, LITERAL, METADATA, WEB
from world import World

WITHOUT = run.BUILD / "tests/without"
POLICY = run.checks.POLICY


def try_out(t, words):
    """The client below a shim that takes something away: its lines."""
    acts = ["fetch http://web.test/", f"fetch http://{LITERAL}/", "connect echo.test 7000", "lookup web.test 4", "lookup other.test",
            f"connect {WEB} 80", "connect web.test 81", "connect echo.test 22", f"connect {METADATA} 8080", "connect meta.test 80",
            f"ask {DNS} web.test 1", "ask 8.8.8.8 web.test 1 tcp", "ask 8.8.8.8 leak.test 16", f"udp {ECHO} 7000", f"mapped {METADATA} 8080",
            "connect ::1 8080"]
    line = [*words, *t.line(POLICY, "--json"), "python3", "-I", str(t.script), *acts]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    t.last = json.loads(done.stdout or "{}")
    if "stdout" not in t.last:
        raise RuntimeError(f"mxc said {done.stdout}{done.stderr}")
    return [json.loads(text) for text in t.last["stdout"].splitlines()]


def holds(t, lines, without_v6):
    """As on every host."""
    t.is_(lines[:3], ["hello from web.test\n", f"hello from {LITERAL}\n", "helloEND 5"], "what is granted works")
    t.is_(len(lines[3]), 1, "an address of the sandbox's own")
    t.is_(lines[4] in run.checks.UNKNOWN, True, f"a name that is not granted: {lines[4]}")
    t.is_([lines[5], lines[6]], [run.checks.REFUSED] * 2, "an address and a port of other rules")
    t.is_(lines[7], run.checks.NO_LISTENER, "a port without a rule")
    t.is_(lines[8:10], [run.checks.REFUSED] * 2, "metadata, by address and by name")
    t.is_(lines[10:13], [[0, 1], [0, 1], [3, 0]], "questions, whoever is asked")
    t.is_(lines[13], run.checks.NO_LISTENER, "UDP")
    for line in lines[14:]:
        t.is_(line, "OSError: EAFNOSUPPORT" if without_v6 else run.checks.REFUSED, "over IPv6")
    asked = t.arrived()
    t.is_({entry["dns"] for entry in asked if "dns" in entry}, {"web.test", "echo.test", "meta.test"}, "only granted names were looked up")
    t.is_({entry["web"] for entry in asked if "web" in entry}, {WEB, LITERAL}, "and only granted servers reached")
    t.is_(t.host_came(), 0, "nobody reached the host")
    t.is_(t.connection(name="web.test", port=80)["outcome"], "closed", "records")
    t.is_(t.connection(name="meta.test")["outcome"], "guarded", "records of refusals")


def nothing_missing(t):
    holds(t, try_out(t, []), False)


def without_nf_tables(t):
    t.is_(subprocess.run([WITHOUT, "nf_tables", "--", "python3", "-c", "import socket; socket.socket(16, 3, 12)"], capture_output=True,
                         check=False).returncode, 1, "control")
    holds(t, try_out(t, [str(WITHOUT), "nf_tables", "--"]), False)


def without_ipv6(t):
    t.is_(subprocess.run([WITHOUT, "ipv6", "--", "python3", "-c", "import socket; socket.socket(10, 1)"], capture_output=True,
                         check=False).returncode, 1, "control")
    holds(t, try_out(t, [str(WITHOUT), "ipv6", "--"]), True)
    got = hostile.act(t, POLICY, "lookup web.test")
    t.is_(len(got[0]), 2, "control: with it a name has an address of each family")


def with_ipv6_off(t):
    """The last one: it stays off."""
    for name in ("all", "default"):
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1\n", encoding="ascii")
    t.is_(pathlib.Path("/proc/net/if_inet6").read_text(), "", "control")
    holds(t, try_out(t, []), False)
    got = hostile.act(t, POLICY, "connect six.test 80")
    t.is_(got, [run.checks.REFUSED], "a server with IPv6 only cannot be reached")
    t.is_(t.connection(name="six.test")["outcome"], "unreachable", "and the record says so")
    t.arrived()


CHECKS = (nothing_missing, without_nf_tables, without_ipv6, with_ipv6_off)

if __name__ == "__main__":
    run.main(World, lambda world, folder, role: run.play(world, folder, role, CHECKS))
