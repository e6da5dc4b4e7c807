"""The cases for other hosts than the usual one. MXC_SLOW: on a machine that is so many times slower, as an emulated one,
that many times as long is waited and may be taken. weaker: every policy takes the wall without namespaces, and what lies in
the granted folder is everybody's, as that wall needs it where root starts it."""
import json
import os
import shutil

from . import cases

SLOW = int(os.environ.get("MXC_SLOW", 1))
WAITS = ("afterMs", "sleepMs", "timeoutMs", "graceMs", "stopGraceMs", "wallTimeMs", "timeout")
ACTS = ("sleep", "stubborn")  # of the probe, with such a time behind
PATIENCE = 2000  # milliseconds: longer times do not decide a case
IN_VAIN, TO_BE_SEEN = "500", "5000"  # milliseconds, as arguments of the probe


def slowed(value, key=""):
    if key == "elapsedMs":
        return {**value, "max": value.get("max", PATIENCE) * SLOW}
    if isinstance(value, dict):
        return {name: slowed(item, name) for name, item in value.items()}
    if isinstance(value, list):
        value = to_be_seen(value)
        return [slowed(item, item_before) for item, item_before in zip(value, ["", *value])]
    if key in ACTS and isinstance(value, str) and value.isdigit() and int(value) <= PATIENCE:
        return str(int(value) * SLOW)
    return value * SLOW if key in WAITS and isinstance(value, int) and 0 < value <= PATIENCE else value


def without_waiting(words):
    """/tmp is closed on the weaker wall: what waits for a file there waits in vain."""
    return [IN_VAIN if words[max(0, at - 2):at] == ["wait-for-file", "/tmp/go"] else word for at, word in enumerate(words)]


def to_be_seen(words):
    """Where only the keeper's looks show how many processes there are, and looks are rare: on the weaker wall and on slow
    machines."""
    if words[:1] in (["fork-bomb"], ["threads"]):
        return [*words[:2], TO_BE_SEEN, *to_be_seen(words[2:])]
    return [words[0], *to_be_seen(words[1:])] if words else []


def reporting(value):
    """Every policy in a case says onUnsupported "report", unless it says something else."""
    if isinstance(value, list):
        return [reporting(item) for item in without_waiting(value)]
    if not isinstance(value, dict):
        return value
    value = {name: reporting(item) for name, item in value.items()}
    if isinstance(value.get("policy"), dict):
        value["policy"].setdefault("onUnsupported", "report")
    return value


def open_to_all(item):
    mode = "0777" if "dir" in item else "0666" if "file" in item else None
    return {"mode": mode, **item} if mode else item


def weaker(case):
    made = [{"dir": "${WORK}"}, *case.get("setup", [])]
    return {**reporting(case), "setup": [open_to_all(item) for item in made]}


def folder(scratch, is_weaker):
    """The folder of the cases: the usual one, or a changed copy."""
    if SLOW == 1 and not is_weaker:
        return cases.FOLDER
    shutil.rmtree(scratch, ignore_errors=True)
    for path in [cases.FOLDER / "case.schema.json", *cases.FOLDER.glob("*/*.json")]:
        copy = scratch / path.relative_to(cases.FOLDER)
        copy.parent.mkdir(parents=True, exist_ok=True)
        found = cases.read_json(path)
        if path.parent != cases.FOLDER:
            found = slowed(weaker(found) if is_weaker else found)
        copy.write_text(json.dumps(found))
    return scratch
