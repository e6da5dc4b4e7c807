"""`python -m mxc ...`, and the command `mxc` of an installed package: the mxc command itself (docs/cli.md), which the
extension carries as a function. It has this process to itself, so it may take the signals over and end it.
"""
from __future__ import annotations

import os
import signal
import sys
from typing import Any

from ._native import ffi, lib


def _undo_signals() -> None:
    """As a program that is not Python finds them. What the caller (nohup) ignores stays ignored."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these, and a sandbox would inherit that
        signal.signal(number, signal.SIG_DFL)


def main() -> int:
    """Does what sys.argv says and gives the exit status of the command."""
    _undo_signals()
    words = [ffi.new("char[]", os.fsencode(word)) for word in ["mxc", *sys.argv[1:]]]
    command: Any = getattr(lib, "cli_main")  # the one function that is not of mxc.h
    return int(command(len(words), ffi.new("char *[]", [*words, ffi.NULL])))


if __name__ == "__main__":
    sys.exit(main())
