"""Started by root it is the same sandbox: what each row saw inside, compared between the roles, act by act. The few
places where the two may differ are listed here with the reason."""

# (row, act's first word, field): why
MAY_DIFFER = {
    ("D13", "rlimits", "processes"): "root's processes are counted by a control group, an ordinary user's by the limit",
    ("F21", "open-write", "errno"): "the file is the workload's own by root (ETXTBSY comes before EROFS), another's for a user",
    ("F23", "open-read", "text"): "random bytes",
    ("P12", "ids", "groups"): "the one group of the workload is unmapped for an ordinary user",
}
# rows that ask each role for its own
OTHER_LINES = {
    "D3": "bandwidth of processors is held for root and refused to a user without a control group",
}
# fields that count something of the run itself
NOT_COMPARED = {"pid", "self", "parent", "refused", "made", "calls", "children", "ends", "cpuMs", "bytes", "pids", "count",
                "highest"}


def fields(line, path=""):
    """The leaves of a line as {path: value}."""
    if not isinstance(line, dict):
        return {path: line}
    found = {}
    for key, value in line.items():
        if key not in NOT_COMPARED:
            found.update(fields(value, f"{path}.{key}" if path else key))
    return found


def differences(root, user):
    """Lines that say where the two roles saw different things."""
    found = []
    for row in sorted(set(root) & set(user)):
        a, b = root[row]["seen"], user[row]["seen"]
        if len(a) != len(b):
            if row not in OTHER_LINES and "SKIP" not in (root[row]["word"], user[row]["word"]):
                found.append(f"{row}: {len(a)} lines by root, {len(b)} by a user")
            continue
        for (act, left), (_, right) in zip(a, b):
            one, other = fields(left), fields(right)
            for key in sorted(set(one) | set(other)):
                if one.get(key) != other.get(key) and (row, act.split()[0], key) not in MAY_DIFFER:
                    found.append(f"{row}: {act}: {key} is {one.get(key)!r} by root, {other.get(key)!r} by a user")
    return found
