"""Monthly table and a heat map from hourly weather data.

What an AI agent would write when asked: "What does a typical year look like here, and when is it warmest?"
Standard library only. Reads the file named by DATA, writes table.csv, table.md and chart.svg into the
current folder. It knows nothing of the sandbox that it runs in.
"""
import csv
import datetime
import os
import statistics

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
COLUMNS = ["month", "hours", "mean °C", "median °C", "min °C", "max °C", "hours < 5 °C", "median wind m/s",
           "mean pressure hPa"]


def read_hours(path):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            when = datetime.datetime.fromisoformat(row["date"])
            yield when, float(row["temperature"]), float(row["wind"]), float(row["pressure"])


def monthly(hours):
    """One row per month: counts, means, medians."""
    groups = {}
    for when, temperature, wind, pressure in hours:
        groups.setdefault(when.month, []).append((temperature, wind, pressure))
    for month, values in sorted(groups.items()):
        temperatures, winds, pressures = zip(*values)
        yield [MONTHS[month - 1], len(values), round(statistics.fmean(temperatures), 1),
               round(statistics.median(temperatures), 1), min(temperatures), max(temperatures),
               sum(value < 5 for value in temperatures), round(statistics.median(winds), 1),
               round(statistics.fmean(pressures), 1)]


def month_by_hour(hours):
    """{(month, hour of day): mean temperature}"""
    cells = {}
    for when, temperature, _, _ in hours:
        cells.setdefault((when.month, when.hour), []).append(temperature)
    return {cell: statistics.fmean(values) for cell, values in cells.items()}


def write_tables(rows):
    with open("table.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    with open("table.md", "w", encoding="utf-8") as file:
        file.write("| " + " | ".join(COLUMNS) + " |\n")
        file.write("| --- " + "| ---: " * (len(COLUMNS) - 1) + "|\n")
        for row in rows:
            file.write("| " + " | ".join(str(value) for value in row) + " |\n")


def colour(value, low, high):
    """Cold blue over pale yellow to warm red."""
    stops = [(49, 84, 148), (116, 173, 209), (254, 243, 199), (244, 140, 66), (190, 38, 38)]
    place = (value - low) / (high - low) * (len(stops) - 1)
    index = min(int(place), len(stops) - 2)
    part = place - index
    mixed = [round(a + (b - a) * part) for a, b in zip(stops[index], stops[index + 1])]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def text(x, y, words, size=12, anchor="middle", fill="#333"):
    return f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{fill}">{words}</text>'


def write_chart(cells):
    width, height, left, top = 30, 26, 56, 64
    low, high = min(cells.values()), max(cells.values())
    warmest = max(cells, key=cells.get)
    right, bottom = left + 24 * width, top + 12 * height
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {right + 110} {bottom + 56}" '
             'font-family="Helvetica, Arial, sans-serif">',
             '<rect width="100%" height="100%" fill="white"/>',
             text(left, 26, "A typical year in Seattle, hour by hour", 18, "start", "#111"),
             text(left, 46, "Mean temperature, normals 1981-2010", 12, "start", "#666")]
    for (month, hour), value in sorted(cells.items()):
        x, y = left + hour * width, top + (month - 1) * height
        parts.append(f'<rect x="{x}" y="{y}" width="{width - 1}" height="{height - 1}" '
                     f'fill="{colour(value, low, high)}"><title>{MONTHS[month - 1]} {hour:02}:00: '
                     f'{value:.1f} °C</title></rect>')
    month, hour = warmest
    x, y = left + hour * width, top + (month - 1) * height
    parts.append(f'<rect x="{x - 1}" y="{y - 1}" width="{width + 1}" height="{height + 1}" fill="none" '
                 'stroke="#111" stroke-width="2"/>')
    parts += [text(left - 8, top + index * height + 17, name, anchor="end") for index, name in enumerate(MONTHS)]
    parts += [text(left + hour * width + width / 2, bottom + 18, f"{hour:02}") for hour in range(0, 24, 3)]
    parts.append(text((left + right) / 2, bottom + 40, "hour of the day", fill="#666"))
    steps = 40
    for step in range(steps):
        value = high - (high - low) * step / (steps - 1)
        parts.append(f'<rect x="{right + 20}" y="{top + step * (bottom - top) / steps:.1f}" width="16" '
                     f'height="{(bottom - top) / steps + 0.5:.1f}" fill="{colour(value, low, high)}"/>')
    for value, y in ((high, top + 10), ((high + low) / 2, (top + bottom) / 2 + 4), (low, bottom)):
        parts.append(text(right + 42, f"{y:.0f}", f"{value:.1f} °C", anchor="start"))
    parts.append("</svg>\n")
    with open("chart.svg", "w", encoding="utf-8") as file:
        file.write("\n".join(parts))
    return warmest, cells[warmest]


hours = list(read_hours(os.environ["DATA"]))
write_tables(list(monthly(hours)))
(month, hour), value = write_chart(month_by_hour(hours))
print(f"{len(hours):,} hours read; warmest on average: {MONTHS[month - 1]} at {hour:02}:00 with {value:.1f} °C")
