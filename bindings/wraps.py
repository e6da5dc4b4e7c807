"""Which functions of the library each binding wraps: bindings/wraps/<language>.json against the sources.

{"sources": [globs], "call": regular expression whose group is the function's name,
 "wraps": [names], "without": {name: why the language does without it},
 "pasted": {text of a macro that pastes names together: [the names that it makes]}}      (where there is such a macro)
"""
import json
import re


def load(root, language):
    path = root / "bindings/wraps" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def called(root, listing):
    """The functions that the sources call, comments left out."""
    names = set()
    for pattern in listing["sources"]:
        for path in root.glob(pattern):
            text = re.sub(r"/\*.*?\*/|(?<!:)//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.S)
            names |= set(re.findall(listing["call"], text))
            for pasting, made in listing.get("pasted", {}).items():
                names |= set(made) if pasting in text else set()
    return names


def problems(root, language, functions):
    """Everything that is not as it should be; `functions` are those of the header."""
    listing = load(root, language)
    place = f"bindings/wraps/{language}.json"
    if listing is None:
        return [f"{place} is missing: it says which functions the binding wraps (bindings/README.md)"]
    wraps, without = listing["wraps"], listing["without"]
    used = called(root, listing) & (set(functions) | {name for name in wraps})
    found = [f"{place}: {name} is in neither list" for name in sorted(set(functions) - set(wraps) - set(without))]
    found += [f"{place}: {name} is in both lists" for name in sorted(set(wraps) & set(without))]
    found += [f"{place}: {name} is no function of mxc.h" for name in sorted({*wraps, *without} - set(functions))]
    found += [f"{place}: {name} is listed and not called" for name in sorted(set(wraps) & set(functions) - used)]
    found += [f"{place}: {name} is called and listed as not needed" for name in sorted(used & set(without))]
    found += [f"{place}: {name} has no reason" for name, why in without.items() if not why.strip()]
    if wraps != sorted(set(wraps)):
        found.append(f"{place}: the list `wraps` is not sorted, or has a name twice")
    return found
