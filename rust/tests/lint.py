"""Lints of the Rust packages: each is a function that gives a list of findings, or raises Missing."""
import re
import subprocess

import toolchain

HARD = {"file": 300, "function": 50}


class Missing(Exception):
    pass


def component(cargo, name):
    """Whether cargo has this subcommand; distributions package them apart."""
    done = subprocess.run([cargo, name, "--version"], capture_output=True, env=toolchain.environment(cargo),
                          cwd=toolchain.RUST)
    if done.returncode:
        raise Missing({"fmt": "rustfmt"}.get(name, name))


def cargo_says(cargo, *words):
    done = toolchain.run(cargo, *words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return [] if done.returncode == 0 else [done.stdout[-4000:]]


def formatted(cargo):
    component(cargo, "fmt")
    # rustfmt takes no --offline
    done = subprocess.run([cargo, "fmt", "--all", "--check"], cwd=toolchain.RUST, capture_output=True, text=True,
                          env=toolchain.environment(cargo))
    return [] if done.returncode == 0 else [f"not formatted, run cargo fmt in rust/:\n{done.stdout[:3000]}"]


def clippy(cargo):
    component(cargo, "clippy")
    return cargo_says(cargo, "clippy", "--quiet", "--workspace", *toolchain.FEATURES, "--all-targets", "--", "-D",
                      "warnings")


def documented(cargo):
    """Documentation builds without warnings, and without the native library or what its build needs."""
    environment = dict(toolchain.environment(cargo), RUSTDOCFLAGS="-D warnings", DOCS_RS="1",
                       CARGO_TARGET_DIR=str(toolchain.TARGET / "doc-build"))
    del environment["MXC_BUILD_DIR"]
    command = [cargo, "doc", "--offline", "--no-deps", "-p", "mxc", "-p", "mxc-sys", *toolchain.FEATURES]
    done = subprocess.run(command, cwd=toolchain.RUST, capture_output=True, text=True, env=environment)
    return [] if done.returncode == 0 else [done.stderr[-4000:]]


def one_version(_cargo):
    version = (toolchain.ROOT / "VERSION").read_text().strip()
    found = []
    for path in (toolchain.RUST / "Cargo.toml", toolchain.RUST / "mxc" / "Cargo.toml"):
        said = re.findall(r'(?:^version|mxc-sys = .*version) = "=?(\d+\.\d+\.\d+)"', path.read_text(), re.M)
        if set(said) != {version}:
            found.append(f"{path.relative_to(toolchain.ROOT)} says {said}, VERSION says {version}")
    return found


def functions(lines):
    """(name, first line, number of lines) of the functions in formatted source."""
    for first, line in enumerate(lines):
        head = re.match(r"(\s*)(?:pub(?:\([a-z]+\))? )?(?:async )?(?:unsafe )?fn (\w+)", line)
        if head and not line.rstrip().endswith(("}", ";")):
            last = next((i for i in range(first, len(lines)) if lines[i] == head[1] + "}"), first)
            yield head[2], first + 1, last - first + 1


def sizes(_cargo):
    found = []
    for path in sorted(toolchain.RUST.glob("*/**/*.rs")):
        if "target" in path.parts or path.name == "bindings.rs":
            continue
        name, lines = path.relative_to(toolchain.ROOT), path.read_text().splitlines()
        if len(lines) > HARD["file"]:
            found.append(f"{name}: {len(lines)} lines, at most {HARD['file']}; split the file")
        found += [f"{name}:{line}: {function} has {count} lines, at most {HARD['function']}; split it"
                  for function, line, count in functions(lines) if count > HARD["function"]]
        if not lines[0].startswith(("//!", "#!")):
            found.append(f"{name}:1: a file begins with //! and says what it is for")
    return found


def lint(_words):
    cargo = toolchain.needed()
    toolchain.check_fetched(cargo)
    passed = failed = skipped = 0
    for check in (formatted, clippy, documented, one_version, sizes):
        try:
            findings = check(cargo)
        except Missing as missing:
            skipped += 1
            print(f"SKIP {check.__name__}: {missing}")
            continue
        failed, passed = failed + bool(findings), passed + (not findings)
        for finding in findings:
            print(f"FAILED {check.__name__}: {finding}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0
