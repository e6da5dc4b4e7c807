"""Reading cases: strict JSON, the schema, ids that are file names, placeholders."""
import json
import os
import pathlib

from . import schema

FOLDER = pathlib.Path(os.environ.get("MXC_CASES") or pathlib.Path(__file__).resolve().parent.parent)
AREAS = ("policy", "filesystem", "process", "limits", "output", "timeout", "errors", "receipts", "denials",
         "lifecycle", "network", "cancel")


class CaseError(Exception):
    pass


def no_doubles(pairs):
    found = {}
    for key, value in pairs:
        if key in found:
            raise CaseError(f"key {key} twice")
        found[key] = value
    return found


def read_json(path):
    return json.loads(path.read_text(), object_pairs_hook=no_doubles)


def load(wrong=False, folder=FOLDER):
    """All cases in the order of their ids; the deliberately wrong ones instead when asked for."""
    rules = read_json(folder / "case.schema.json")
    found = []
    for path in sorted(folder.glob("*/*.json")):
        if path.name.startswith("wrong-") != wrong:
            continue
        name = f"{path.parent.name}/{path.stem}"
        try:
            case = read_json(path)
        except (ValueError, CaseError) as error:
            raise CaseError(f"{name}: {error}") from error
        faults = schema.faults(case, rules, rules)
        if case.get("id") != name:
            faults.append(f"/id: is not the file's name {name}")
        if path.parent.name not in AREAS:
            faults.append(f"no area named {path.parent.name}")
        if faults:
            raise CaseError(f"{name}: " + "; ".join(faults))
        found.append(case)
    return found


def fill(value, places):
    """Replaces ${NAME} everywhere; an unknown name is an error."""
    if isinstance(value, dict):
        return {fill(key, places): fill(item, places) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, places) for item in value]
    if not isinstance(value, str):
        return value
    for name, text in places.items():
        value = value.replace("${" + name + "}", text)
    if "${" in value:
        raise CaseError(f"unknown placeholder in {value!r}")
    return value
