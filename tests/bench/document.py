"""docs/benchmarks.md from the results of one run. What people wrote between the markers is kept as it is."""
import re

import figures
import held
import peers
import plots
import rows

TARGET_COLUMNS = ["target", "as", "measured", "limit", ""]
KEPT = re.compile(r"<!-- kept: ([a-z-]+) -->\n(.*?)<!-- end -->\n", re.S)

HEAD = """# Benchmarks

Written by `make bench` from one run, except for what stands between the `kept` markers. Read the ratios: all rows that are
compared took turns in one process, so they met the same load; the times are this machine's.

- **p50, p95, p99**: values that were measured (nearest rank); for rates the last two are those of the slow end.
- **ratio**: p50 over the p50 of the row named in the section's table as the reference, in the same run.
- **load**: the load averages of 1, 5 and 15 minutes, noted for each section; this machine has the cores of the table below. Where
  the load is well above the number of cores the tails are the neighbours', and what needs many kernel locks suffers most.
- Nothing is pinned to a core, caches are warm, frequency and neighbours are what they are; the first rounds are not counted.
- A peer's row is there only if it really did the job: it had to read a file of the folder, write one there and print what it
  read. What it cannot say of the policy is in the table of peers.
"""


def sections(results):
    """(section's name, who, its dictionary, its rows) of everything that was measured."""
    for who, found in results["as"].items():
        for name, section in found.items():
            yield name, who, section, rows.from_plain(section["rows"])


def targets(results):
    """A line for each target and user."""
    lines = []
    for _, who, _, measured in sections(results):
        for row in measured:
            for target in row.targets:
                shown, verdict = figures.verdict(target, row, measured)
                lines.append([target.line, who, shown, figures.limit_text(target, row.unit), verdict])
    return sorted(lines, key=lambda line: (list(dict.fromkeys(line[0] for line in lines)).index(line[0]), line[3]))


def kept(text, name, otherwise):
    """The hand-written part of that name."""
    found = dict(KEPT.findall(text))
    return f"<!-- kept: {name} -->\n{found.get(name, otherwise)}<!-- end -->\n"


def peers_table(results):
    """What each peer is, whether it was measured as each user, and what of the policy it cannot say."""
    state = {}
    for _, who, _, measured in sections(results):
        for row in measured:
            state.setdefault((row.name, who), "measured" if row.values else row.note)
    users = list(results["as"])
    body = [[peer.name, peer.note, *(state.get((peer.name, who), "-") for who in users), peer.cannot] for peer in peers.PEERS]
    return figures.markdown_table(["peer", "how", *(f"as {who}" for who in users), "cannot say, or does not do here"], body,
                                  left=3 + len(users))


def held_text(results):
    lines = ["What a small probe found inside, in the same run (`-`: not held, or not asked for in words that this peer has):", ""]
    for who, found in results["held"].items():
        lines += [f"As {who}:", "", figures.markdown_table(["", *held.COLUMNS], figures.held_table(found, held.COLUMNS)), ""]
    return lines


def section_text(section, measured):
    lines = [f"### {section['title']}", "", section["about"], "", f"Load when it began: {section['load']}.", ""]
    if section["left_out"]:
        return [*lines, f"Left out: {section['left_out']}.", ""]
    lines += [figures.markdown_table([*figures.COLUMNS, "to"], [
        [*figures.cells(row, measured), row.reference] for row in measured if row.values]), ""]
    return lines + [f"- **{row.name}**: {row.note}." for row in measured if row.values and row.note] + [
        f"- {row.name}: no row. {row.note}." for row in measured if not row.values] + [""]


def text(results, before, drawn):
    machine = {**results["machine"], **{name: value or "not installed" for name, value in results["versions"].items()}}
    lines = [HEAD, f"Measured {results['date']}, {results['rounds']:,} rounds for what takes some milliseconds.", "",
             figures.markdown_table(["machine", ""], machine.items()), "", "## Targets", "",
             figures.markdown_table(TARGET_COLUMNS, targets(results), left=2), "",
             kept(before, "targets", "Nothing is written here yet.\n"), "## Peers", "",
             "mxc's own rows have every mechanism of its default policy on: all namespaces, ID-mapped mounts as root, cgroups",
             "where they can be had, Landlock, the filter with its listener, verification, and captured output.", "",
             peers_table(results), "", *held_text(results), "## Plots", ""]
    lines += [line for title, name in drawn for line in (f"![{title}](benchmarks/{name})", "")]
    last = None
    for _, who, section, measured in sections(results):
        lines += [f"## As {who}", ""] if who != last else []
        lines += section_text(section, measured)
        last = who
    return "\n".join(lines).rstrip() + "\n"


def write(results, docs):
    page = docs / "benchmarks.md"
    before = page.read_text() if page.exists() else ""
    page.write_text(text(results, before, plots.draw(results, docs / "benchmarks")))
