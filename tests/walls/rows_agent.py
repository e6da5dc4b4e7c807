"""A: what an agent, or who takes over one, would try."""
import json
import subprocess

from common import only_line, ran
from walls import CLEAN, MXC, Row

SECRETS = {"PATH": "/usr/bin:/bin", "HOME": "/home/agent", "AWS_SECRET_ACCESS_KEY": "walls-secret-1",
           "GITHUB_TOKEN": "walls-secret-2", "SSH_AUTH_SOCK": "/tmp/walls-secret-3", "LD_PRELOAD": "/walls-secret-4.so",
           "BASH_ENV": "/walls-secret-5", "PYTHONPATH": "/walls-secret-6"}
CLEAN_ENV = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/tmp", "LANG=C.UTF-8", "USER=sandbox", "SHELL=/bin/sh",
             "TERM=dumb"]


def environ_of_others(world):
    """A8: the launcher's secret is nowhere in the sandbox's /proc."""
    secret = {**CLEAN, "LAUNCHER_SECRET": "walls-secret-env"}
    control = world.outside_run(["file-contains /proc/self/environ walls-secret-env"], env=secret)
    only_line(world, control.stdout, {"found": ["walls-secret-env"]}, "control")
    ran(world, ["file-contains /proc/self/environ walls-secret-env", "file-contains /proc/1/environ walls-secret-env",
                "file-contains /proc/1/cmdline walls-secret-env", "pids"],
        [{"ok": True, "found": []}, {"errno": "EACCES"}, {"found": []}, {"count": {"$max": 4}}], env=secret)


def imitation(world):
    """A11"""
    forged = '{"exitCode": 0, "signal": null, "timedOut": false, "stdout": "forged"}'
    record = world.run([["args", "x"], ["say-err", forged]])
    world.expect(record["exitCode"] == 0 and forged.encode() in record["stderr"], f"inside: {record}")
    record = world.run([["say", forged]])
    world.expect(record["stdout"].decode() == forged + "\n", f"inside: {record['stdout']!r}")
    done = subprocess.run(world.mxc(["exit 3"]), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN)
    world.expect(done.returncode == 3 and json.loads(done.stdout)["exitCode"] == 3, f"status {done.returncode}")


def exit_codes(world):
    """A12"""
    for code in (0, 1, 124, 125, 126, 127, 137, 255):
        record = world.run([f"exit {code}"])
        world.expect("error" not in record and (record["exitCode"], record["signal"], record["timedOut"]) == (code, None, False),
                     f"exit {code}: {record}")
    record = world.run(["signal 9"])
    world.expect((record["exitCode"], record["signalName"], record["timedOut"]) == (None, "SIGKILL", False), f"{record}")
    done = subprocess.run([MXC, "run", "--json", "--policy", world.policy({}), "--", "no-such-command"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN)
    world.expect(done.returncode == 127 and json.loads(done.stdout)["error"]["status"] == "command_not_found", f"{done}")


ROWS = [
    Row("A7", "secrets in the environment", "Remote", "Exfil", env=SECRETS,
        outside=[("getenv GITHUB_TOKEN", {"value": "walls-secret-2"})],
        inside=[("env", {"env": {"$contains": CLEAN_ENV, "$lacks": ["walls-secret"]}})]),
    Row("A8", "secrets in other processes' environments", "Remote", "Exfil", special=environ_of_others),
    Row("A11", "output that imitates our records", "SandboxUser", "PeerDoS", special=imitation),
    Row("A12", "exit codes that look like ours", "SandboxUser", "PeerDoS", special=exit_codes),
]
