"""Patterns: objects match as subsets, lists item by item, everything else by equality. An object with one key that
begins with $ is a test: $contains, $lacks (lists and texts), $min, $max, $any, $starts."""


def _contains(actual, wanted):
    if isinstance(actual, str):
        return wanted in actual
    return isinstance(actual, list) and any(matches(item, wanted) for item in actual)


TESTS = {
    "$contains": lambda actual, wanted: all(_contains(actual, one) for one in wanted),
    "$lacks": lambda actual, wanted: isinstance(actual, (str, list)) and not any(_contains(actual, one) for one in wanted),
    "$min": lambda actual, wanted: isinstance(actual, (int, float)) and actual >= wanted,
    "$max": lambda actual, wanted: isinstance(actual, (int, float)) and actual <= wanted,
    "$any": lambda actual, wanted: any(matches(actual, one) for one in wanted),
    "$starts": lambda actual, wanted: isinstance(actual, str) and actual.startswith(wanted),
}


def matches(actual, pattern):
    if isinstance(pattern, dict):
        tests = [key for key in pattern if key.startswith("$")]
        if tests:
            return all(TESTS[key](actual, pattern[key]) for key in tests) and len(tests) == len(pattern)
        return isinstance(actual, dict) and all(key in actual and matches(actual[key], item)
                                                for key, item in pattern.items())
    if isinstance(pattern, list):
        return (isinstance(actual, list) and len(actual) == len(pattern)
                and all(matches(a, p) for a, p in zip(actual, pattern)))
    return type(actual) is type(pattern) and actual == pattern
