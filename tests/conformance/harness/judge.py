"""What came out against what was expected, and the normalised record that parity.py compares. `outcome` has the keys
of the result JSON (docs/results.md) with stdout and stderr as bytes, or {"error": ...}; and "elapsedMs"."""
import json

from . import ground, match

SHOWN = 600


def lines_of(data):
    rows = data.decode("utf-8", "replace").splitlines()
    parsed = []
    for row in rows:
        try:
            parsed.append(json.loads(row))
        except ValueError:
            parsed.append(None)
    return parsed


def output_faults(name, outcome, wanted):
    data = outcome[name]
    if isinstance(wanted, str):
        wanted_bytes = wanted.encode()
        return [] if data == wanted_bytes else [f"{name}: {data[:400]!r} instead of {wanted_bytes[:400]!r}"]
    faults = [f"{name}: lacks {text!r}" for text in wanted.get("contains", []) if text.encode() not in data]
    faults += [f"{name}: has {text!r}" for text in wanted.get("lacks", []) if text.encode() in data]
    if "head" in wanted and not data.startswith(wanted["head"].encode()):
        faults.append(f"{name}: begins with {data[:40]!r}")
    if "tail" in wanted and not data.endswith(wanted["tail"].encode()):
        faults.append(f"{name}: ends with {data[-40:]!r}")
    if "hex" in wanted and data.hex() != wanted["hex"]:
        faults.append(f"{name}: bytes {data.hex()[:200]}")
    if "captured" in wanted and len(data) != wanted["captured"]:
        faults.append(f"{name}: {len(data)} bytes captured")
    if "total" in wanted and outcome[name + "Length"] != wanted["total"]:
        faults.append(f"{name}: {outcome[name + 'Length']} bytes in all")
    if "truncated" in wanted and outcome[name + "Truncated"] != wanted["truncated"]:
        faults.append(f"{name}: truncated is {outcome[name + 'Truncated']}")
    return faults + json_faults(name, data, wanted)


def json_faults(name, data, wanted):
    patterns = wanted.get("lines", [wanted["json"]] if "json" in wanted else None)
    if patterns is None:
        return []
    lines = lines_of(data)
    if len(lines) != len(patterns):
        return [f"{name}: {len(lines)} lines instead of {len(patterns)}: {data[:400]!r}"]
    return [f"{name}: {json.dumps(line)[:900]} does not match {json.dumps(pattern)}"
            for line, pattern in zip(lines, patterns) if not match.matches(line, pattern)]


def error_faults(outcome, wanted):
    error = outcome.get("error")
    if error is None:
        return [f"no error {wanted['status']}: it ran, exit code {outcome['exitCode']}, {outcome['stderr'][:200]!r}"]
    faults = [f"error {key} is {error.get(key)!r} instead of {wanted[key]!r}"
              for key in ("status", "origin") if key in wanted and error.get(key, "") != wanted[key]]
    if wanted.get("message", "") not in error.get("message", ""):
        faults.append(f"error message is {error.get('message')!r}")
    if "hint" in wanted and bool(error.get("hint")) != wanted["hint"]:
        faults.append(f"error hint is {error.get('hint')!r}")
    return faults


def result_faults(outcome, wanted):
    plain = {"exitCode": None, "signal": None, "timedOut": False, "limitHit": None}
    faults = [f"{key} is {outcome[key]!r} instead of {wanted.get(key, default)!r}"
              for key, default in plain.items() if outcome[key] != wanted.get(key, default)]
    for name in ("stdout", "stderr"):
        if name in wanted:
            faults += output_faults(name, outcome, wanted[name])
    if "denials" in wanted:
        got = sorted((d["what"], d["count"]) for d in outcome["denials"])
        asked = sorted((d["what"], d["count"]) for d in wanted["denials"])
        if got != asked:
            faults.append(f"denials are {got} instead of {asked}")
    for line in wanted.get("receipt", []):
        faults += receipt_faults(outcome["receipt"], line)
    if faults and outcome["stderr"]:
        faults.append(f"(stderr was {outcome['stderr'][:300]!r})")
    return faults


def receipt_faults(receipt, wanted):
    found = [line for line in receipt if line["item"] == wanted["item"]]
    if not found:
        return [f"receipt says nothing of {wanted['item']}"]
    for line in found:
        if line["level"] == wanted["level"] and set(wanted.get("mechanism", [])) <= set(line["mechanism"]):
            return []
    return [f"receipt of {wanted['item']} is {found} instead of {wanted}"]


def faults_of(outcome, expect):
    if "error" in expect:
        faults = error_faults(outcome, expect["error"])
    elif "error" in outcome:
        faults = [f"error instead of a result: {outcome['error']}"]
    else:
        faults = result_faults(outcome, expect)
    span, took = expect.get("elapsedMs", {}), outcome["elapsedMs"]
    if took > span.get("max", took) or took < span.get("min", 0):
        faults.append(f"took {took} ms, expected {span}")
    return faults + json_form_faults(outcome) + [fault for fault in map(ground.host_fault, expect.get("host", [])) if fault]


# members of the result's JSON that an outcome has as well
IN_BOTH = ("exitCode", "timedOut", "limitHit", "stdoutLength", "stdoutTruncated", "stderrLength", "stderrTruncated")


def json_form_faults(outcome):
    """What the package's own JSON says otherwise than its accessors."""
    if "json" not in outcome or "error" in outcome:
        return []
    printed = json.loads(outcome["json"])
    said = {key: printed[key] for key in IN_BOTH} | {"signal": printed.get("signalName")}
    faults = [f"{key} is {value!r} in the JSON and {outcome[key]!r} in the result"
              for key, value in said.items() if value != outcome[key]]
    for name in ("denials", "receipt"):
        if len(printed[name]) != len(outcome[name]):
            faults.append(f"{name}: {len(printed[name])} in the JSON, {len(outcome[name])} in the result")
    return faults


def of_runtime(line):
    """Whether a line of a receipt is for an interpreter of the binding's own: that is no part of the policy."""
    return isinstance(line, dict) and line.get("item", "").startswith("/runtime")


def shape(value):
    """Members in their order and the kinds of their values; of lists each kind of item once."""
    if isinstance(value, dict):
        return "{" + " ".join(f"{key}:{shape(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + " ".join(sorted({shape(item) for item in value if not of_runtime(item)})) + "]"
    kinds = ((bool, "bool"), (str, "text"), ((int, float), "number"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


def shown(data, base):
    """Output as the record shows it: without the run's own folder, printable, cut."""
    data = data.replace(base.encode(), b"${BASE}")[:SHOWN]
    return "".join(chr(b) if 0x20 <= b < 0x7f or b == 10 else f"\\x{b:02x}" for b in data)


def record_of(outcome, base, volatile):
    if "error" in outcome:
        error = outcome["error"]
        # a wait that ran out says in the language's own words for whom
        message = "" if error["status"] == "timeout" else error.get("message", "")
        return {"error": {"status": error["status"], "origin": error.get("origin", ""),
                          "message": shown(message.encode(), base), "hint": bool(error.get("hint"))}}
    record = {
        "exitCode": outcome["exitCode"], "signal": outcome["signal"], "timedOut": outcome["timedOut"],
        "limitHit": outcome["limitHit"], "stdout": shown(outcome["stdout"], base),
        "stdoutTruncated": outcome["stdoutTruncated"], "stderr": shown(outcome["stderr"], base),
        "stderrTruncated": outcome["stderrTruncated"],
        "denials": sorted(f"{d['kind']} {d['what']} {d['mechanism']} {d['count']}" for d in outcome["denials"]),
        "receipt": [" ".join([line["item"], line["level"], *line["mechanism"]]) for line in outcome["receipt"]
                    if not of_runtime(line)],
    }
    # without the JSON of a result, or where its members may differ from run to run, there is nothing to compare
    if "json" in outcome and not volatile:
        record["json"] = shape(json.loads(outcome["json"]))
    for key in volatile:
        record[key] = "volatile"
    return record
