#!/usr/bin/env python3
"""Makes src/mxc/_cdef.h, what CFFI is told about the library, from core/include/mxc/mxc.h.

python/build_cdef.py            writes the file
python/build_cdef.py --check    says whether it is current (status 1: it is not)

Comments, preprocessor lines, attributes and the C++ braces go; every declaration stays as it is, so
nothing about the library is typed twice. The extension is compiled against the header itself, and
the compiler compares the two.
"""
import argparse
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
HEADER = HERE.parent / "core/include/mxc/mxc.h"
OUTPUT = HERE / "src/mxc/_cdef.h"
HEAD = "/* Made by python/build_cdef.py from mxc.h; do not edit. */\n/* clang-format off */\n"


def cdef(header: str) -> str:
    """The declarations of the header text, one statement after the other."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", header, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
    text = re.sub(r'extern "C" \{', "", text)
    text = re.sub(r"\bMXC_API\b[ \t]*", "", text)
    text = re.sub(r"__attribute__\s*\(\(.*?\)\)", "", text, flags=re.S)
    text = re.sub(r"\([^()]*\)", lambda match: " ".join(match[0].split()), text)  # another line break is no change
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if lines and lines[-1] == "}":  # the end of extern "C"
        lines.pop()
    if "".join(lines).count("{") != "".join(lines).count("}"):
        raise SystemExit("build_cdef: braces of mxc.h do not match; is there a construct this script does not know?")
    return HEAD + "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--header", type=pathlib.Path, default=HEADER)
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    made = cdef(args.header.read_text(encoding="utf-8"))
    current = args.output.read_text(encoding="utf-8") if args.output.exists() else None
    if args.check:
        return 0 if made == current else 1
    if made != current:
        args.output.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
