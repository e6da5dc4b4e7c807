"""The public header as clang reads it: the second description, which must say what SWIG's says.

`facts(header)` gives the same shape as swig_tree.facts. Only what is visible outside (MXC_API) is a function here.
"""
import json
import subprocess


def parse(header):
    include = header.resolve().parent.parent
    command = ["clang", "-x", "c", "-std=c99", f"-I{include}", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-"]
    done = subprocess.run(command, input='#include "mxc/mxc.h"\n', capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"clang cannot read {header.name}:\n{done.stderr}")
    return json.loads(done.stdout)["inner"]


def named(name):
    return name.lower().startswith("mxc_")


def inner(node, *kinds):
    return [item for item in node.get("inner", []) if item["kind"] in kinds]


def function(node):
    params = [{"name": item.get("name", ""), "type": item["type"]["qualType"]} for item in inner(node, "ParmVarDecl")]
    returns = node["type"]["qualType"].partition("(")[0].strip()
    return {"returns": returns, "params": params}


def struct(node):
    return [{"name": item["name"], "type": item["type"]["qualType"]} for item in inner(node, "FieldDecl")]


def enum(node):
    found = []
    for item in inner(node, "EnumConstantDecl"):
        explicit = inner(item, "ConstantExpr")
        found.append({"name": item["name"], "value": int(explicit[0]["value"]) if explicit else None})
    return found


def facts(header):
    found = {"handles": [], "typedefs": {}, "enums": {}, "structs": {}, "functions": {}}
    last_typedef = ""
    for node in parse(header):
        name = node.get("name", "")
        if node["kind"] == "EnumDecl" and any(named(item["name"]) for item in node.get("inner", [])):
            found["enums"][last_typedef] = enum(node)
        elif not named(name):
            continue
        elif node["kind"] == "FunctionDecl" and inner(node, "VisibilityAttr"):
            found["functions"][name] = function(node)
        elif node["kind"] == "RecordDecl" and node.get("completeDefinition"):
            found["structs"][name] = struct(node)
        elif node["kind"] == "TypedefDecl" and node["type"]["qualType"].startswith("struct "):
            if name not in found["structs"]:
                found["handles"].append(name)
        elif node["kind"] == "TypedefDecl":
            found["typedefs"][name] = node["type"]["qualType"]
            last_typedef = name
    found["handles"].sort()
    return found
