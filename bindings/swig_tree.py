"""The public header as SWIG's front end reads it: `swig -xml`, without the tree's addresses and bookkeeping.

`facts(header)` gives what clang_tree.facts gives of the same header: handles, typedefs, enums, structs, functions,
with types spelled as in C. It knows nothing of comments.
"""
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree as ElementTree

INTERFACE = pathlib.Path(__file__).resolve().parent / "mxc.i"


def parse(header):
    """The part of SWIG's parse tree that comes from the header."""
    include = header.resolve().parent.parent
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "mxc.xml"
        done = subprocess.run(["swig", "-xml", f"-I{include}", "-o", output, INTERFACE], capture_output=True, text=True)
        if done.returncode or not output.exists():
            raise SystemExit(f"swig cannot read {header.name}:\n{done.stdout}{done.stderr}")
        tree = ElementTree.parse(output)
    for node in tree.iter("include"):
        if attributes(node).get("name", "").endswith("mxc/mxc.h"):
            return node
    raise SystemExit(f"swig did not include {header.name}")


def attributes(node):
    found = {}
    for item in node.findall("attributelist/attribute"):
        found.setdefault(item.get("name"), item.get("value"))
    return found


def spelled(code):
    """SWIG's "p.q(const).char" as C: "const char *"."""
    pointer = re.match(r"(q\(const\)\.)?p\.", code)
    if pointer:
        inner = spelled(code[pointer.end():])
        return inner + ("*" if inner.endswith("*") else " *") + ("const" if pointer[1] else "")
    if code.startswith("q(const)."):
        return "const " + spelled(code[len("q(const)."):])
    return code


def parameters(node):
    found = []
    for item in node.findall("attributelist/parmlist/parm"):
        known = attributes(item)
        if known["type"] != "void":
            found.append({"name": known.get("name", ""), "type": spelled(known["type"])})
    return found


def function(node, known):
    # "f(...).p." : what the declarator adds to the type comes after the parameters
    result = known["decl"][known["decl"].rindex(").") + 2:] + known["type"]
    return {"returns": spelled(result), "params": parameters(node)}


def struct(node):
    fields = [attributes(item) for item in node.findall("cdecl")]
    return [{"name": field["name"], "type": spelled(field["decl"] + field["type"])} for field in fields]


def enum(node):
    values = [attributes(item) for item in node.findall("enumitem")]
    return [{"name": item["name"], "value": number(item)} for item in values]


def number(item):
    """The value that the header says, None where it leaves that to the compiler."""
    return int(item["enumvalue"], 0) if "enumvalue" in item else None


def facts(header):
    found = {"handles": [], "typedefs": {}, "enums": {}, "structs": {}, "functions": {}}
    last_typedef = ""
    for node in parse(header):
        known = attributes(node)
        if node.tag == "class":
            found["structs"][known["name"]] = struct(node)
        elif node.tag == "enum":
            found["enums"][last_typedef] = enum(node)
        elif node.tag == "cdecl" and known["kind"] == "function":
            found["functions"][known["name"]] = function(node, known)
        elif node.tag == "cdecl" and known["kind"] == "typedef" and known["type"].startswith("struct "):
            if known["name"] not in found["structs"]:
                found["handles"].append(known["name"])
        elif node.tag == "cdecl" and known["kind"] == "typedef":
            found["typedefs"][known["name"]] = spelled(known["decl"] + known["type"])
            last_typedef = known["name"]
    found["handles"].sort()
    return found
