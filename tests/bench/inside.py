"""What the walls cost while code runs: the same program in an open sandbox and outside, in turns."""
import json
import pathlib
import shutil
import subprocess
import sys
import time

import driver
import rows

TITLE = "Cost inside"
ABOUT = ("Single calls (a filter costs each of them a little, Landlock every `open`), and whole programs, which are what counts. "
         "The program is the same in both rows, and so is the folder in which it works.")
CALLS = "bench/bench_calls"
CALL_NAMES = ("getppid", "open and close", "stat", "read 4 KiB", "spawn /bin/true")
SOURCES = 12
MODULE = """#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct item{n} {{ struct item{n} *next; char name[32]; int value; }};
int work{n}(int count) {{
    struct item{n} *head = NULL;
    int sum = 0;
    for (int i = 0; i < count; i++) {{
        struct item{n} *item = malloc(sizeof *item);
        snprintf(item->name, sizeof item->name, "item %d", i);
        item->value = (int)strlen(item->name) + {n};
        item->next = head;
        head = item;
    }}
    while (head) {{ struct item{n} *next = head->next; sum += head->value; free(head); head = next; }}
    return sum;
}}
"""
TESTS = """import json, os, re, subprocess, tempfile, unittest
class All(unittest.TestCase):
    def test_files(self):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(300):
                with open(os.path.join(folder, str(number)), "w") as file:
                    file.write("x" * number)
            self.assertEqual(sum(os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)), 300 * 299 // 2)
    def test_json(self):
        for _ in range(30):
            self.assertEqual(len(json.loads(json.dumps([{"a": number, "b": [number] * 5} for number in range(500)]))), 500)
    def test_text(self):
        for _ in range(30):
            self.assertEqual(len(re.findall(r"(\\w+)@(\\w+)", "some one@example text " * 500)), 500)
    def test_programs(self):
        for _ in range(10):
            subprocess.run(["/bin/true"], check=True)
unittest.main()
"""


def prepare(setting):
    """Makes the two projects; name -> argv."""
    folder = pathlib.Path(setting.folder, "inside")
    folder.mkdir()
    for number in range(SOURCES):
        (folder / f"part{number}.c").write_text(MODULE.format(n=number))
    (folder / "tests.py").write_text(TESTS)
    (folder / "build.sh").write_text(f"cd {folder} && for part in part*.c; do cc -O1 -c $part || exit 1; done && ar rc parts.a part*.o\n")
    shutil.copy(setting.build / CALLS, folder / "calls")
    if setting.prefix:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, 23456, 23456)
    programs = {"Python test suite": ["/usr/bin/python3", str(folder / "tests.py")]}
    if shutil.which("cc"):
        programs["compile of a C project"] = ["/bin/sh", str(folder / "build.sh")]
    return folder, programs


def compare(folder, programs, rounds):
    """In the program that is the user's: name -> {"inside": [...], "outside": [...]}, nanoseconds."""
    import mxc
    found = {}
    note = found.setdefault
    calls = [f"{folder}/calls", "/etc/passwd"]
    with mxc.Sandbox(mxc.Policy.preset("workspace", folder)) as sandbox:
        # the same disk for temporary files, and nothing of our own environment
        env = {"PATH": "/usr/bin:/bin", "TMPDIR": folder, "HOME": folder}
        ways = {"inside": lambda argv: sandbox.run(argv, env=env).check().stdout_text,
                "outside": lambda argv: subprocess.run(argv, check=True, capture_output=True, text=True, env=env).stdout}
        for turn in range(rounds):
            for where in ("inside", "outside") if turn % 2 else ("outside", "inside"):
                for line in ways[where](calls).splitlines():
                    name, value = line.split("\t")
                    note(name, {}).setdefault(where, []).append(int(value))
                for name, argv in programs.items():
                    began = time.perf_counter_ns()
                    ways[where](argv)
                    note(name, {}).setdefault(where, []).append(time.perf_counter_ns() - began)
    return found


def measure(setting):
    driver.needs(setting.build / CALLS)
    folder, programs = prepare(setting)
    rounds = 30 if setting.full else 4 if setting.rounds >= 100 else 1
    done = subprocess.run([*setting.prefix, setting.python, __file__, str(folder), json.dumps(programs), str(rounds)],
                          stdout=subprocess.PIPE, text=True, env=setting.environment())
    if done.returncode:
        raise RuntimeError("inside.py failed, see above")
    found, out = json.loads(done.stdout), []
    for name, values in found.items():
        unit, scale = ("ms", 1e6) if name in programs or name == CALL_NAMES[-1] else ("us", 1e3)
        whole = name in programs or name == CALL_NAMES[-1]
        targets = [rows.Target(f"{name}, inside", 1.05, f"{name}, outside")] if whole else ()
        out.append(rows.Row(f"{name}, outside", [value / scale for value in values["outside"]], unit=unit))
        out.append(rows.Row(f"{name}, inside", [value / scale for value in values["inside"]], unit=unit,
                            reference=f"{name}, outside", targets=targets))
    return out


if __name__ == "__main__":
    json.dump(compare(sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])), sys.stdout)
