#!/usr/bin/env python3
"""The wheel as its user gets it: made, then installed into a fresh venv of every CPython from 3.10 that is here, offline,
from an empty folder. Each says hello, sees a denial and has the command; one that is not the build's also runs the
package's own tests. Ends with `N passed, N failed, N skipped`."""
import os
import pathlib
import shutil
import subprocess
import sys

from ground import BUILD, HELLO, REFUSED, ROOT, VERSION, Ground, Skip, light, main

WHEELS = ROOT / "build/wheels"
PROGRAM = f"""
import mxc
assert mxc.__file__.startswith(__import__("sys").prefix), mxc.__file__
print(mxc.run({HELLO!r}, "strict").check().stdout_text, end="")
print("denied:", mxc.run({REFUSED!r}, "strict").denials[0].what)
"""
# those that need neither the source tree nor much time
OWN_TESTS = ("test_errors.py", "test_units.py", "test_policy.py", "test_run.py", "test_files.py", "test_misuse_aio.py")


def interpreters():
    """[(version, path)]"""
    listed = subprocess.run([ROOT / "scripts/pythons"], capture_output=True, text=True, check=True).stdout
    return [tuple(line.split(" ", 1)) for line in listed.splitlines()]


def wheel():
    made = next((BUILD / "packages").glob(f"mxc-{VERSION}-cp310-abi3-*.whl"), None)
    assert made, "scripts/wheel made none"
    return made


def usable(python, role):
    as_user = ["setpriv", "--reuid=23456", "--regid=23456", "--clear-groups"] if role == "user" and os.geteuid() == 0 else []
    probe = "import sys, venv; open(sys.executable)"
    return subprocess.run([*as_user, python, "-c", probe], capture_output=True, cwd="/").returncode == 0


def environment(ground, python):
    """A fresh venv with the wheel in it: (its python, the rest of `pip install`)."""
    ground.run([python, "-m", "venv", "env"])
    inside = ground.folder / "env/bin/python"
    install = [inside, "-m", "pip", "install", "--quiet", "--no-index", "--disable-pip-version-check",
               "--find-links", ground.take(WHEELS), "--find-links", ground.take(BUILD / "packages")]
    ground.run([*install, f"mxc=={VERSION}"], PIP_CONFIG_FILE="/dev/null")
    return inside, install


def has_the_command(ground, python):
    for command in ([python, "-m", "mxc"], [ground.folder / "env/bin/mxc"]):
        assert ground.run([*command, "--version"]).stdout == f"mxc {VERSION}\n"
        ground.run([*command, "run", "--", "true"])
        ground.run([*command, "run", "--", "sh", "-c", "exit 3"], status=3)
        said = ground.run([*command, "run", "--ro", "/nowhere", "--", "true"], status=125).stderr
        assert "/nowhere" in said, said


def passes_its_own_tests(ground, python, install):
    ground.run([*install, "pytest", "trio", "anyio"], PIP_CONFIG_FILE="/dev/null")
    tests = ground.take(ROOT / "python/tests", "own-tests")
    done = ground.run([python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "-m", "not slow",
                       "--override-ini", "markers=slow", *OWN_TESTS], cwd=tests, timeout=300)
    print(f"{python}: its own tests: {done.stdout.splitlines()[-1]}")


def test_of(version, python, own_tests):
    def test(role):
        if not usable(python, role):
            raise Skip(f"{python} cannot be run as {role}, or has no venv")
        if not (WHEELS / f".for-{version.rpartition('.')[0]}").exists():
            raise Skip(f"no wheels of cffi for {version} (scripts/setup could not fetch them)")
        with Ground(f"wheel-{version}", role) as ground:
            inside, install = environment(ground, python)
            ground.says_hello([inside, ground.write("hello.py", PROGRAM)])
            has_the_command(ground, inside)
            if own_tests:
                passes_its_own_tests(ground, inside, install)
    test.__name__ = f"wheel_on_{version}"
    return test


def tests():
    found = interpreters()
    own = subprocess.run([sys.executable, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
                         capture_output=True, text=True, check=True).stdout.strip()
    others = [version for version, _ in found if version.rpartition(".")[0] != own]
    chosen = (others or [found[-1][0]])[-1]
    return [test_of(version, python, version == chosen) for version, python in found]


def run():
    if not shutil.which("objdump"):
        raise SystemExit("objdump is not there; run: make setup")
    subprocess.run([sys.executable, ROOT / "scripts/wheel"], check=True)
    light(wheel())
    return main(tests())


if __name__ == "__main__":
    sys.exit(run())
