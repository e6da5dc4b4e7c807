"""What a declaration of the public header may look like, and which tags it must carry.

The vocabulary is the one in the head of mxc.h; the rules of the ABI are those of docs/architecture.md. All functions
give problems as text; none of them ends the program.
"""
import re

import layout

KINDS = ({"in"}, {"out"}, {"out", "owned"}, {"borrowed"}, {"owned"})
SCALARS = set(layout.SIZES) - {"char"}
SINCE = re.compile(r"\d+\.\d+$")


def pointer(kind):
    return kind.endswith(("*", "*const"))


# ---- tags of one function

def read_param(fact, kinds, text):
    """Problems of one @param."""
    base = set(kinds) - {"nullable"}
    if not kinds or base not in KINDS or len(kinds) != len(set(kinds)):
        yield f"@param[{','.join(kinds)}] is no kind; one of in, out, out,owned, borrowed, owned, with nullable or not"
    if base != {"in"} and not pointer(fact["type"]):
        yield f"@param[{','.join(kinds)}] {fact['name']} is not a pointer"
    if "nullable" in kinds and not pointer(fact["type"]):
        yield f"@param[{','.join(kinds)}] {fact['name']} cannot be NULL"
    if "out" in kinds and fact["type"].startswith("const ") and fact["type"].count("*") == 1:
        yield f"@param[{','.join(kinds)}] {fact['name']} points to const and cannot be written"


def read_params(fact, tags):
    """(described parameters, problems)"""
    said, wrong = {}, []
    for _, kinds, rest in (tag for tag in tags if tag[0] == "param"):
        name, _, text = rest.partition(" ")
        if name in said:
            wrong.append(f"@param {name} is there twice")
        said[name] = (kinds, text.strip())
    names = [item["name"] for item in fact["params"]]
    wrong += [f"@param {name} is no parameter of it" for name in said if name not in names]
    if [name for name in said if name in names] != [name for name in names if name in said]:
        wrong.append("the @param tags are in another order than the parameters")
    params = []
    for item in fact["params"]:
        kinds, text = said.get(item["name"], ([], ""))
        if not item["name"]:
            wrong.append("a parameter has no name")
        elif item["name"] not in said:
            wrong.append(f"@param is missing for {item['name']}")
        else:
            wrong += read_param(item, kinds, text)
        params.append({**item, "tags": sorted(kinds), "doc": text})
    return params, wrong


def read_return(fact, tags):
    """(described result, problems)"""
    found = {"type": fact["returns"], "tags": [], "borrowed_by": "", "doc": ""}
    said = [tag for tag in tags if tag[0] == "return"]
    fails = bool(fact["params"]) and fact["params"][-1]["type"] == "mxc_error **"
    if not said:
        return found, [] if fact["returns"] == "void" or fails else ["@return is missing"]
    if fails or fact["returns"] == "void":
        return found, ["@return is there, and it returns nothing but a status"]
    wrong = ["@return is there twice"] if len(said) > 1 else []
    for kind in said[0][1]:
        owner = re.match(r"borrowed by (\w+)$", kind)
        if owner and owner[1] in {"static"} | {item["name"] for item in fact["params"]}:
            found["borrowed_by"] = owner[1]
        elif kind not in ("owned", "nullable"):
            wrong.append(f"@return[{kind}] is no kind; owned, nullable, or borrowed by a parameter or by static")
    found["tags"] = sorted(kind.split(" by ")[0] for kind in said[0][1])
    found["doc"] = said[0][2]
    if pointer(fact["returns"]) and not found["borrowed_by"] and "owned" not in found["tags"]:
        wrong.append("@return does not say whose the pointer is: [borrowed by X] or [owned]")
    if "nullable" in found["tags"] and not pointer(fact["returns"]):
        wrong.append("@return[nullable] is not a pointer")
    if not found["doc"]:
        wrong.append("@return has no text")
    return found, wrong


def read_word(tags, name, allowed):
    said = [tag[2] for tag in tags if tag[0] == name]
    if not said:
        return "", [f"@{name} is missing"]
    if len(said) > 1:
        return said[0], [f"@{name} is there twice"]
    good = said[0] in allowed if isinstance(allowed, tuple) else allowed.match(said[0])
    return said[0], [] if good else [f'@{name} "{said[0]}" is none of its words']


def read_tags(fact, text, tags):
    """(what the comment says of a function, problems)"""
    params, wrong = read_params(fact, tags)
    returns, more = read_return(fact, tags)
    found = {"params": params, "returns": returns}
    wrong += more
    for name, allowed in (("blocking", ("yes", "no")), ("threadsafe", ("any", "owner")), ("since", SINCE)):
        found[name], more = read_word(tags, name, allowed)
        wrong += more
    known = ("param", "return", "blocking", "threadsafe", "since")
    wrong += [f"@{tag[0]} is no tag" for tag in tags if tag[0] not in known]
    if not text:
        wrong.append("has no text that says what it does")
    return found, wrong


# ---- shapes

def wrong_type(kind, facts):
    """Why a type is not for the ABI, or nothing."""
    base = re.sub(r"\bconst\b|\*", " ", kind).split()
    if len(base) != 1 or base[0] not in SCALARS | {"char", "void"} | set(facts["typedefs"]) | set(facts["structs"]) | \
            set(facts["handles"]):
        return f'the type "{kind}" is not for the ABI: fixed-width integers, size_t, char and void behind a pointer, ' \
               "handles and structs behind a pointer"
    if not pointer(kind) and base[0] not in SCALARS | set(facts["typedefs"]):
        return f'"{kind}" is passed by value'
    return ""


def uses(facts):
    """Every (place, type) of the header."""
    for name, fields in facts["structs"].items():
        yield from ((f"{name}.{field['name']}", field["type"]) for field in fields)
    for name, fact in facts["functions"].items():
        yield from ((f"{name}({item['name']})", item["type"]) for item in fact["params"])
        if fact["returns"] != "void":
            yield f"{name} returns", fact["returns"]


def check_enums(facts):
    for name, values in facts["enums"].items():
        if facts["typedefs"].get(name) != "int32_t":
            yield f'an enum ({values[0]["name"]}, ...) does not follow its "typedef int32_t name;"'
        yield from (f"{value['name']} has no value of its own" for value in values if value["value"] is None)
        numbers = [value["value"] for value in values]
        if len(set(numbers)) != len(numbers):
            yield f"{name}: two values have the same number"


def check_facts(facts):
    found = [f"{place}: {wrong_type(kind, facts)}" for place, kind in uses(facts) if wrong_type(kind, facts)]
    found += check_enums(facts)
    for name, fields in facts["structs"].items():
        if not fields or fields[0] != {"name": "struct_size", "type": "size_t"}:
            found.append(f"{name}: the first field is not `size_t struct_size`")
    for name, fact in facts["functions"].items():
        kinds = [item["type"] for item in fact["params"]]
        if "mxc_error **" in kinds and (fact["returns"] != "mxc_status" or kinds[-1] != "mxc_error **"):
            found.append(f"{name}: `mxc_error **err` is the last parameter of a function that returns mxc_status")
    return found


def check_description(description):
    """What needs names and comments together."""
    functions = description["functions"]
    found = []
    for name, handle in description["handles"].items():
        if handle["freed_with"] not in functions:
            found.append(f"{name}: its comment does not name the function that frees it")
    items = [*description["enums"].items(), *((name, item["fields"]) for name, item in description["structs"].items())]
    found += [f"{name}: there is no comment behind {item['name']}" for name, all_of in items for item in all_of
              if not item["doc"]]
    for name, function in functions.items():
        texts = [function["doc"], function["returns"]["doc"]] + [item["doc"] for item in function["params"]]
        found += [f"{name}: mentions {other}(), which there is not" for text in texts
                  for other in re.findall(r"\b(mxc_\w+)\(", text) if other not in functions]
    return found
