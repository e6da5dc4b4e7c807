"""The conformance suite through the Rust crate. Arguments: harness/runner.py; the program: rust/conformance, built by
rust/tests/run, or $MXC_RUST_PROGRAM."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from harness import bridge, runner  # noqa: E402

PROGRAM = os.environ.get("MXC_RUST_PROGRAM") or os.path.join(os.environ.get("MXC_BUILD", "build"), "rust", "debug",
                                                             "mxc-conformance")

# that a closed sandbox cannot be used is seen by the compiler
OWN = {"policy-command": True, "closed-handles": False}

if __name__ == "__main__":
    sys.exit(runner.main(bridge.Bridge("rust", [PROGRAM], OWN)))
