"""Which cargo to use, and in what surroundings. Tests run offline: scripts/setup has fetched what they need."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

RUST = pathlib.Path(__file__).resolve().parent.parent
ROOT = RUST.parent
BUILD = pathlib.Path(os.environ.get("MXC_BUILD", ROOT / "build")).resolve()
TARGET = BUILD / "rust"
FEATURES = ("--features", "mxc/tokio,mxc/serde")


def skip(what):
    print(f"skipped, needs {what}", flush=True)
    sys.exit(77)


def oldest():
    """The oldest Rust that the packages are for, as (major, minor)."""
    found = re.search(r'^rust-version = "(\d+)\.(\d+)"', (RUST / "Cargo.toml").read_text(), re.M)
    return int(found[1]), int(found[2])


def candidates():
    yield os.environ.get("CARGO")
    yield shutil.which("cargo")
    yield os.path.expanduser("~/.cargo/bin/cargo")
    # Ubuntu has newer ones beside its default, under names with a version
    yield from sorted(map(str, pathlib.Path("/usr/bin").glob("cargo-1.*")), reverse=True)


def version_of(cargo):
    try:
        printed = subprocess.run([cargo, "--version"], capture_output=True, text=True, timeout=60).stdout
    except OSError:
        return None
    found = re.match(r"cargo (\d+)\.(\d+)", printed)
    return (int(found[1]), int(found[2])) if found else None


def cargo(least=None):
    """A cargo that is new enough; None when there is none."""
    least = max(least or oldest(), oldest())
    for program in candidates():
        if program and os.access(program, os.X_OK) and (version_of(program) or (0, 0)) >= least:
            return program
    return None


def needed(least=None):
    """The same; ends the test as skipped when there is none."""
    wanted = ".".join(map(str, max(least or oldest(), oldest())))
    return cargo(least) or skip(f"cargo {wanted} or newer")


def environment(program):
    beside = re.sub(r"cargo", "rustc", os.path.basename(program))
    rustc = os.path.join(os.path.dirname(program), beside)
    found = dict(os.environ, MXC_BUILD_DIR=str(BUILD), CARGO_TARGET_DIR=str(TARGET), CARGO_TERM_COLOR="never",
                 CARGO_TERM_PROGRESS_WHEN="never", RUST_BACKTRACE="0")
    if beside != "rustc" and os.path.exists(rustc):
        found["RUSTC"] = rustc
    return found


def run(program, *words, **more):
    """Runs cargo on the packages, without network."""
    command = [program, words[0], "--offline", *words[1:]]
    return subprocess.run(command, cwd=RUST, env=environment(program), stdin=subprocess.DEVNULL, **more)


def host(program):
    """The name of this machine's kind: what other kinds need is not fetched."""
    found = environment(program)
    rustc = found.get("RUSTC") or os.path.join(os.path.dirname(program), "rustc")
    printed = subprocess.run([rustc, "-vV"], capture_output=True, text=True, env=found, cwd=RUST).stdout
    return re.search(r"^host: (\S+)", printed, re.M)[1]


def fetch(program, *words):
    command = [program, "fetch", "--quiet", "--target", host(program), *words]
    return subprocess.run(command, cwd=RUST, env=environment(program), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)


def check_fetched(program):
    if fetch(program, "--offline").returncode:
        skip("the crates of rust/*/Cargo.toml: run make setup, it fetches them")
