"""Where the time of a cold start goes, from `mxc run --timings`."""
import re
import subprocess

import rows

TITLE = "Stages of `mxc run -- /bin/true`"
ABOUT = ("What `mxc run --timings` says of each stage, one run after the other. The stages follow each other, so their medians "
         "add up to about the median of the whole; `command run` is the program itself, `command result` ends with the result.")
STAGE = re.compile(r"^  (host|keeper|init|command) +(\S+) +([0-9.]+)$", re.M)


def measure(setting):
    count = setting.fewer(5)
    found = {}
    for number in range(count):
        setting.progress(number, count)
        done = subprocess.run([*setting.prefix, setting.mxc, "run", "--timings", "--", "/bin/true"], cwd=setting.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        for who, stage, value in STAGE.findall(done.stderr):
            found.setdefault(f"{who} {stage}", []).append(float(value) * 1000)
    setting.progress(count, count)
    if not found:
        raise RuntimeError("mxc run --timings has printed no stages")
    return [rows.Row(name, values, "us") for name, values in found.items()]
