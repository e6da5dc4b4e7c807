"""The others: how each is given the same job under the same policy as far as it can say it, and what it cannot say.

A peer is measured only where it really did the job: before the first round it has to read a file of the folder, write
one there, and print what it read.
"""
import dataclasses
import pathlib
import shutil
import subprocess
import uuid
from collections.abc import Callable

import bubblewrap


@dataclasses.dataclass(frozen=True)
class Peer:
    name: str
    program: str                    # looked for on PATH
    command: Callable               # (setting, argv) -> the whole command line
    note: str                       # what this row is
    cannot: str                     # what of the policy it cannot say, or what is done for it here
    fast: bool = False              # some milliseconds: takes part in as many rounds as mxc


PEERS = (
    Peer("bwrap", "bwrap", lambda setting, argv: [*bubblewrap.same(setting), *argv],
         "bubblewrap with the mounts of `mxc run`, all namespaces unshared: the reference",
         "no filter for system calls of its own, no Landlock, no limits, no captured output", fast=True),
    Peer("bwrap --disable-userns", "bwrap", lambda setting, argv: [*bubblewrap.same(setting), "--disable-userns", *argv],
         "the same with a second user namespace that forbids further ones, which mxc always has",
         "as bwrap", fast=True),
    Peer("bwrap, few mounts", "bwrap", lambda setting, argv: [*bubblewrap.few(setting), *argv],
         "bubblewrap with the few mounts that people usually give it, `/etc` as a whole among them",
         "as bwrap; shows all of `/etc`", fast=True),
)


def run(setting, command):
    return subprocess.run([*setting.prefix, *map(str, command)], capture_output=True, text=True, timeout=60,
                          cwd=setting.folder, stdin=subprocess.DEVNULL)


def failure(setting, peer):
    """Why this peer has no row here; "" when it does the job."""
    if not shutil.which(peer.program):
        return "not installed"
    folder = pathlib.Path(setting.folder)
    token = uuid.uuid4().hex
    (folder / "token").write_text(token)
    job = ["/bin/sh", "-c", f"cat {folder}/token && cp {folder}/token {folder}/copy"]
    try:
        done = run(setting, peer.command(setting, job))
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"does not work here: {error}"
    copy = folder / "copy"
    did = done.stdout.strip() == token and copy.exists() and copy.read_text() == token
    copy.unlink(missing_ok=True)
    return "" if did else f"does not do the job here: {((done.stderr or done.stdout).strip().splitlines() or ['?'])[-1]}"


def split(setting, fast):
    """Those that do the job, and the others with the reason."""
    there, absent = [], []
    for peer in PEERS:
        if peer.fast == fast:
            why = failure(setting, peer)
            absent.append((peer, why)) if why else there.append(peer)
    return there, absent
