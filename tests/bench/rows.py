"""The shape of everything that is measured here, and what a section is. Knows nothing of mxc.

A section is a module of this folder that is named in SECTIONS of `run`:

    TITLE = "Starting /bin/true"                    heading in the document
    ABOUT = "..."                                   Markdown: what is measured how (may be left out)
    def measure(setting): ... return [Row(...), ...]

It is called once for each user of the machine that is measured (root, ordinary user). Rows that are compared with each
other take turns (A B C A B C ...), so that they meet the same load. What cannot be had here is a row without values
whose note says why (`missing`); a section of which nothing can be had raises LeftOut with the reason. Anything else that
goes wrong is raised as what it is, and ends the program.
"""
import dataclasses
import math
import os
import pathlib
import sys
from collections.abc import Sequence


class LeftOut(Exception):
    """Nothing of this section can be measured here; the text says why."""


@dataclasses.dataclass(frozen=True)
class Target:
    """What the median of a row must reach: `limit` times that of `reference`, or itself when there is no reference."""
    line: str               # its line in the table of targets: "cold, C library"
    limit: float
    reference: str = ""     # a row of the same section; "": the limit is in the row's own unit
    least: bool = False     # at least instead of at most


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    values: Sequence[float]             # every sample, in `unit`; empty: could not be had, the note says why
    unit: str = "ms"                    # ms, us, ns, s; KiB; 1/s, GB/s
    reference: str = ""                 # the row of this section that the ratio is taken to; "": none
    targets: Sequence[Target] = ()
    note: str = ""                      # Markdown, one line: what exactly this is
    more: bool = False                  # more is better (a rate): p95 and p99 are then those of the slow end as well

    def percentile(self, part):
        """Nearest rank: a value that was really measured. 50, 95, 99; the last two are always the bad end."""
        ordered = sorted(self.values, reverse=self.more)
        return ordered[max(0, math.ceil(part / 100 * len(ordered)) - 1)]


def missing(name, why):
    return Row(name, (), note=why)


def from_ns(name, samples, **more):
    """A row in milliseconds from samples in nanoseconds."""
    return Row(name, [value / 1e6 for value in samples], **more)


@dataclasses.dataclass(frozen=True)
class Setting:
    """For whom and how thoroughly a section measures."""
    who: str                # "root" or "ordinary user"
    prefix: tuple           # words in front of a command that make it that user's; () when we are that user
    rounds: int             # of a row that takes some milliseconds: 1,000 in a full run, 100 quick, 3 in the test
    folder: str             # an empty folder that this user may write to
    build: pathlib.Path     # the build tree: bin/mxc, bench/, python/, node/, rust/
    python: str             # the interpreter of the virtual environment

    @property
    def mxc(self):
        return self.build / "bin" / "mxc"

    def fewer(self, divisor, least=3):
        """Rounds of a row that takes so many times as long as a fast one."""
        return max(least, self.rounds // divisor)

    @property
    def full(self):
        return self.rounds >= 1000

    def environment(self):
        """For a Python that uses the package of the build."""
        return {**os.environ, "PYTHONPATH": str(self.build / "python"), "PYTHONDONTWRITEBYTECODE": "1"}

    def progress(self, done, count):
        """One line that is written over, on a terminal only."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\033[K  {done}/{count}" if done < count else "\r\033[K")
            sys.stderr.flush()


def ratio(row, rows):
    """p50 over that of the row's reference; None where there is none."""
    return against(row, row.reference, rows)


def against(row, name, rows):
    base = next((other for other in rows if other.name == name and other.values), None)
    return row.percentile(50) / base.percentile(50) if base and row.values else None


def judge(target, row, rows):
    """What was measured (a ratio, or the median itself) and whether it is enough; None when it could not be had."""
    if not row.values:
        return None
    found = against(row, target.reference, rows) if target.reference else row.percentile(50)
    if found is None:
        return None
    return found, found >= target.limit if target.least else found <= target.limit


def plain(rows):
    """For results.json."""
    return [{"name": row.name, "unit": row.unit, "count": len(row.values), "note": row.note, "reference": row.reference,
             **({f"p{part}": row.percentile(part) for part in (50, 95, 99)} if row.values else {}),
             "ratio": ratio(row, rows), "more": row.more,
             "targets": [dataclasses.asdict(target) for target in row.targets],
             "values": [float(f"{value:.5g}") for value in row.values]} for row in rows]


def from_plain(entries):
    return [Row(entry["name"], entry["values"], entry["unit"], entry["reference"],
                tuple(Target(**target) for target in entry["targets"]), entry["note"], entry["more"])
            for entry in entries]
