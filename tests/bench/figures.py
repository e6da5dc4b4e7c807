"""From samples to figures, text, Markdown and a picture. Knows nothing of how they were measured."""
import math


def percentile(samples, part):
    """Nearest rank: a value that was really measured."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def summary(samples):
    return {"rounds": len(samples), **{f"p{part}": percentile(samples, part / 100) / 1e6 for part in (50, 95, 99)}}


def with_ratio(rows, reference):
    """Adds to each row p50 over the reference's p50."""
    base = rows[reference]["p50"]
    return {name: {**row, "ratio": row["p50"] / base} for name, row in rows.items()}


def rate(samples, count):
    """GB/s at the median."""
    return count / percentile(samples, 0.5)


def cells(name, row, reference):
    ratio = "1 (reference)" if name == reference else f"{row['ratio']:.2f}"
    return [name, *(f"{row[part]:.2f}" for part in ("p50", "p95", "p99")), ratio]


def text_table(columns, rows):
    sizes = [max(len(str(row[index])) for row in [columns, *rows]) for index in range(len(columns))]
    lines = ["  ".join(str(cell).ljust(size) if index == 0 else str(cell).rjust(size)
                       for index, (cell, size) in enumerate(zip(row, sizes))).rstrip() for row in [columns, *rows]]
    return "\n".join("  " + line for line in lines)


def markdown_table(columns, rows):
    lines = ["| " + " | ".join(map(str, row)) + " |" for row in [columns, *rows]]
    lines.insert(1, "| --- " + "| ---: " * (len(columns) - 1) + "|")
    return "\n".join(lines)


def picture(title, rows):
    """Bars of p50 with a whisker to p95, as SVG. rows: name -> summary."""
    left, width, height, top = 250, 440, 30, 50
    most = max(row["p95"] for row in rows.values())
    bottom = top + height * len(rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 80} {bottom + 30}" '
             'font-family="Helvetica, Arial, sans-serif" font-size="13">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="20" y="28" font-size="16" fill="#111">{title}</text>']
    for index, (name, row) in enumerate(rows.items()):
        y = top + index * height
        bar, whisker = (row[part] / most * width for part in ("p50", "p95"))
        fill = "#3b6ea8" if "mxc" in name else "#a8a8a8"
        parts += [f'<text x="{left - 10}" y="{y + 17}" text-anchor="end" fill="#333">{name}</text>',
                  f'<rect x="{left}" y="{y + 4}" width="{bar:.1f}" height="{height - 12}" fill="{fill}"/>',
                  f'<path d="M{left + bar:.1f} {y + 13}H{left + whisker:.1f}m0 -5v10" stroke="#555" fill="none"/>',
                  f'<text x="{left + whisker + 8:.1f}" y="{y + 17}" fill="#333">{row["p50"]:.2f}</text>']
    parts += [f'<text x="{left}" y="{bottom + 18}" fill="#777">milliseconds; bar: median, whisker: 95th percentile'
              '</text>', "</svg>\n"]
    return "\n".join(parts)
