"""From rows to text and Markdown. Knows nothing of how they were measured."""
import rows

COLUMNS = ["", "p50", "p95", "p99", "unit", "ratio", "rounds"]


def number(value):
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}" if abs(value) < 1 else f"{value:.2f}"


def cells(row, section):
    """One row of a section as shown."""
    if not row.values:
        return [row.name, "-", "-", "-", "", "-", "0"]
    ratio = rows.ratio(row, section)
    shown = "" if ratio is None else number(ratio)
    return [row.name, *(number(row.percentile(part)) for part in (50, 95, 99)), row.unit, shown, f"{len(row.values):,}"]


def table(section):
    return [cells(row, section) for row in section]


def text_table(columns, body):
    sizes = [max(len(str(line[index])) for line in [columns, *body]) for index in range(len(columns))]
    lines = ["  ".join(str(cell).ljust(size) if index == 0 else str(cell).rjust(size)
                       for index, (cell, size) in enumerate(zip(line, sizes))).rstrip() for line in [columns, *body]]
    return "\n".join("  " + line for line in lines)


def markdown_table(columns, body, left=1):
    """The first `left` columns are text, the others numbers."""
    lines = ["| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in [columns, *body]]
    lines.insert(1, "| --- " * left + "| ---: " * (len(columns) - left) + "|")
    return "\n".join(lines)


def limit_text(target, unit):
    word = "at least" if target.least else "at most"
    return f"{word} {target.limit:g} x {target.reference}" if target.reference else f"{word} {target.limit:g} {unit}"


def verdict(target, row, section):
    """What was measured against a target, and by how much it is met or missed."""
    judged = rows.judge(target, row, section)
    if judged is None:
        return "-", "not measured"
    found, met = judged
    shown = number(found) if target.reference else f"{number(found)} {row.unit}"
    away = target.limit / found if target.least else found / target.limit
    return shown, "met" if met else f"missed by {(away - 1) * 100:.0f} %"


def held_table(found, columns):
    """found: name -> the columns that hold."""
    return [[name, *("yes" if column in holds else "-" for column in columns)] for name, holds in found.items()]
