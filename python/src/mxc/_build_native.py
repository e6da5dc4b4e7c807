"""Writes the C source of the extension mxc._native (CFFI, API mode). Used by the build only.

python _build_native.py <cdef file> <output.c>

The build compiles it with Py_LIMITED_API against mxc.h and links the static objects of the library
into it, so the extension needs neither libmxc.so nor this file at run time. It carries the mxc command as
well, as a function: see __main__.py.
"""
import pathlib
import sys

from cffi import FFI

COMMAND = "int cli_main(int argc, char **argv);\n"


def source(cdef: str, output: str) -> None:
    ffi = FFI()
    ffi.cdef(cdef + COMMAND)
    ffi.set_source("mxc._native", '#include "mxc/mxc.h"\n#include "cli/cli.h"', py_limited_api=True)
    ffi.emit_c_code(output)


if __name__ == "__main__":
    source(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2])
