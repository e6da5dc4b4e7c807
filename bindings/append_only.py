"""What may change between two descriptions of the header: there may be more at the end, and nothing else.

abidiff does not see renumbered enums, because these are numbers to a compiler; this sees names and numbers.
"""


def declared(description):
    """{kind: {name: what must stay}} of functions and typedefs, without texts and tags."""
    functions = {name: (item["returns"]["type"], tuple(param["type"] for param in item["params"]))
                 for name, item in description["functions"].items()}
    typedefs = {name: item["type"] for name, item in description["typedefs"].items()}
    return {"function": functions, "typedef": typedefs, "handle": dict.fromkeys(description["handles"], "opaque")}


def spelled(what):
    return f"{what[0]} ({', '.join(what[1])})" if isinstance(what, tuple) else what


def check_names(old, new):
    left, right = declared(old), declared(new)
    for kind, names in left.items():
        for name, was in names.items():
            now = right[kind].get(name)
            if now is None:
                yield f"{kind} {name} is gone"
            elif now != was:
                yield f"{kind} {name} was {spelled(was)} and is {spelled(now)}"


def check_enums(old, new):
    for enum, values in old["enums"].items():
        numbers = {value["name"]: value for value in new["enums"].get(enum, [])}
        for value in values:
            now = numbers.get(value["name"])
            if now is None:
                yield f"{enum}: {value['name']} is gone"
            elif now["value"] != value["value"]:
                yield f"{enum}: {value['name']} was {value['value']} and is {now['value']}"
            elif now["text"] != value["text"]:
                yield f'{enum}: {value["name"]} was named "{value["text"]}" and is named "{now["text"]}"'


def check_structs(old, new):
    for name, item in old["structs"].items():
        now = new["structs"].get(name)
        if now is None:
            yield f"struct {name} is gone"
            continue
        for index, field in enumerate(item["fields"]):
            place = ("name", "type", "offset", "size")
            was = [field[key] for key in place]
            has = [now["fields"][index][key] for key in place] if index < len(now["fields"]) else None
            if has != was:
                yield f"{name}: field {index} was {was[1]} {was[0]} at {was[2]} and is " + \
                      (f"{has[1]} {has[0]} at {has[2]}" if has else "gone") + "; fields are only appended"
                break
        if now["size"] < item["size"]:
            yield f"{name}: had {item['size']} bytes and has {now['size']}; a struct only grows"


def breaks(old, new):
    """Every difference that is not an addition, as text."""
    return [*check_names(old, new), *check_enums(old, new), *check_structs(old, new)]


def grown(old, new):
    """The structs that have more fields than they had."""
    return [name for name, item in old["structs"].items()
            if len(new["structs"].get(name, item)["fields"]) > len(item["fields"])]


def essence(description):
    """The description without areas, texts and tags: what a baseline has to remember."""
    def bare(value):
        if isinstance(value, dict):
            return {key: bare(item) for key, item in value.items()
                    if key not in ("areas", "doc", "tags", "borrowed_by", "freed_with", "blocking", "threadsafe", "since")}
        return [bare(item) for item in value] if isinstance(value, list) else value
    return bare(description)
