"""Each binding says which functions it wraps and which it does without; one that nobody mentions fails."""
import json

import pytest

import words
import wraps
from conftest import ROOT

FUNCTIONS = list(json.loads((ROOT / "bindings/mxc.json").read_text())["functions"])


@pytest.mark.parametrize("language", ["python", *words.PRESENT])
def test_all_functions_are_listed_and_called(language):
    if language in words.PRESENT and not (ROOT / words.PRESENT[language]).exists():
        pytest.skip(f"{words.LANGUAGES[language]}: there is no {words.PRESENT[language]} yet")
    assert wraps.problems(ROOT, language, FUNCTIONS) == []


def listing(tmp_path, text="mxc_a(); mxc_b(); // mxc_c()", **changes):
    (tmp_path / "bindings/wraps").mkdir(parents=True, exist_ok=True)
    (tmp_path / "x.c").write_text(text)
    said = {"sources": ["*.c"], "call": r"(mxc_\w+)\(", "wraps": ["mxc_a", "mxc_b"], "without": {"mxc_c": "why"}}
    (tmp_path / "bindings/wraps/x.json").write_text(json.dumps({**said, **changes}))
    return wraps.problems(tmp_path, "x", ["mxc_a", "mxc_b", "mxc_c"])


@pytest.mark.parametrize("changes, said", [
    ({}, []),
    ({"without": {}}, ["mxc_c is in neither list"]),
    ({"wraps": ["mxc_a", "mxc_b", "mxc_c"]}, ["mxc_c is in both lists", "mxc_c is listed and not called"]),
    ({"without": {"mxc_c": " "}}, ["mxc_c has no reason"]),
    ({"without": {"mxc_c": "why", "mxc_d": "why"}}, ["mxc_d is no function of mxc.h"]),
    ({"wraps": ["mxc_b", "mxc_a"]}, ["the list `wraps` is not sorted, or has a name twice"]),
    ({"text": "mxc_a(); mxc_b(); mxc_c();"}, ["mxc_c is called and listed as not needed"]),
    ({"text": "mxc_a();"}, ["mxc_b is listed and not called"]),
    ({"text": "mxc_a(); F(mxc_##k)", "pasted": {"mxc_##k": ["mxc_b"]}}, []),
])
def test_what_is_wrong_is_said(tmp_path, changes, said):
    assert listing(tmp_path, **changes) == [f"bindings/wraps/x.json: {text}" for text in said]


def test_a_binding_without_a_list_fails(tmp_path):
    assert wraps.problems(tmp_path, "x", FUNCTIONS) == [
        "bindings/wraps/x.json is missing: it says which functions the binding wraps (bindings/README.md)"]
