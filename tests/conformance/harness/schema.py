"""The part of JSON Schema that case.schema.json uses, so that no package is needed. A keyword that is not known
here is an error, not ignored."""
import re

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"type", "enum", "pattern", "minLength", "minItems", "minimum", "required", "properties",
         "additionalProperties", "items", "oneOf", "minProperties", "$ref", "description", "$schema", "$id", "title",
         "$defs", "const"}


class SchemaError(Exception):
    pass


def is_type(value, name):
    if name == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def faults(value, schema, root, where=""):
    """What is wrong with the value, as a list of texts."""
    unknown = set(schema) - KNOWN
    if unknown:
        raise SchemaError(f"keyword {sorted(unknown)} is not known")
    if "$ref" in schema:
        return faults(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, where)
    names = schema.get("type")
    if names is not None and not any(is_type(value, n) for n in ([names] if isinstance(names, str) else names)):
        return [f"{where or '/'}: is not {names}"]
    found = scalar_faults(value, schema, where)
    if isinstance(value, dict):
        found += object_faults(value, schema, root, where)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            found.append(f"{where}: too few items")
        for number, item in enumerate(value):
            found += faults(item, schema.get("items", {}), root, f"{where}/{number}")
    if "oneOf" in schema:
        fits = [s for s in schema["oneOf"] if not faults(value, s, root, where)]
        if len(fits) != 1:
            found.append(f"{where or '/'}: fits {len(fits)} of {len(schema['oneOf'])} forms, must fit one")
    return found


def scalar_faults(value, schema, where):
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: is not {schema['const']!r}")
    if isinstance(value, str):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{where}: {value!r} does not look like {schema['pattern']}")
        if len(value) < schema.get("minLength", 0):
            found.append(f"{where}: too short")
    if "minimum" in schema and is_type(value, "number") and value < schema["minimum"]:
        found.append(f"{where}: below {schema['minimum']}")
    return found


def object_faults(value, schema, root, where):
    found = [f"{where}/{key}: is missing" for key in schema.get("required", []) if key not in value]
    if len(value) < schema.get("minProperties", 0):
        found.append(f"{where or '/'}: too few keys")
    for key, item in value.items():
        if key in schema.get("properties", {}):
            found += faults(item, schema["properties"][key], root, f"{where}/{key}")
        elif schema.get("additionalProperties", True) is False:
            found.append(f"{where}/{key}: is no key of this place")
    return found
