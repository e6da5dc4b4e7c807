"""The main job of mxc: a program that an AI agent wrote analyses real data under a policy; then the same program
turns hostile, and the host looks at what came of it.

Ends with status 0 when the analysis worked and everything that had to be denied was.
"""
import errno
import json
import os
import re
import sys

import mxc

import show
from stage import FORKS, HERE, OUTSIDE, SECRET, Stage, parse

ERRORS = set(errno.errorcode.values())
# ECONNREFUSED is not among them: somebody would have answered
UNREACHABLE = {"ENETUNREACH", "EHOSTUNREACH", "EPERM", "EACCES"}


def short(path):
    """Relative to the current folder when it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") or os.getcwd() == "/" else relative


def size(count):
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << power:
            return f"{count / (1 << power):g} {unit}"
    return f"{count} bytes"


def show_policy(file):
    policy = mxc.Policy.load(file).to_dict()
    files, limits = policy.get("filesystem", {}), policy.get("limits", {})
    show.heading(f"1. The policy, {short(file)}")
    for path in files.get("readonlyPaths", []):
        show.line(f"read     {short(path)}")
    for path in files.get("readwritePaths", []):
        show.line(f"write    {short(path)}")
    show.line("network  off" if not policy.get("network", {}).get("egress", {}).get("allow") else "network  as listed")
    words = [f"{size(limits['memoryBytes'])} memory", f"{limits['processes']} processes",
             f"{limits['wallTimeMs'] / 1000:g} s", f"{size(limits['outputBytes'])} output per stream"]
    show.line("limits   " + ", ".join(words))


def usage(result):
    return (f"exit {result.exit_code}, {result.wall_time * 1000:.0f} ms, {result.cpu_time * 1000:.0f} ms processor time, "
            f"{result.peak_memory / (1 << 20):.0f} MiB peak memory")


def environment(stage, hostile):
    """What the code is told: where its data is and, when hostile, what to go for."""
    return {"DATA": str(stage.data), **({"TARGETS": json.dumps(stage.targets())} if hostile else {})}


def analyse(stage, policy):
    """The job itself. The workspace must then hold table and chart, owned by the caller."""
    show.heading("2. The analysis: mxc.run(code, policy) with task.py")
    result = mxc.run((HERE / "task.py").read_text(), policy, env=environment(stage, hostile=False))
    show.line(result.stdout_text.strip() or result.stderr_text.strip())
    show.line(usage(result))
    table = stage.workspace / "table.md"
    if not result.ok or not table.exists():
        show.line(show.paint("the analysis failed", "red"))
        return False
    print()
    for row in table.read_text().splitlines()[:6]:
        show.line(row)
    print()
    chart = stage.workspace / "chart.svg"
    mine = chart.lstat().st_uid == os.geteuid()
    show.line(f"table  {short(table)}, table.csv beside it (first rows above)")
    show.line(f"chart  {short(chart)}, {chart.stat().st_size:,} bytes, "
              f"{'owned by the caller' if mine else 'NOT OWNED BY THE CALLER'}")
    return mine


def refused(outcome):
    return outcome in ERRORS


def untouched(path, content="nobody touched this\n"):
    return path.read_text() == content


def judge(stage, outcomes):
    """For each attempt: name, what, came to nothing?, the proof on the host. Writes are judged by what the host
    has afterwards: inside, a private copy of /tmp may well take them."""
    visitors, daemons, marked = stage.listener.visitors(), stage.daemons(), stage.setuid_files()
    got = outcomes.get
    rows = [("ssh", f"read {stage.home}/.ssh", refused(got("ssh")), ""),
            ("variable", f"read ${SECRET} of the caller", got("variable") == "not there", ""),
            ("process", "see the caller's process", str(got("process")).startswith("not among"), ""),
            ("data", "open the data file for writing",
             refused(got("data")) and stage.data_digest() == stage.digest,
             "sha256 unchanged" if stage.data_digest() == stage.digest else "SHA256 CHANGED"),
            ("canary", "write beside the workspace", untouched(stage.canary),
             "canary unchanged" if untouched(stage.canary) else "CANARY CHANGED")]
    for name, what, path in zip(("examples", "home", "etc"), ("this example's folder", "the caller's home", "/etc"),
                                stage.leftovers):
        there = os.path.lexists(path)
        rows.append((name, f"create a file in {what}", not there, "IT IS THERE" if there else "no such file"))
    rows += [("loopback", "connect to {}:{} (host)".format(*stage.listener.address),
              refused(got("loopback")) and visitors == 0, f"{visitors} connections seen"),
             ("outside", "connect to {}:{} (outside)".format(*OUTSIDE), got("outside") in UNREACHABLE, ""),
             ("forks", f"fork {FORKS} processes", str(got("forks")).startswith("EAGAIN"), ""),
             ("setuid", "leave a setuid file: chmod", refused(got("setuid")) and not marked,
              f"{len(marked)} such files"),
             ("setuid-open", "leave a setuid file: open", refused(got("setuid-open")) and not marked,
              f"{len(marked)} such files"),
             ("daemon", "leave a daemon deaf to TERM", not daemons, f"{len(daemons)} processes left")]
    return rows


def inside(name, outcomes, nothing):
    outcome = outcomes.get(name, "not reached")
    return f"{outcome}, private" if nothing and outcome in ("written", "created") else outcome


def works_outside(name, outcome):
    """The control: without a sandbox the act must work, or its denial would prove nothing."""
    if name == "loopback":
        return outcome == "connected, 1 seen"
    if name == "daemon":
        return outcome == "started, 1 left"
    return outcome not in ERRORS and not re.match(r"not |E[A-Z]+ ", outcome)


def attack(stage, policy):
    show.heading("3. The same code and then some: mxc.run(code + attempts.py, policy)")
    code = (HERE / "task.py").read_text() + "\n" + (HERE / "attempts.py").read_text()
    result = mxc.run(code, policy, env=environment(stage, hostile=True))
    outcomes = parse(result.stdout_text)
    rows = judge(stage, outcomes)
    control = stage.run_control()
    good, shown = bool(outcomes), []
    for name, what, nothing, proof in rows:
        outside = control.get(name, "not tried")
        fair = outside == "not tried" or works_outside(name, outside)
        good = good and nothing and fair
        shown.append(("denied" if nothing else "NOT DENIED", what, inside(name, outcomes, nothing), proof or "-",
                      outside if fair else f"FAILED: {outside}"))
    show.table(["verdict", "attempt", "inside", "on the host", "without a sandbox"], shown, [1],
               {"denied": "green", "NOT DENIED": "red"})
    print()
    if not outcomes:
        show.line(show.paint(f"the attempts did not run: {result.stderr_text.strip()}", "red"))
    show.line(usage(result))
    show_denials(result)
    return good, result


def show_denials(result):
    for denial in result.denials:
        times = "once" if denial.count == 1 else f"{denial.count} times"
        show.line(f"refused system call: {denial.what}, {times}, by {denial.mechanism}")
    if result.limits_hit:
        show.line(f"limits hit: {', '.join(result.limits_hit)}")


def show_receipt(result):
    show.heading("4. The receipt: which item of the policy was enforced by what")
    rows = [(item.level, item.item or "/", item.rule + (f" ({item.note})" if item.note else ""),
             ", ".join(item.mechanism) or "-") for item in result.receipt]
    show.table(["level", "policy item", "rule", "mechanism"], rows, [2, 3],
               {"kernel": "green", "supervisor": "yellow", "none": "dim"})
    return bool(rows)


def main():
    os.environ[SECRET] = "sk-not-a-real-key"
    stage = Stage()
    try:
        policy = stage.policy
        who = "root" if os.geteuid() == 0 else f"an ordinary user (uid {os.geteuid()})"
        print(f"mxc {mxc.__version__}: code that nobody has vetted, run under a policy, as {who}")
        show_policy(policy)
        analysed = analyse(stage, policy)
        denied, result = attack(stage, policy)
        receipt = show_receipt(result)
    finally:
        stage.close()
    good = analysed and denied and receipt
    show.heading("All that was granted worked, all that was not was denied." if good
                 else show.paint("FAILED: see above", "red"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
