"""A: what an agent, or who takes over one, would try."""
import json
import os
import shutil
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


HOOKS = (".git/hooks/pre-commit", ".git/config", ".git/info/attributes", ".gitmodules")
SHELLS = (".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".profile", ".zshrc", ".zprofile", ".zshenv", ".zlogin",
          ".inputrc", ".tmux.conf", ".ripgreprc", ".screenrc", ".config/fish/config.fish")
EDITORS = (".vscode/settings.json", ".idea/workspace.xml", ".devcontainer/devcontainer.json", ".cursor/rules", ".mcp.json",
           ".claude/settings.json", ".claude/commands/x.md", ".codex/config.toml", ".gemini/settings.json", ".agents/x.md")
SECRET_PLACES = (".ssh/id_ed25519", ".gnupg/private", ".netrc", ".aws/credentials", ".config/gcloud/x", ".kube/config",
                 ".docker/config.json", ".npmrc", ".pypirc", ".cargo/credentials.toml", ".mozilla/x", ".local/share/keyrings/x")
AUTO_RUN = (".envrc", "Makefile", "conftest.py", "package.json", "build.rs", ".pre-commit-config.yaml")


def fill_folder(folder, names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("as it was")
        path.chmod(0o666)
    for one in folder.rglob("*"):
        if one.is_dir():
            one.chmod(0o777)


def protected(names):
    """A row's function: names that exist in a writable folder and must stay what they are, by every way to change them."""
    def attack(world):
        fill_folder(world.work, [*names, "plain"])
        only_line(world, world.outside_run(["append ${WORK}/plain x"]).stdout, {"ok": True}, "control")
        acts, pairs = ["append ${WORK}/plain x"], [{"ok": True}]
        for name in names:
            acts += [f"append ${{WORK}}/{name} x", f"truncate ${{WORK}}/{name}", f"chmod ${{WORK}}/{name} 0777",
                     f"unlink ${{WORK}}/{name}", f"rename ${{WORK}}/plain ${{WORK}}/{name}"]
            pairs += [{"ok": False}] * 5
        ran(world, acts, pairs)
        world.check_host([{"path": str(world.work / name), "text": "as it was", "mode": "0666"} for name in names])
    return attack


def secrets(world):
    """A3: a home with everything in it, beside the workspace, and as HOME of the caller."""
    fill_folder(world.home, SECRET_PLACES)
    world.before = world.look()
    env = {**CLEAN, "HOME": str(world.home)}
    only_line(world, world.outside_run([f"open-read {world.home}/.netrc"], env=env).stdout, {"ok": True}, "control")
    acts = [f"{act} {world.home}/{name}" for name in SECRET_PLACES for act in ("open-read", "open-write")]
    ran(world, [*acts, "getenv HOME"], [{"errno": "ENOENT"}] * len(acts) + [{"value": "/tmp"}], env=env)


def auto_run(world):
    """A5: files that run by themselves later cannot be told from a workspace's own; they are created, as documented."""
    ran(world, [f"create ${{WORK}}/{name}" for name in AUTO_RUN], [{"ok": True}] * len(AUTO_RUN))


def search_path(world):
    """A6: nothing that the workload can write is in PATH inside, and the caller's PATH does not get in."""
    fake = world.work / "bin"
    fake.mkdir()
    (fake / "sh").write_text("#!/bin/sh\nexit 42\n")
    (fake / "sh").chmod(0o755)
    env = {"PATH": f"{fake}:/usr/bin:/bin", "HOME": str(world.home)}
    line = [MXC, "run", "--policy", world.policy({}), "--", "sh", "-c", "exit 7"]
    control = subprocess.run([str(fake / "sh")])
    world.expect(control.returncode == 42, f"control: {control}")
    world.expect(subprocess.run(line, env=env, stdin=subprocess.DEVNULL).returncode == 7, "the caller's PATH was used")
    ran(world, ["getenv PATH", "create /usr/local/bin/x", "create /usr/bin/x"],
        [{"value": "/usr/local/bin:/usr/bin:/bin"}, {"errno": "EROFS"}, {"errno": "EROFS"}], env=env)


def own_policy(world):
    """A9 and S14: the policy file lies in the workspace, and is rewritten while the command runs."""
    path = world.work / "policy.json"
    shutil.copy(world.policy({}), path)
    os.chmod(path, 0o666)
    acts = ["write ${WORK}/policy.json {}", "open-read ${OUTSIDE}/canary.txt", "create ${OUTSIDE}/x", "caps"]
    done = subprocess.run([MXC, "run", "--json", "--policy", str(path), "--", *world.command(acts)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, env=CLEAN)
    lines = [json.loads(row) for row in json.loads(done.stdout)["stdout"].splitlines()]
    world.expect(lines[0]["ok"] and [one["errno"] for one in lines[1:3]] == ["ENOENT", "ENOENT"], f"{lines}")
    world.expect(lines[3]["Seccomp"] == "2", f"{lines[3]}")


def argument_tricks(world):
    """A13"""
    policy = world.policy({})

    def run(*words):
        return subprocess.run([MXC, "run", "--policy", policy, *words], stdin=subprocess.DEVNULL, capture_output=True, env=CLEAN)
    world.expect(run("--", "--rw", "/").returncode == 127, "a command --rw")
    world.expect(run("--", "-c", "exit 3").returncode == 127, "a command -c")
    world.expect(run("--", "").returncode == 125 and run("--").returncode == 125, "no command")
    ran(world, [["args", "--", "--rw=/", "-c", "a\nb", "++x", ""]], [{"argv": ["--", "--rw=/", "-c", "a\nb", "++x", ""]}])
    done = run(world.places["PROBE"], "args", "--rw", "/", "--policy", "x")
    world.expect(b'"argv":["--rw","/","--policy","x"]' in done.stdout, f"options of the command: {done}")


ROWS = [
    Row("A1", "hooks and settings of git that exist", "SandboxUser", "HostWrite", special=protected(HOOKS)),
    Row("A2", "start files of shells that exist", "SandboxUser", "HostWrite", special=protected(SHELLS)),
    Row("A3", "keys and tokens in the home folder", "SandboxUser", "Exfil", special=secrets),
    Row("A4", "settings of editors and agents that exist", "SandboxUser", "HostWrite", special=protected(EDITORS)),
    Row("A5", "files that run by themselves later (created, as documented)", "SandboxUser", "HostWrite", special=auto_run),
    Row("A6", "programs put before others in PATH", "SandboxUser", "HostWrite", special=search_path),
    Row("A7", "secrets in the environment", "Remote", "Exfil", env=SECRETS,
        outside=[("getenv GITHUB_TOKEN", {"value": "walls-secret-2"})],
        inside=[("env", {"env": {"$contains": CLEAN_ENV, "$lacks": ["walls-secret"]}})]),
    Row("A8", "secrets in other processes' environments", "Remote", "Exfil", special=environ_of_others),
    Row("A9", "the policy file in the workspace", "SandboxUser", "Escape", special=own_policy),
    Row("A11", "output that imitates our records", "SandboxUser", "PeerDoS", special=imitation),
    Row("A12", "exit codes that look like ours", "SandboxUser", "PeerDoS", special=exit_codes),
    Row("A13", "arguments that look like options", "SandboxUser", "Escape", special=argument_tricks),
]
