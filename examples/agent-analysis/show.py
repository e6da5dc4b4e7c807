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


def table(columns, rows, flexible, styles=None):
    """Aligned columns; the column `flexible` gets what room is left and is wrapped. styles: cell text -> style."""
    styles = styles or {}
    rows = [[str(cell) for cell in row] for row in rows]
    sizes = [max(len(row[index]) for row in [columns, *rows]) for index in range(len(columns))]
    rest = width() - 2 - 2 * (len(columns) - 1) - sum(sizes[:flexible] + sizes[flexible + 1:])
    sizes[flexible] = max(20, min(sizes[flexible], rest))
    _row(columns, sizes, {name: "dim" for name in columns})
    for row in rows:
        wrapped = textwrap.wrap(row[flexible], sizes[flexible]) or [""]
        for number, part in enumerate(wrapped):
            cells = [cell if number == 0 else "" for cell in row]
            cells[flexible] = part
            _row(cells, sizes, styles)


def _row(cells, sizes, styles):
    padded = [paint(cell.ljust(size), styles.get(cell, "")) for cell, size in zip(cells, sizes)]
    line("  ".join(padded).rstrip())
