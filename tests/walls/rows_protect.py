"""F6 to F11, F27 to F30: protected names, also those that do not exist, the folders that hold their places, hard links
of denied files, paths that are swapped while a sandbox starts."""
import ctypes
import json
import os
import pathlib
import subprocess
import threading
import time

from common import no, ok
from walls import CLEAN, MXC, SLOW, Row, wait_until

LIBC = ctypes.CDLL(None, use_errno=True)
GIT = [{"dir": "${WORK}/.git/hooks"}, {"dir": "${WORK}/.git/objects"}, {"dir": "${WORK}/.git/refs"},
       {"file": "${WORK}/.git/HEAD", "text": "ref: refs/heads/main\n"}, {"file": "${WORK}/.git/config", "text": "[core]\n"}]
ABSENT = [".mcp.json", ".vscode", ".claude", ".cursor", ".idea", ".gitmodules"]
GHOSTS_GONE = [{"path": f"${{WORK}}/{name}", "absent": True} for name in ABSENT]

AHEAD = "MXC_WALLS_AHEAD" in os.environ  # sandboxes are built, and interpreters started, before they are used
LEAST_RUNS = 2 if AHEAD else 10  # in two seconds, of a race


def repository(folder):
    """What git takes for a repository's own folder."""
    for name in ("hooks", "objects", "refs"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text("[core]\n")
    return folder


def ran(world, acts, patterns, policy=None):
    record = world.run(acts, policy)
    if world.check_result(record):
        world.compare("inside", list(zip(acts, patterns)), record["stdout"])
    return record


def receipt_notes(record, item):
    return [line.get("note", "") for line in record["receipt"] if line["item"].startswith(item)]


def hard_link(world):
    """F6: read through its other name, which the receipt tells; or not started, where the policy says so."""
    keep = world.work / "keep"
    (keep / "deep").mkdir(parents=True)
    (keep / "deep" / "secret").write_text("hidden-marker")
    policy = {"filesystem": {"deniedPaths": ["${WORK}/keep"]}}
    record = ran(world, ["file-contains ${WORK}/keep/deep/secret hidden-marker"], [{"ok": False}], policy)
    world.expect(not any("hard link" in note for note in receipt_notes(record, "/filesystem/deniedPaths")),
                 "control: a file with one name was reported")
    os.link(keep / "deep" / "secret", world.work / "other")
    record = ran(world, ["file-contains ${WORK}/keep/deep/secret hidden-marker"], [{"ok": False}], policy)
    world.expect(any("hard link" in note for note in receipt_notes(record, "/filesystem/deniedPaths")),
                 f"the receipt says nothing: {receipt_notes(record, '/filesystem/deniedPaths')}")
    policy["filesystem"]["hardLinks"] = "refuse"
    error = world.run(["true"], policy).get("error", {})
    world.expect((error.get("status"), error.get("origin")) == ("unsupported", "/filesystem/deniedPaths/0"), f"{error}")
    os.rename(world.work / "other", keep / "inside")
    ran(world, ["true"], [{}], policy)  # both names are denied


def new_repository(world):
    """F9: nothing can hold what does not exist, so it is found afterwards."""
    found = ran(world, ["true"], [{}])["findings"]
    world.expect(found == [], f"control: {found}")
    made = ["mkdir ${WORK}/sub", "mkdir ${WORK}/sub/.git"]
    made += [f"mkdir ${{WORK}}/sub/.git/{name}" for name in ("objects", "refs", "hooks")]
    made += ["create ${WORK}/sub/.git/HEAD", "create ${WORK}/sub/.git/hooks/pre-commit 0755"]
    found = ran(world, made, [ok()] * len(made))["findings"]
    git = f"{world.work}/sub/.git"
    wanted = [{"kind": "new_repository", "path": git}, {"kind": "new_hook", "path": f"{git}/hooks/pre-commit"}]
    world.expect(found == wanted, f"found {found}")
    record = ran(world, ["create ${WORK}/sub/.git/hooks/post-merge", "append ${WORK}/sub/.git/hooks/pre-commit x"],
                 [no("EROFS"), no("EROFS")])  # in the next run it is protected
    world.expect(record["findings"] == [], f"next: {record['findings']}")
    found = ran(world, ["create ${WORK}/.bashrc", "create ${WORK}/sub/.git/commondir"], [ok(), ok()])["findings"]
    world.expect({one["kind"] for one in found} == {"new_protected_name"} and len(found) == 2, f"names: {found}")


def worktrees(world):
    """F10: .git as a file, commondir, modules, a repository further down, .git as a link."""
    main = repository(world.work / "main" / ".git")
    repository(main / "modules" / "lib")
    tree = main / "worktrees" / "wt"
    tree.mkdir(parents=True)
    (tree / "HEAD").write_text("ref: refs/heads/b\n")
    (tree / "commondir").write_text("../..\n")
    (world.work / "wt").mkdir()
    (world.work / "wt" / ".git").write_text(f"gitdir: {tree}\n")
    repository(world.work / "store")
    (world.work / "linked").mkdir()
    (world.work / "linked" / ".git").symlink_to("../store")
    refused = [f"create {main}/hooks/x", f"append {main}/config x", f"create {main}/modules/lib/hooks/x",
               f"append {main}/modules/lib/config x", f"append {tree}/commondir x", "append ${WORK}/wt/.git x",
               "create ${WORK}/linked/.git/hooks/x", "append ${WORK}/store/config x"]
    busy = [f"rename {main} {main}.aside", f"rename {main}/modules {main}/m", "unlink ${WORK}/wt/.git",
            "rename ${WORK}/main ${WORK}/aside", "rename ${WORK}/store ${WORK}/aside"]
    allowed = [f"create {main}/index", f"create {main}/refs/heads", f"append {tree}/HEAD x"]
    ran(world, refused + busy + allowed,
        [no("EROFS")] * len(refused) + [no("EBUSY")] * len(busy) + [ok()] * len(allowed))
    gone = ["unlink ${WORK}/linked/.git", "mkdir ${WORK}/linked/.git", "mkdir ${WORK}/linked/.git/objects",
            "mkdir ${WORK}/linked/.git/refs", "create ${WORK}/linked/.git/HEAD"]
    found = ran(world, gone, [ok()] * len(gone))["findings"]
    world.expect(found == [{"kind": "new_repository", "path": f"{world.work}/linked/.git"}], f"replaced link: {found}")


def links(world):
    """F11: a protected name that is a link, to a folder, a file, nothing, and to what is not granted."""
    (world.work / "real").mkdir()
    (world.work / "real" / "file").write_text("shown")
    for name, target in ((".claude", "real"), (".mcp.json", "real/file"), (".codex", "nothing"),
                         (".cursor", world.canaries[0])):
        (world.work / name).symlink_to(target)
    acts, patterns = [], []
    for name in (".claude", ".mcp.json", ".codex", ".cursor"):
        acts += [f"unlink ${{WORK}}/{name}", f"rename ${{WORK}}/{name} ${{WORK}}/x", f"rename ${{WORK}}/f ${{WORK}}/{name}"]
        patterns += [no("EBUSY")] * 3
    acts += ["create ${WORK}/real/x", "append ${WORK}/real/file x", "rename ${WORK}/real ${WORK}/x", "open-read ${WORK}/.mcp.json",
             "append ${WORK}/.mcp.json x", "open-read ${WORK}/.cursor"]
    patterns += [no("EROFS"), no("EROFS"), no("EBUSY"), ok(), no("EROFS"), no("EACCES")]
    (world.work / "f").write_text("")
    ran(world, acts, patterns)
    for name in (".claude", ".mcp.json", ".codex", ".cursor"):
        world.expect((world.work / name).is_symlink(), f"{name} is no link any more")
    found = ran(world, ["create ${WORK}/nothing"], [ok()])["findings"]
    world.expect(found == [{"kind": "new_protected_name", "path": f"{world.work}/.codex"}], f"made behind a link: {found}")


class Swapping:
    """Exchanges two names of the host all the time."""

    def __init__(self, a, b):
        self.names, self.stop, self.count = [os.fsencode(a), os.fsencode(b)], threading.Event(), 0

    def __enter__(self):
        self.thread = threading.Thread(target=self.swap)
        self.thread.start()
        return self

    def swap(self):
        while not self.stop.is_set():
            self.count += LIBC.renameat2(-100, self.names[0], -100, self.names[1], 2) == 0

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


def run_for(seconds, run):
    end = time.monotonic() + seconds * SLOW
    while time.monotonic() < end:
        run()


def swapped_folder(world):
    """F27: a folder on the way to a protected name is a link to elsewhere every other moment."""
    for name in ("hooks", "info"):
        (world.work / ".git" / name).mkdir(parents=True)
    (world.work / "link").symlink_to(world.outside)
    ended = {"ran": 0, "refused": 0}

    def run():
        record = world.run(["create ${WORK}/.git/info/attributes"])
        ended["refused" if "error" in record else "ran"] += 1
        error = record.get("error", {"status": "path"})
        world.expect(error["status"] in ("path", "setup", "unsupported"), f"{error}")
    with Swapping(world.work / ".git" / "info", world.work / "link") as swapping:
        run_for(1.5, run)
    world.expect(swapping.count > 100 and sum(ended.values()) > LEAST_RUNS, f"{swapping.count} swaps, {ended}")
    world.expect(wait_until(lambda: not list(world.work.glob(".[a-fh-z]*")), 1), f"left: {os.listdir(world.work)}")


def swapped_grant(world):
    """F28: a granted path leads to one of two folders; what is mounted is what the receipt names, or nothing."""
    one, other, place = world.work / "one", world.work / "other", world.work / "place"
    one.mkdir(), other.mkdir(), place.mkdir()
    (place / "p").symlink_to(one)
    (place / "q").symlink_to(other)
    number = 0

    def run():
        nonlocal number
        number += 1
        record = world.run([f"create {place}/p/{number}"], {"filesystem": {"readwritePaths": [f"{place}/p"]}})
        landed = [folder for folder in (one, other) if (folder / str(number)).exists()]
        if "error" in record:
            world.expect(record["error"]["status"] in ("path", "setup") and not landed, f"{record['error']} {landed}")
            return
        notes = receipt_notes(record, "/filesystem/readwritePaths")
        world.expect([f"leads to {folder}" for folder in landed] == notes, f"run {number}: {notes}, but it was in {landed}")
    with Swapping(place / "p", place / "q") as swapping:
        run_for(1.5, run)
    world.expect(swapping.count > 100 and number > LEAST_RUNS, f"{swapping.count} swaps, {number} runs")


def started(world, *acts):
    return subprocess.Popen(world.mxc(list(acts)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=CLEAN)


def shared_ghosts(world):
    """F30: the second sandbox is started while the first holds the names, and outlives it."""
    first = started(world, "wait-for-file ${WORK}/first 20000")
    world.expect(wait_until(lambda: (world.work / ".claude").is_dir(), 5), "the first has no ghosts")
    second = started(world, "wait-for-file ${WORK}/second 20000", "create ${WORK}/.claude/x", "create ${WORK}/.mcp.json",
                     "rmdir ${WORK}/.claude")
    time.sleep(0.3)
    (world.work / "first").touch()
    first.wait(20)
    names = [name for name in ABSENT if (world.work / name).is_dir()]
    world.expect(names == ABSENT, f"after the first ended only {names} are held")
    (world.work / "second").touch()
    record = json.loads(second.communicate(timeout=20)[0])
    lines = [json.loads(line) for line in record["stdout"].splitlines()]
    world.expect([line.get("errno") for line in lines[1:]] == ["EROFS", "EEXIST", "EBUSY"], f"second: {lines}")
    left = [name for name in ABSENT if (world.work / name).exists()]
    world.expect(not left and record["findings"] == [], f"after both: {left}, {record['findings']}")


def filled_ghost(world):
    """F29: what a program of the host puts into a ghost meanwhile is its own, and stays."""
    with subprocess.Popen(world.mxc(["wait-for-file ${WORK}/go 20000", "readdir ${WORK}/.vscode"]), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, env=CLEAN) as running:
        world.expect(wait_until(lambda: (world.work / ".vscode").is_dir(), 5), "no ghost")
        (world.work / ".vscode" / "settings.json").write_text("mine")
        (world.work / "go").touch()
        record = json.loads(running.communicate(timeout=20)[0])
    seen = json.loads(record["stdout"].splitlines()[1])
    # a sandbox that was built ahead has the ghost before it is used, and what was put into it by then is the host's
    ahead = [["settings.json"]] if AHEAD else []
    world.expect(seen["names"] in [[], *ahead], f"seen inside: {seen}")
    kept = world.work / ".vscode"
    world.expect(os.listdir(kept) == ["settings.json"] and not kept.stat().st_mode & 0o1000, f"{os.listdir(kept)}")
    ran(world, ["append ${WORK}/.vscode/settings.json x"], [no("EROFS")])


ROWS = [
    Row("F6", "a hard link from before to a denied file", "SandboxUser", "HostLeak", special=hard_link),
    Row("F7", "moving the parent of a protected name away", "SandboxUser", "Escape", setup=GIT,
        outside=[("rebuild-parent ${WORK}/.git pre-commit", {"rename": "ok", "mkdir": "ok", "write": "ok"})],
        inside=[("rebuild-parent ${WORK}/.git hooks/pre-commit", {"rename": "EBUSY", "mkdir": "EEXIST", "write": "EROFS"}),
                ("rename ${WORK}/.git/hooks ${WORK}/.git/x", no("EBUSY"))],
        allowed=[("create ${WORK}/.git/index", ok())], after=[{"path": "${WORK}/.git/hooks", "names": []}]),
    Row("F8", "making a protected name that does not exist", "SandboxUser", "Escape", setup=[{"file": "${WORK}/f", "text": "f"}],
        outside=[("create ${WORK}/.mcp.json", ok()), ("mkdir ${WORK}/.vscode", ok()), ("symlink f ${WORK}/.claude", ok())],
        inside=[("create ${WORK}/.mcp.json", no("EEXIST")), ("open-write ${WORK}/.mcp.json", no("EISDIR")),
                ("mkdir ${WORK}/.vscode", no("EEXIST")), ("create ${WORK}/.vscode/settings.json", no("EROFS")),
                ("create ${WORK}/.claude/settings.json", no("EROFS")), ("symlink f ${WORK}/.claude", no("EEXIST")),
                ("rename ${WORK}/f ${WORK}/.cursor", {"ok": False}), ("link ${WORK}/f ${WORK}/.idea", no("EEXIST")),
                ("rmdir ${WORK}/.gitmodules", no("EBUSY")), ("readdir ${WORK}/.claude", ok(names=[]))],
        allowed=[("create ${WORK}/ok", ok())], after=GHOSTS_GONE),
    Row("F9", "a repository made inside, with a hook", "SandboxUser", "Escape", special=new_repository),
    Row("F10", "working trees, modules, repositories further down", "SandboxUser", "Escape", special=worktrees),
    Row("F11", "a protected name that is a link", "SandboxUser", "Escape", special=links),
    Row("F27", "a folder that is swapped for a link while a sandbox starts", "Remote", "HostWrite", special=swapped_folder),
    Row("F28", "a granted path that is swapped while a sandbox starts", "Remote", "HostWrite", special=swapped_grant),
    Row("F29.link", "a link in place of a placeholder", "SandboxUser", "HostWrite",
        inside=[("rmdir ${WORK}/.claude", no("EBUSY")), ("rename ${WORK}/.claude ${WORK}/x", no("EBUSY")),
                ("symlink ${OUTSIDE} ${WORK}/.claude", no("EEXIST")), ("chmod ${WORK}/.claude 0777", no("EROFS"))],
        outside=[("symlink ${OUTSIDE} ${WORK}/.claude", ok())], after=GHOSTS_GONE),
    Row("F29.filled", "a placeholder that somebody of the host fills", "Remote", "HostWrite", special=filled_ghost),
    Row("F30", "two sandboxes hold the same name", "PeerSandbox", "Escape", special=shared_ghosts),
]
