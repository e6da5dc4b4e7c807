#!/usr/bin/env python3
"""Describes the public header as data: core/include/mxc/mxc.h -> bindings/mxc.json.

bindings/describe.py [--header H] [--output O]

Names and types are what SWIG's front end reads (swig_tree.py), and clang's must say the same (clang_tree.py,
compare.py); texts and tags come from the comments (comments.py); what the ABI forbids fails here (rules.py). The
result is sorted and holds no addresses, lines or dates: a difference in it is a difference of the header.
"""
import argparse
import json
import pathlib
import re
import shutil
import sys

import clang_tree
import comments
import compare
import layout
import rules
import swig_tree

HERE = pathlib.Path(__file__).resolve().parent
HEADER = HERE.parent / "core/include/mxc/mxc.h"
OUTPUT = HERE / "mxc.json"


def described_function(name, fact, declaration, problems):
    text, tags = comments.split_tags(declaration.doc or "")
    found, wrong = rules.read_tags(fact, text, tags)
    problems += [f"line {declaration.line}: {name}: {what}" for what in wrong]
    if not declaration.exported:
        problems.append(f"line {declaration.line}: {name}: is not MXC_API")
    return {"doc": text, **found}


def value_text(enum, value):
    """(name of a value as the library prints it, its comment): from quotes at the comment's start, else the
    constant's own name."""
    quoted = re.match(r'"([^"]+)"(?:: )?', value["doc"])
    if quoted:
        return quoted[1], value["doc"][quoted.end():]
    for prefix in (f"{enum.upper()}_", "MXC_E_", "MXC_"):
        if value["name"].startswith(prefix):
            return value["name"][len(prefix):].lower(), value["doc"]
    return value["name"].lower(), value["doc"]


def described_enum(name, values, declaration):
    found = []
    for value in values:
        value = {**value, "doc": declaration.members.get(value["name"], "")}
        value["text"], value["doc"] = value_text(name, value)
        found.append(value)
    return found


def described_struct(fields, declaration, typedefs):
    sized, size = layout.of(fields, typedefs)
    for field in sized:
        field["doc"] = declaration.members.get(field["name"], "")
    return {"doc": comments.split_tags(declaration.doc or "")[0], "fields": sized, "size": size}


def described_handle(doc):
    freed_with, _, text = (doc or "").partition(";")
    return {"doc": text.strip(), "freed_with": freed_with.strip()}


def join(facts, areas, problems):
    """The description: what the front end knows, with the comments' part."""
    declared = {item.name: item for _, items in areas for item in items if item.name}
    behind = dict(zip([item.name for _, items in areas for item in items],
                      [item for _, items in areas for item in items][1:]))
    missing = [name for kind in ("handles", "typedefs", "structs", "functions") for name in facts[kind]
               if name not in declared]
    if missing:
        raise SystemExit(f"the text of the header and its parse tree differ about {', '.join(missing)}")
    return {
        "areas": [{"title": title, "names": [item.name for item in items if item.name]} for title, items in areas],
        "handles": {name: described_handle(declared[name].doc) for name in facts["handles"]},
        "typedefs": {name: {"type": kind, "doc": declared[name].doc or ""} for name, kind in facts["typedefs"].items()},
        "enums": {name: described_enum(name, values, behind[name]) for name, values in facts["enums"].items() if name},
        "structs": {name: described_struct(fields, declared[name], facts["typedefs"])
                    for name, fields in facts["structs"].items()},
        "functions": {name: described_function(name, fact, declared[name], problems)
                      for name, fact in facts["functions"].items()},
    }


def describe(header):
    """(description, problems) of a header in a folder named mxc."""
    missing = [name for name in ("swig", "clang") if not shutil.which(name)]
    if missing:
        raise SystemExit(f"{' and '.join(missing)} read the header, and are not here: run `make setup`")
    facts = swig_tree.facts(header)
    problems = rules.check_facts(facts)
    problems += [f"swig and clang differ: {line}" for line in compare.differences(facts, clang_tree.facts(header))]
    description = join(facts, comments.declarations(header.read_text(encoding="utf-8")), problems)
    return description, problems + rules.check_description(description)


def text_of(description):
    return json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--header", type=pathlib.Path, default=HEADER)
    parser.add_argument("--output", type=pathlib.Path, default=OUTPUT)
    args = parser.parse_args()
    description, problems = describe(args.header)
    for problem in problems:
        print(f"{args.header.name}: {problem}", file=sys.stderr)
    if problems:
        return 1
    args.output.write_text(text_of(description), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
