"""SVG plots of one run, drawn by gnuplot: medians as bars, and the distribution of the samples."""
import shutil
import subprocess

import rows

BARS = """set terminal svg size 820,{height} font "Helvetica,13" background "white"
set output "{output}"
$rows << EOD
{data}
EOD
set title "{title}"
set xlabel "{unit}; bar: median, whisker: to the 95th percentile"
set yrange [{count}-0.5:-0.5]
set xrange [0:*]
set grid xtics
set style fill solid 0.8 noborder
plot $rows using (0.5*$2):0:(0.5*$2):(0.35):($4):ytic(1) with boxxyerror lc rgb variable notitle, \\
    $rows using 2:0:2:3 with xerrorbars pt 0 lc rgb "#333333" notitle
"""
SAMPLES = """set terminal svg size 820,460 font "Helvetica,13" background "white"
set output "{output}"
{data}
set title "{title}"
set xlabel "{unit}, logarithmic"
set ylabel "part of the rounds that took at most so long"
set logscale x
set yrange [0:1]
set grid
set key outside right
plot {curves}
"""


def gnuplot(script):
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def quoted(name):
    return '"' + name.replace('"', "'").replace("_", "\\\\_") + '"'


def bars(title, section, output):
    there = [row for row in section if row.values]
    data = "\n".join(f"{quoted(row.name)} {row.percentile(50):.6g} {row.percentile(95):.6g} "
                     f"{0x3b6ea8 if is_ours(row.name) else 0xa8a8a8}" for row in there)
    gnuplot(BARS.format(output=output, data=data, title=title, unit=there[0].unit, count=len(there),
                        height=110 + 28 * len(there)))


def is_ours(name):
    return name.startswith("mxc") or name in ("open sandbox", "prepared")


def samples(title, section, output):
    """The share of samples up to each value, a hundred points a row."""
    there = [row for row in section if row.values]
    data, curves = [], []
    for number, row in enumerate(there):
        points = "\n".join(f"{row.percentile(part):.6g} {part / 100}" for part in range(1, 101))
        data.append(f"$row{number} << EOD\n{points}\nEOD")
        curves.append(f"$row{number} using 1:2 with steps lw {2 if is_ours(row.name) else 1} title {quoted(row.name)}")
    gnuplot(SAMPLES.format(output=output, data="\n".join(data), title=title, unit=there[0].unit,
                           curves=", ".join(curves)))


def draw(results, folder):
    """Names of the plots: what is drawn of each user's starts. Nothing without gnuplot."""
    if not shutil.which("gnuplot"):
        print("no plots: there is no gnuplot")
        return []
    folder.mkdir(exist_ok=True)
    drawn = []
    for who, sections in results["as"].items():
        slug = who.replace(" ", "-")
        for name in ("start", "others", "code"):
            section = rows.from_plain(sections.get(name, {}).get("rows", []))
            if any(row.values for row in section):
                title = sections[name]["title"].replace("`", "") + f", as {who}"
                bars(title, section, folder / f"{name}-{slug}.svg")
                drawn.append((title, f"{name}-{slug}.svg"))
        section = rows.from_plain(sections.get("start", {}).get("rows", []))
        if any(row.values for row in section):
            samples(f"All samples of the starts, as {who}", section, folder / f"samples-{slug}.svg")
            drawn.append((f"All samples of the starts, as {who}", f"samples-{slug}.svg"))
    return drawn
