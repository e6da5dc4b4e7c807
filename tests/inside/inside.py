#!/usr/bin/env python3
"""mxc inside something: inside mxc itself, and inside containers of crun and runc, started by an ordinary user.

    inside.py nested           mxc in mxc: refused, in plain words
    inside.py containers       each kind of container: mxc works there, or is refused and says why and how
    inside.py network          networks of sandboxes in containers, without packet filters and without IPv6
    inside.py all [--docs]     both, and where it works the suites too: conformance (C, command line), walls; --docs
                               writes the table into docs/hosts.md (make test-inside)

Ends with `N passed, N failed, N skipped`; exit status 77 where nothing could run."""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import bundle

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "walls"))
import coverage  # noqa: E402

BUILD = pathlib.Path(os.environ.get("MXC_BUILD", ROOT / "build")).resolve()
MXC = BUILD / "bin" / "mxc"
PAGE, BEGIN, END = ROOT / "docs" / "hosts.md", "<!-- inside: begin -->", "<!-- inside: end -->"
USER = 23456
CLEAN = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": "/nonexistent"}
PROFILE_PACKAGE = "golang-github-containers-common"  # only fetched and unpacked: its dependencies are a whole podman
TRY = ["/bin/sh", "-c", f"{MXC} doctor --json; echo; cd /tmp && exec {MXC} run --json -- true"]
SUITES = {"conformance, C": ["/usr/bin/python3", ROOT / "tests/conformance/conformance.py", "c"],
          "conformance, command line": ["/usr/bin/python3", ROOT / "tests/conformance/conformance.py", "cli"],
          "walls": ["/usr/bin/python3", ROOT / "tests/walls/run_rows.py"]}
NOT_THERE = {"F23": "/dev/kmsg for its control"}  # rows whose positive control a container cannot give
MOUNT_CALLS = ["mount", "umount2", "pivot_root", "open_tree", "move_mount", "fsopen", "fsmount",
                   "fsconfig", "mount_setattr"]


# pid 1 of the container: reaps what loses its parent, or dead keepers would keep their keyrings
REAPER = ["/bin/bash", "-c", '"$@"; exit $?', "init"]


class Skip(Exception):
    """What is missing here, by name."""


class Kind:
    """A kind of container. `refusal`: words of the error and its hint; None where mxc must work.
    `bare`: its root has no capability. `rootful`: started by root, without a user namespace, as docker does."""

    def __init__(self, name, runtime, seccomp=None, masked=False, refusal=None, bare=False, rootful=False, more=()):
        self.name, self.runtime, self.seccomp, self.masked, self.refusal = name, runtime, seccomp, masked, refusal
        self.bare, self.rootful = bare, rootful
        self.more = more  # capabilities


KINDS = [kind for runtime in ("crun", "runc") for kind in (
    Kind(f"{runtime}, nothing filtered, /proc whole", runtime),
    Kind(f"{runtime}, nothing filtered, parts of /proc masked", runtime, masked=True,
         refusal=("parts of /proc", "systempaths=unconfined", "unmask=ALL")),
    Kind(f"{runtime}, podman's filter, parts of /proc masked", runtime, "podman", masked=True,
         refusal=("hostname sandbox", "seccomp=unconfined")),
    Kind(f"{runtime}, podman's filter, /proc whole", runtime, "podman", refusal=("hostname sandbox", "seccomp=unconfined")),
    Kind(f"{runtime}, a filter as docker's: no namespaces, no mounts", runtime, "docker", masked=True,
         refusal=("a system-call filter forbids new namespaces",)),
    Kind(f"{runtime}, a filter without mounts", runtime, "mounts",
         refusal=("system calls that the process wall needs are not there: open_tree",)),
)] + [
    Kind("runc, root without any capability", "runc", bare=True, refusal=("user 0 has no CAP_SETFCAP",)),
    Kind("runc started by root, nothing filtered, /proc whole", "runc", rootful=True),
    Kind("runc started by root, parts of /proc masked", "runc", masked=True, rootful=True,
         refusal=("parts of /proc", "systempaths=unconfined"))]


NETWORKS = [Kind("crun, network", "crun", "tables"),
            Kind("runc, network", "runc", "tables", more=("CAP_NET_ADMIN",)),
            Kind("runc, network without IPv6", "runc", "no-v6", more=("CAP_NET_ADMIN",)),
            Kind("runc started by root, network without IPv6", "runc", "no-v6", rootful=True, more=("CAP_NET_ADMIN",))]


def as_user():
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"] if os.geteuid() == 0 else []


# ---- mxc in mxc

def nested_faults(role, work):
    """The inner start is refused in words; the outer one is as ever."""
    prefix = as_user() if role == "user" else []
    if prefix:
        os.chown(work, USER, USER)
    line = [*prefix, MXC, "run", "--json", "--ro", MXC, "--rw", work, "--", MXC, "run", "--json", "--", "true"]
    done = subprocess.run(line, env=CLEAN, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False)
    outer = json.loads(done.stdout)
    if "error" in outer:
        return [f"the outer start failed: {outer['error']}"]
    faults = [] if outer["exitCode"] == 125 and done.returncode == 125 else [f"the inner one ended with {outer['exitCode']}"]
    inner = json.loads(outer["stdout"]).get("error", {})
    if inner.get("status") != "unsupported" or "inside a sandbox of mxc" not in inner.get("message", ""):
        faults.append(f"the inner refusal is {inner}")
    if any(line["level"] == "none" and line["item"] == "/containment" for line in outer["receipt"]):
        faults.append("the outer receipt is not whole")
    return faults


def nested(tally):
    for role in ("root", "user") if os.geteuid() == 0 else ("user",):
        with tempfile.TemporaryDirectory(dir=scratch()) as work:
            tally.note(f"mxc inside mxc ({role})", nested_faults(role, pathlib.Path(work)))
    tally.lines.append("| mxc itself | refused: namespaces are sealed inside; start both from outside | |")


# ---- containers

def scratch():
    folder = BUILD / "inside"
    folder.mkdir(exist_ok=True)
    return folder


def podman_profile():
    """The filter of the distribution's package of podman's defaults."""
    here = pathlib.Path("/usr/share/containers/seccomp.json")
    kept = scratch() / "seccomp.json"
    if not here.exists() and not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["apt-get", "download", "-q", PROFILE_PACKAGE], cwd=folder, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
            for package in pathlib.Path(folder).glob("*.deb"):
                subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
            found = pathlib.Path(folder) / "usr/share/containers/seccomp.json"
            if not found.exists():
                raise Skip(PROFILE_PACKAGE)
            shutil.copy(found, kept)
    return json.loads((here if here.exists() else kept).read_text())


def need_namespaces():
    """Rootless containers are made of them."""
    done = subprocess.run([*as_user(), MXC, "doctor", "--json"], env=CLEAN, stdout=subprocess.PIPE, check=False)
    features = {feature["name"]: feature for feature in json.loads(done.stdout)["features"]}
    if not features["user-namespaces"]["available"]:
        raise Skip("user namespaces for ordinary users")


def filter_of(kind):
    if kind.seccomp == "podman":
        return bundle.packaged_filter(podman_profile())
    if kind.seccomp in ("tables", "no-v6"):
        return bundle.without_packet_filters(kind.seccomp == "no-v6")
    return bundle.without_calls(MOUNT_CALLS + (["unshare", "setns"] if kind.seccomp == "docker" else []), kind.seccomp == "docker") if kind.seccomp else None


def runtime_line(kind, folder, name):
    """crun refuses hybrid control groups: it gets a mount namespace in which there are unified ones."""
    state = ["--root", str(folder / "state")]
    if kind.runtime == "runc":
        return ["runc", *state, "run", "--bundle", str(folder), name]
    start = f'mount -t cgroup2 none /sys/fs/cgroup && exec crun --cgroup-manager=disabled {" ".join(state)} run --bundle {folder} {name}'
    return ["unshare", "-UrmC", "--", "/bin/sh", "-c", start]


def contained(kind, command):
    """What the command printed in a container of that kind."""
    if not shutil.which(kind.runtime, path=CLEAN["PATH"]):
        raise Skip(kind.runtime)
    with tempfile.TemporaryDirectory(dir=scratch(), ignore_cleanup_errors=True) as base:
        folder = pathlib.Path(base) / "bundle"
        os.chmod(base, 0o755)
        outside = USER if os.geteuid() == 0 and not kind.rootful else os.geteuid()
        # runc insists on a user 0; crun is itself in a user namespace, see above
        ids = (0, outside) if kind.runtime == "runc" else (bundle.USER_ID, 0)
        bundle.make(folder, ROOT, BUILD, [str(word) for word in [*REAPER, *command]], ids, kind, filter_of(kind))
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "-h", f"{USER}:{USER}", folder], check=True)
        line = [*([] if kind.rootful else as_user()), *runtime_line(kind, folder, pathlib.Path(base).name)]
        env = {**CLEAN, "XDG_RUNTIME_DIR": str(folder)}
        return subprocess.run(line, env=env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=1200, check=False)


def trial_faults(kind, done):
    """doctor and one start inside, against what the kind says."""
    rows = [row for row in done.stdout.splitlines() if row.startswith("{")]
    if len(rows) != 2:
        return [f"the container printed {done.stdout[-600:]!r}"]
    features = {feature["name"]: feature for feature in json.loads(rows[0])["features"]}
    record = json.loads(rows[1])
    if not kind.refusal:
        return [f"mxc failed there: {record['error']}"] if "error" in record else []
    if "error" not in record:
        return ["mxc started there"]
    said = f"{record['error']['message']} {record['error']['hint']}"
    faults = [f"the refusal does not say {words!r}: {said}" for words in kind.refusal if words not in said]
    if done.returncode != 125 or record["error"]["status"] not in ("unsupported", "setup"):
        faults.append(f"status {done.returncode}, {record['error']['status']}")
    missing = [feature for feature in features.values() if not feature["available"] and feature["name"] in (
        "user-namespaces", "mount-api", "process-api")]
    if record["error"]["status"] == "unsupported" and not (missing and all(feature["remedy"] for feature in missing)):
        faults.append("doctor does not say what to do")
    return faults


def inner_user(kind):
    """The suites ask an ordinary user for other things than root, and a container's root has none of root's rights."""
    if kind.rootful:
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", "--"]
    return ["unshare", "-U", f"--map-user={bundle.USER_ID}", f"--map-group={bundle.USER_ID}", "--"] if kind.runtime == "runc" else []


def suite(kind, command):
    """(faults, its counting line)."""
    left_out = len(NOT_THERE) if command is SUITES["walls"] else 0
    rows = [row.id for row in coverage.load_rows() if row.id not in NOT_THERE] if left_out else []
    done = contained(kind, [*inner_user(kind), *command, *[word for row in rows for word in ("--only", row)]])
    counted = re.findall(r"^(\d+ passed, \d+ failed), (\d+) skipped$", done.stdout, re.M)
    counted = [f"{both}, {int(skipped) + left_out} skipped" for both, skipped in counted]
    bad = [row for row in done.stdout.splitlines() if re.match(r"(\[.*\] )?(FAILED|    |Traceback)", row)]
    return (bad[:60] or [done.stdout[-1000:]] if done.returncode else []), counted[-1] if counted else "did not finish"


def container(kind, tally, whole):
    try:
        need_namespaces()
        if kind.rootful and os.geteuid():
            raise Skip("root")
        done = contained(kind, TRY)
    except Skip as skip:
        tally.skip(kind.name, str(skip))
        return
    faults = trial_faults(kind, done)
    cells = []
    for name, command in SUITES.items() if whole and not kind.refusal and not faults else ():
        began = time.monotonic()
        bad, counted = suite(kind, command)
        cells.append(f"{name}: {counted}")
        tally.note(f"{kind.name}: {name}: {counted} [{time.monotonic() - began:.0f} s]", bad)
        for row, why in NOT_THERE.items() if name == "walls" else ():
            tally.skip(f"{kind.name}: {row}", why)
    outcome = "refused: " + json.loads(done.stdout.splitlines()[-1])["error"]["message"] if kind.refusal and not faults else \
        "works" if not faults else "**fails**"
    tally.note(f"{kind.name}: {outcome}", faults)
    tally.lines.append(f"| {kind.name} | {outcome} | {'; '.join(cells)} |")


def network(kind, tally):
    """Grants, refusals, the proxy and published ports in there, without packet filters and perhaps without IPv6."""
    try:
        need_namespaces()
        if kind.rootful and os.geteuid():
            raise Skip("root")
        done = contained(kind, ["/usr/bin/python3", "-I", HERE / "network.py", MXC, kind.seccomp])
    except Skip as skip:
        tally.skip(kind.name, str(skip))
        return
    rows = [json.loads(row) for row in done.stdout.splitlines() if row.startswith("{")]
    faults = rows[0]["faults"] if rows else [f"the container printed {done.stdout[-600:]!r}"]
    if rows and rows[0]["by name"] != bool(kind.more):
        faults.append(f"addresses could be added: {rows[0]['by name']}")
    tally.note(f"{kind.name}{': by name too' if kind.more else ''}", faults)


class Tally:
    def __init__(self):
        self.count, self.lines = {"passed": 0, "failed": 0, "skipped": 0}, []

    def note(self, name, faults):
        self.count["failed" if faults else "passed"] += 1
        print(f"{'FAILED' if faults else 'ok'} {name}", flush=True)
        print("".join(f"    {fault}\n" for fault in faults), end="", flush=True)

    def skip(self, name, why):
        self.count["skipped"] += 1
        print(f"SKIP {name.replace(' ', '-')}: {why}", flush=True)


def write_docs(lines):
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    text = "\n".join(["| inside of | what comes of `mxc run` | suites there, as an ordinary user |", "| --- | --- | --- |", *lines])
    PAGE.write_text(f"{before}{BEGIN}\nRun on {time.strftime('%Y-%m-%d')}.\n\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["nested", "containers", "network", "all"])
    parser.add_argument("--docs", action="store_true", help="write the table into docs/hosts.md")
    parser.add_argument("--only", default="", help="kinds of container whose name has this text")
    args = parser.parse_args()
    tally = Tally()
    if args.what in ("nested", "all") or args.docs:
        nested(tally)
    for kind in NETWORKS if args.what in ("network", "all") else ():
        if args.only in kind.name:
            network(kind, tally)
    for kind in KINDS if args.what in ("containers", "all") else ():
        if args.only in kind.name:
            container(kind, tally, args.what == "all")
    if args.docs:
        write_docs(tally.lines)
    count = tally.count
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    if not count["passed"] and not count["failed"]:
        print("crun, runc or user namespaces for ordinary users")
        return 77
    return 1 if count["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
