"""Two descriptions of one header, made by two front ends, must be equal; here is where they are not, in words."""


def flat(value, path=""):
    """{"functions mxc_run params 0 type": "...", ...}"""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = [(str(item.get("name") or index) if isinstance(item, dict) else str(index), item)
                 for index, item in enumerate(value)]
    else:
        return {path.strip(): value}
    found = {path.strip(): ""} if not value else {}
    for key, item in items:
        found.update(flat(item, f"{path} {key}"))
    return found


def order(facts, name):
    """The order of fields, parameters and values counts too, and is not in the flat form."""
    for kind in ("structs", "enums"):
        for key, items in facts[kind].items():
            yield f"{kind} {key} {name}", ", ".join(item["name"] for item in items)


def differences(swig, clang):
    """Lines such as `functions mxc_run returns: swig says "int32_t", clang says "mxc_status"`."""
    left, right = flat(swig) | dict(order(swig, "order")), flat(clang) | dict(order(clang, "order"))
    found = []
    for key in sorted(left.keys() | right.keys()):
        if left.get(key) != right.get(key):
            said = [f'"{side[key]}"' if key in side else "nothing" for side in (left, right)]
            found.append(f"{key}: swig says {said[0]}, clang says {said[1]}")
    return found
