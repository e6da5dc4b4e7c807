"""Source code, in a sandbox built for it, against the bare interpreter."""
import os
import pathlib
import shutil

import driver
import rows

TITLE = "Source code"
ABOUT = ("From Python: `mxc.run(\"print(1)\", policy)` against `subprocess.run([sys.executable, \"-c\", \"print(1)\"], "
         "capture_output=True)`, and the same with `console.log(1)` and `echo 1`. The bare interpreter has a small environment, as it "
         "has inside. The output is checked in every round. A pool of two stands "
         "beside it; before each round of every row it is full and five milliseconds pass.")
LANGUAGES = ("python", "node", "bash")


def measure(setting):
    if not any((setting.build / "python" / "mxc").glob("_native*.so")) or not os.access(setting.python, os.X_OK):
        raise rows.LeftOut("the Python package is not built")
    languages = [name for name in LANGUAGES if name == "python" or shutil.which(name)]
    script = pathlib.Path(__file__).resolve().parent / "bench_python.py"
    samples = driver.samples_of(setting, [setting.python, script, setting.fewer(4), setting.folder, *languages])
    found = []
    for name in languages:
        found += [rows.from_ns(f"bare {name}", samples[f"bare {name}"], note="the interpreter, no sandbox"),
                  rows.from_ns(f"{name} cold", samples[f"{name} cold"], reference=f"bare {name}",
                               note="`mxc.run`, a sandbox built for it"),
                  rows.from_ns(f"{name} prepared", samples[f"{name} prepared"], reference=f"bare {name}",
                               note="`Pool.run`, a sandbox that was built ahead; the interpreter starts anew")]
    return found
