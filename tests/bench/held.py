"""What each peer's walls, and ours, really hold: a probe runs inside and says what it finds. Not a proof of anything (that
is what tests/walls is for), but enough to see which rows of the benchmark do the same work."""
import os
import pathlib
import subprocess

import peers

COLUMNS = ("no network", "own processes only", "no capabilities", "no_new_privs", "filter", "other files hidden",
           "caller's environment hidden", "no user namespaces")
PROBE = """
say() { echo "held:$1"; }
[ "$(tail -n +3 /proc/net/dev | wc -l)" -le 1 ] && say "no network"
[ "$(ls -d /proc/[0-9]* | wc -l)" -le 8 ] && say "own processes only"
status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status; }
[ "$(status CapEff)" = 0000000000000000 ] && say "no capabilities"
[ "$(status NoNewPrivs)" = 1 ] && say no_new_privs
[ "$(status Seccomp)" = 2 ] && say filter
cat SECRET >/dev/null 2>&1 || say "other files hidden"
[ -z "$MXC_BENCH_SECRET" ] && say "caller's environment hidden"
unshare -U /bin/true >/dev/null 2>&1 || say "no user namespaces"
echo probed
"""


def probe(setting, command):
    """The columns that hold; None when the probe did not run to its end."""
    try:
        done = subprocess.run([*setting.prefix, *map(str, command)], capture_output=True, text=True, timeout=60,
                              cwd=setting.folder, stdin=subprocess.DEVNULL,
                              env={**os.environ, "MXC_BENCH_SECRET": "told"})
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.splitlines()
    return [line[5:] for line in lines if line.startswith("held:")] if "probed" in lines else None


def table(setting):
    """name -> the columns that hold, of mxc and of every peer that does the job here."""
    secret = pathlib.Path(f"{setting.folder}.secret")
    secret.write_text("told\n")
    secret.chmod(0o644)
    job = ["/bin/sh", "-c", PROBE.replace("SECRET >", f"{secret} >")]
    found = {"nothing": probe(setting, job), "mxc run": probe(setting, [setting.mxc, "run", "--", *job])}
    for fast in (True, False):
        for peer in peers.split(setting, fast)[0]:
            found[peer.name] = probe(setting, peer.command(setting, job))
    return {name: columns for name, columns in found.items() if columns is not None}
