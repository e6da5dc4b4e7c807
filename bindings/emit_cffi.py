"""What Python needs: the declarations for CFFI (_cdef.h) and the types of the extension (_native.pyi)."""
import emit


def values(items):
    return "".join(f"    {item['name']} = {item['value']}{',' if item is not items[-1] else ''}\n" for item in items)


def declared(description, kind, name):
    if kind == "handles":
        return f"typedef struct {name} {name};\n"
    if kind == "typedefs":
        items = description["enums"].get(name)
        text = f"typedef {emit.declarator(description['typedefs'][name]['type'], name)};\n"
        return text + (f"enum {{\n{values(items)}}};\n" if items else "")
    if kind == "structs":
        fields = "".join(f"    {emit.declarator(field['type'], field['name'])};\n"
                         for field in description["structs"][name]["fields"])
        return f"typedef struct {name} {{\n{fields}}} {name};\n"
    return emit.declaration(name, description["functions"][name]) + ";\n"


def cdef(description):
    lines = [declared(description, kind, name) for kind, name in emit.in_order(description)]
    return f"/* {emit.MADE} */\n/* clang-format off */\n" + "".join(lines)


def python_type(description, kind):
    if kind.endswith("*") or kind in description["handles"]:
        return "_Pointer"
    return "None" if kind == "void" else "int"


def stub(name, function, description):
    params = "".join(f", {item['name']}: {python_type(description, item['type'])}" for item in function["params"])
    result = python_type(description, function["returns"]["type"])
    return f"    def {name}(self{params}, /) -> {result}: ...\n"


def native(description):
    constants = "".join(f"    {item['name']}: int\n" for name in sorted(description["enums"])
                        for item in description["enums"][name])
    functions = "".join(stub(name, description["functions"][name], description)
                        for name in sorted(description["functions"]))
    return (f"# {emit.MADE}\n# The extension that _build_native.py describes; its functions are those of mxc.h.\n"
            "from typing import Any\n\n_Pointer = Any  # what CFFI takes for a pointer: a cdata, bytes, ffi.NULL\n\n"
            f"ffi: Any\n\n\nclass _Library:\n{constants}\n{functions}\n\nlib: _Library\n")


def files(description):
    return {"python/src/mxc/_cdef.h": cdef(description), "python/src/mxc/_native.pyi": native(description)}
