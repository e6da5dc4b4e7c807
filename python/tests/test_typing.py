"""The types of the package and of a program that uses it: mypy --strict and pyright find nothing."""
import importlib.util
import pathlib
import subprocess
import sys

import pytest

PYTHON = pathlib.Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("checker, arguments", [
    ("mypy", ["--cache-dir", "{cache}", "--no-error-summary"]),
    ("basedpyright", ["--warnings"]),
])
def test_types(checker, arguments, tmp_path):
    if not importlib.util.find_spec(checker):
        pytest.skip(f"no {checker} here")
    command = [sys.executable, "-m", checker, *(word.format(cache=tmp_path) for word in arguments)]
    done = subprocess.run(command, cwd=PYTHON, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
