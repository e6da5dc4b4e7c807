"""docs/reference: one page for each area of the header, readable without the header."""
import re

import emit

FOLDER = "docs/reference"
KINDS = {
    ("in",): "read during the call", ("out",): "written on success", ("out", "owned"): "written on success, yours to free",
    ("borrowed",): "stays yours", ("owned",): "given away",
}


def cell(text):
    return text.replace("|", "\\|")


def code(text):
    return f"```c\n{text}\n```\n"


def slug(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def table(head, rows):
    lines = [" | ".join(head), " | ".join("---" for _ in head)] + [" | ".join(cell(item) for item in row) for row in rows]
    return "".join(f"| {line} |\n" for line in lines)


def kinds(item):
    if item["type"] == "mxc_error **":
        return "written on failure, yours to free; may be NULL"
    words = KINDS.get(tuple(kind for kind in item["tags"] if kind != "nullable"), ", ".join(item["tags"]))
    return f"{words}; may be NULL" if "nullable" in item["tags"] else words


def returns(function):
    result = function["returns"]
    if result["type"] == "void":
        return ""
    if not result["doc"]:
        return "Returns a [status](status.md); `err` has the details.\n"
    notes = []
    if result["borrowed_by"] == "static":
        notes.append("valid always")
    elif result["borrowed_by"]:
        notes.append(f"valid until `{result['borrowed_by']}` is freed")
    if "owned" in result["tags"]:
        notes.append("yours to close")
    if result["type"].endswith("*"):
        notes.append("may be NULL" if "nullable" in result["tags"] else "never NULL")
    text = f"Returns {result['doc'].rstrip('.')}"
    return f"{text} ({', '.join(notes)}).\n" if notes else f"{text}.\n"


def wrapped_declaration(name, function):
    whole = emit.declaration(name, function) + ";"
    if len(whole) <= 100:
        return whole
    head, _, params = whole.partition("(")
    lead = " " * (len(head) + 1)
    lines, line = [], f"{head}("
    for param in params.split(", "):
        if len(line) + len(param) > 98 and line.strip() != f"{head}(":
            lines.append(line.rstrip())
            line = lead
        line += param + ", "
    return "\n".join(lines + [line[:-2]])


def function_text(name, function):
    blocking = "May block: it can wait for another process." if function["blocking"] == "yes" else "Does not block."
    threads = "Any thread at any time." if function["threadsafe"] == "any" else "One thread at a time per handle."
    params = [[f"`{item['name']}`", f"`{item['type']}`", kinds(item), item["doc"]] for item in function["params"]]
    text = f"### {name}\n\n{code(wrapped_declaration(name, function))}\n{emit.sentence(function['doc'])}\n\n"
    if params:
        text += table(["Parameter", "Type", "", "Meaning"], params) + "\n"
    result = returns(function)
    return text + (result + "\n" if result else "") + f"{blocking} {threads} Since {function['since']}.\n"


def handle_text(description, names):
    rows = [[f"`{name}`", f"`{description['handles'][name]['freed_with']}`", description["handles"][name]["doc"]]
            for name in names]
    return table(["Handle", "Freed with", ""], rows)


def typedef_text(description, name):
    values = description["enums"].get(name, [])
    named = name in emit.named_enums(description)
    rows = [[f"`{value['name']}`", str(value["value"])] + ([f"`{value['text']}`"] if named else []) + [value["doc"]]
            for value in values]
    head = ["Constant", "Number"] + (["Name"] if named else []) + [""]
    more = "\nThe list only grows: a program must expect a number that it does not know, and keep it.\n" if named else ""
    return f"### {name}\n\n{code('typedef ' + description['typedefs'][name]['type'] + ' ' + name + ';')}\n" + \
           table(head, rows) + more


def struct_text(name, item):
    rows = [[f"`{field['name']}`", f"`{field['type']}`", str(field["offset"]), field["doc"]] for field in item["fields"]]
    return f"### {name}\n\n{emit.sentence(item['doc'])}\n\n{table(['Field', 'Type', 'Offset', ''], rows)}\n" \
           f"{item['size']} bytes.\n"


def page(description, area):
    handles = [name for name in area["names"] if name in description["handles"]]
    parts = [f"<!-- {emit.MADE} -->\n# {area['title']}\n"]
    if handles:
        parts.append(handle_text(description, handles))
    for name in area["names"]:
        if name in description["typedefs"]:
            parts.append(typedef_text(description, name))
        elif name in description["structs"]:
            parts.append(struct_text(name, description["structs"][name]))
        elif name in description["functions"]:
            parts.append(function_text(name, description["functions"][name]))
    return "\n".join(parts)


def index(description):
    lines = [f"<!-- {emit.MADE} -->\n# The C interface\n\nEverything of `mxc.h`, by area. Strings are UTF-8 without NUL, "
             "sizes are bytes, times are as their name says.\n\n"]
    for area in description["areas"]:
        names = ", ".join(f"`{name}`" for name in area["names"])
        lines.append(f"- [{area['title']}]({slug(area['title'])}.md): {names}\n")
    return "".join(lines)


def files(description):
    made = {f"{FOLDER}/{slug(area['title'])}.md": page(description, area) for area in description["areas"]}
    return {**made, f"{FOLDER}/README.md": index(description)}
