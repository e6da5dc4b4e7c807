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
         "beside it, and one of two for each language that can be started ahead (preset `strict`: nothing writable); before each round of every "
         "row they are full and five milliseconds pass. The rates: as many at once as there are processors, from threads.")
LANGUAGES = ("python", "node", "bash")
AHEAD = {"python": (rows.Target("run(\"print(1)\") in an interpreter started ahead", 0.6),
                    rows.Target("run(\"print(1)\") in an interpreter started ahead, to bare", 0.08, "bare python"))}


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
        if f"{name} ahead" in samples:
            found.append(rows.from_ns(f"{name} started ahead", samples[f"{name} ahead"], reference=f"bare {name}",
                                      targets=AHEAD.get(name, ()), note=f"`Pool(language=\"{name}\").run`"))
    return found + under_pressure(samples)


def per_second(name, samples, **more):
    return rows.Row(name, [1e9 / value for value in samples], unit="1/s", more=True, **more)


def under_pressure(samples):
    """A pool that has none left, and one that is asked all the time."""
    return [rows.from_ns("python, pool exhausted", samples["exhausted"], targets=[rows.Target("run(\"print(1)\"), pool exhausted", 3.5)],
                         note="a run right behind the one that took the only interpreter: it waits for the next or is cold"),
            per_second("bare python, sustained", samples["rate bare"], note="the interpreter, no sandbox"),
            per_second("python started ahead, sustained", samples["rate ahead"], reference="bare python, sustained",
                       targets=[rows.Target("run(\"print(1)\"), sustained", 2.5, "bare python, sustained", least=True)],
                       note="`Pool(language=\"python\").run`; each run has paid for a whole interpreter and a fresh network namespace")]
