"""How the demo prints: headings, tables, colour on a terminal only. Knows nothing of sandboxes."""
import os
import shutil
import sys
import textwrap

COLOUR = sys.stdout.isatty() and "NO_COLOR" not in os.environ
CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}


def paint(words, style):
    return f"\033[{CODES[style]}m{words}\033[0m" if COLOUR and style else words


def width():
    return max(88, min(140, shutil.get_terminal_size((120, 24)).columns))


def heading(words):
    print(f"\n{paint(words, 'bold')}")


def line(words=""):
    print(f"  {words}".rstrip())


def table(columns, rows, flexible=(), styles=None):
    """Aligned columns. The columns `flexible` share what room the others leave, and are wrapped to it.
    styles: cell text -> style."""
    styles = styles or {}
    rows = [[str(cell) for cell in row] for row in rows]
    sizes = [max(len(row[index]) for row in [columns, *rows]) for index in range(len(columns))]
    _fit(sizes, flexible)
    _row(columns, sizes, {name: "dim" for name in columns})
    for row in rows:
        parts = [textwrap.wrap(cell, size) or [""] for cell, size in zip(row, sizes)]
        for number in range(max(map(len, parts))):
            _row([part[number] if number < len(part) else "" for part in parts], sizes, styles)


def _fit(sizes, flexible):
    """Narrows the flexible columns, the widest first, until the row fits."""
    room = width() - 2 - 2 * (len(sizes) - 1)
    while flexible and sum(sizes) > room and max(sizes[index] for index in flexible) > 20:
        widest = max(flexible, key=lambda index: sizes[index])
        sizes[widest] -= 1


def _row(cells, sizes, styles):
    padded = [paint(cell.ljust(size), styles.get(cell, "")) for cell, size in zip(cells, sizes)]
    line("  ".join(padded).rstrip())
