#!/usr/bin/env python3
"""Hard limits: a function has at most 80 lines and 6 parameters, a file at most 800 lines (C and Python).

More than three levels of nesting is printed as advice. Exceptions are in ratchet.txt, which may only shrink.
"""
import ast
import json
import re
import shutil
import subprocess
import sys

import common

LIMITS = {"function-lines": 80, "parameters": 6, "file-lines": 800}
NESTING = 3
RATCHET = "scripts/lint/ratchet.txt"
REMEDY = {
    "function-lines": "split it",
    "parameters": "pass a struct",
    "file-lines": "split the file",
}


def ratchet_entries(text):
    entries = {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            rule, path, name, value = line.split()
            entries[(rule, path, name)] = int(value)
    return entries


def committed_ratchets():
    """The ratchet list of HEAD and the one before its last change; nothing where there is no history."""
    def git(*args):
        done = subprocess.run(["git", "-C", common.ROOT, "-c", f"safe.directory={common.ROOT}", *args],
                              capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else None

    revisions = (git("log", "-2", "--format=%H", "--", RATCHET) or "").split()
    texts = [git("show", f"{revision}:{RATCHET}") for revision in revisions]
    return [ratchet_entries(text) for text in texts if text is not None]


def nesting(lines):
    """Deepest block inside a C function's body, not counting the body itself."""
    depth = deepest = 0
    for char in re.findall(r"[{}]", re.sub(r"=\s*\{[^{}]*\}|\)\s*\{[^{};]*\}", "", "\n".join(lines))):
        depth += 1 if char == "{" else -1
        deepest = max(deepest, depth)
    return max(0, deepest - 1)


def parameters(signature):
    inner = signature.strip()[1:-1].strip()
    if inner in ("", "void"):
        return 0
    depth, count = 0, 1
    for char in inner:
        depth += (char in "([") - (char in ")]")
        count += char == "," and depth == 0
    return count


def c_functions(paths):
    command = ["ctags", "--output-format=json", "--languages=C", "--map-C=+.h", "--kinds-C=f", "--fields=+neS",
               "--pseudo-tags=", "-f", "-", "-L", "-"]
    done = subprocess.run(command, cwd=common.ROOT, input="\n".join(map(str, paths)), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"ctags failed: {done.stderr.strip()}")
    for line in done.stdout.splitlines():
        tag = json.loads(line)
        if tag.get("_type") == "tag" and "end" in tag:
            yield tag["path"], tag["name"], tag["line"], tag["end"], tag.get("signature", "()")


def measure_c(paths):
    texts = {str(path): common.bare(common.read(path)).splitlines() for path in paths}
    for path, name, first, last, signature in c_functions(paths):
        yield "function-lines", path, name, first, last - first + 1
        yield "parameters", path, name, first, parameters(signature)
        yield "nesting", path, name, first, nesting(texts[path][first - 1:last])


def measure_python(path):
    try:
        tree = ast.parse(common.read(path))
    except SyntaxError as error:
        yield "syntax", str(path), "-", error.lineno or 1, 1
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield "function-lines", str(path), node.name, node.lineno, node.end_lineno - node.lineno + 1


def measurements():
    c_paths = list(common.files(".c", ".h"))
    yield from measure_c(c_paths)
    python = [path for path in common.files() if path.suffix == ".py" or
              (not path.suffix and common.read(path).startswith("#!/usr/bin/env python3"))]
    for path in python:
        yield from measure_python(path)
    for path in c_paths + python:
        yield "file-lines", str(path), "-", 1, common.read(path).count("\n")


def main():
    if not shutil.which("ctags"):
        common.skip("universal-ctags")
    allowed = ratchet_entries(common.read(RATCHET))
    findings = common.Findings()
    seen = set()
    for rule, path, name, line, value in measurements():
        where = "file" if name == "-" else name
        if rule == "nesting":
            if value > NESTING:
                print(f"{path}:{line}: advice: {where} nests {value} deep, {NESTING} is the aim")
            continue
        if rule == "syntax":
            findings.add(path, line, "does not parse; fix the syntax")
            continue
        if value <= LIMITS[rule]:
            continue
        key = (rule, path, name)
        seen.add(key)
        if key not in allowed:
            findings.add(path, line, f"{where}: {rule} {value}, at most {LIMITS[rule]}; {REMEDY[rule]}")
        elif value > allowed[key]:
            findings.add(path, line, f"{where}: {rule} grew from {allowed[key]} to {value}; {REMEDY[rule]}")
        elif value < allowed[key]:
            findings.add(RATCHET, 1, f"{path} {name}: {rule} is {value} now; write that instead of {allowed[key]}")
    for key in sorted(set(allowed) - seen):
        findings.add(RATCHET, 1, f"{' '.join(key)} is within the limits now; take the line out")
    for old, new in zip(committed_ratchets(), [allowed] + committed_ratchets()):
        for key in sorted(key for key in new if new[key] > old.get(key, 0)):
            findings.add(RATCHET, 1, f"{' '.join(key)} was added; the list may only shrink")
    return findings.status()


sys.exit(main())
