"""What the lints share: the list of files, C text without comments, and how a finding is printed.

A lint prints one line per finding, `path:line: what is wrong; what to do`, and ends with status 1 when there
was one, 77 when it cannot run here (its last line then names what is missing).
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
NOT_OURS = {".git", "node_modules", "target", "__pycache__"}


def files(*suffixes, under=()):
    """Paths relative to the root of the files git tracks or would add, or of all where git is not there."""
    command = ["git", "-C", ROOT, "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard", "-z"]
    listing = subprocess.run(command, capture_output=True, text=True) if (ROOT / ".git").exists() else None
    if listing and listing.returncode == 0:
        names = sorted(set(filter(None, listing.stdout.split("\0"))))
    else:
        names = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*"))
    for name in names:
        path = ROOT / name
        if name.startswith("build/") or not NOT_OURS.isdisjoint(pathlib.Path(name).parts):
            continue
        if suffixes and path.suffix not in suffixes:
            continue
        if under and not name.startswith(tuple(f"{folder}/" for folder in under)):
            continue
        if path.is_file() and not path.is_symlink():
            yield pathlib.Path(name)


def read(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


_TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)


def bare(text, keep_strings=False):
    """C text with comments (and strings) blanked; every line and column stays where it was."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token if keep_strings else token[0] + " " * (len(token) - 2) + token[0]
        return re.sub(r"[^\n]", " ", token)

    return _TOKEN.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


class Findings:
    def __init__(self):
        self.count = 0

    def add(self, path, line, text):
        self.count += 1
        print(f"{path}:{line}: {text}")

    def status(self):
        return 1 if self.count else 0


def skip(what):
    print(f"skipped, needs {what}")
    sys.exit(SKIPPED)
