"""SWIG and clang read the same header; where they would not, the difference is said in words."""
import copy

import pytest

import clang_tree
import compare
import describe
import swig_tree
from conftest import SMALL


def test_both_read_the_public_header_alike():
    swig, clang = swig_tree.facts(describe.HEADER), clang_tree.facts(describe.HEADER)
    assert compare.differences(swig, clang) == []
    assert swig == clang
    assert len(swig["functions"]) > 60 and len(swig["structs"]) >= 2 and len(swig["enums"]) >= 6


CHANGES = {
    "type": (lambda facts: facts["functions"]["mxc_thing_count"].update(returns="int64_t"),
             'functions mxc_thing_count returns: swig says "uint64_t", clang says "int64_t"'),
    "parameter": (lambda facts: facts["functions"]["mxc_thing_new"]["params"][1].update(name="other"),
                  'functions mxc_thing_new params options name: swig says "options", clang says nothing'),
    "field": (lambda facts: facts["structs"]["mxc_options"].reverse(),
              'structs mxc_options order: swig says "struct_size, name", clang says "name, struct_size"'),
    "value": (lambda facts: facts["enums"]["mxc_status"][1].update(value=-2),
              'enums mxc_status MXC_E_PATH value: swig says "-1", clang says "-2"'),
    "function": (lambda facts: facts["functions"].pop("mxc_thing_free"),
                 'functions mxc_thing_free returns: swig says "void", clang says nothing'),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_difference_is_said_in_words(header, kind):
    swig = swig_tree.facts(header(SMALL))
    clang = copy.deepcopy(swig)
    change, said = CHANGES[kind]
    change(clang)
    assert said in compare.differences(swig, clang)


def test_a_difference_fails_the_description(header, monkeypatch):
    path = header(SMALL)
    wrong = clang_tree.facts(path)
    wrong["enums"]["mxc_status"][1]["value"] = -7
    monkeypatch.setattr(clang_tree, "facts", lambda _: wrong)
    assert describe.describe(path)[1] == [
        'swig and clang differ: enums mxc_status MXC_E_PATH value: swig says "-1", clang says "-7"']


@pytest.mark.parametrize("code, text", [
    ("p.p.mxc_result", "mxc_result **"), ("p.q(const).char", "const char *"), ("q(const).char", "const char"),
    ("p.q(const).p.q(const).char", "const char *const *"), ("p.void", "void *"), ("size_t", "size_t")])
def test_types_are_spelled_as_in_c(code, text):
    assert swig_tree.spelled(code) == text
