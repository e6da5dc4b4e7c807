#!/usr/bin/env python3
"""Who may include whom. The table is the one of docs/architecture.md; the rule is read off #include lines."""
import re
import sys

import common

HOST = {"policy", "report", "plan", "contract", "probe", "filter", "backend", "client"}
MAY_USE = {
    "base": set(),
    "policy": {"base"},
    "report": {"base"},
    "plan": {"base"},
    "contract": {"base", "policy"},
    "probe": {"base"},
    "filter": {"base", "plan", "policy"},
    "ops": {"base", "plan"},
    "relay": {"base", "plan", "report"},
    "prober": set(),
    "backend": {"base", "policy", "report", "probe", "plan", "filter"},
    "keeper": {"base", "plan", "ops", "report", "relay"},
    "client": {"base", "plan", "report"},
    "api": {"base"} | HOST,
}
# main() of the static programs: the room of the same name and what that room may use
PROGRAMS = {"core/keeper": {"keeper"} | MAY_USE["keeper"], "core/relay": {"relay"} | MAY_USE["relay"],
            "core/prober": {"prober"}}
PUBLIC_ONLY = ("core/cli", "bindings", "python", "node", "rust", "examples")

# system headers that only one room may see, and headers that a room must not know
OWNED = {"seccomp.h": {"filter"}, "jansson.h": {"contract"}}
KERNEL = re.compile(r"linux/|sys/(mount|syscall|prctl|ptrace|wait)\.h$|sched\.h$")
CALLS = re.compile(r"(unistd|fcntl|dirent|spawn)\.h$|sys/(mount|syscall|prctl|ptrace|wait|stat|socket|mman|vfs|statfs)\.h$")
BLIND = {
    "policy": (KERNEL, "policy knows nothing of the kernel"),
    "contract": (KERNEL, "contract is JSON text and policy only"),
    "backend": (CALLS, "backends are pure and make no system call; what they need comes from probe"),
}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)


def place(path):
    """(room or None, rooms it may use or None, public header only)"""
    name = str(path)
    if name.startswith("core/src/"):
        room = path.parts[2]
        return room, MAY_USE.get(room), False
    for folder, may in PROGRAMS.items():
        if name.startswith(folder + "/"):
            return None, may, False
    return None, None, name.startswith(tuple(folder + "/" for folder in PUBLIC_ONLY))


def quoted(path, header, room, may, public):
    """What is wrong with #include "header" here, or None."""
    if header == "mxc/mxc.h":
        return None if public or room != "ops" else "ops do not know the public header"
    used = header.split("/")[0]
    if public:
        if used in MAY_USE:
            return "only mxc/mxc.h is to be seen here, not the rooms"
        return None
    if "/" not in header or used == "..":
        return f'write the room: #include "{room or path.parts[1]}/{header.split("/")[-1]}"'
    if used not in MAY_USE and not (common.ROOT / "core/src" / header).parent.is_dir():
        return None if room == "filter" or used == "gen" else f"no room is called {used}"
    if used == room:
        kinds = header.split("/")
        if room == "backend" and len(kinds) == 3 and len(path.parts) == 5 and kinds[1] != path.parts[3]:
            return "backends never include each other; move what they share up into backend/"
        return None
    if used not in may:
        allowed = ", ".join(sorted(may)) or "libc only"
        return f"{room or path.parts[1]} may not use {used} (it may use: {allowed}); move the code or pass the value in"
    return None


def system(header, room):
    owners = OWNED.get(header)
    if owners and room not in owners:
        return f"only {', '.join(owners)} may include <{header}>"
    pattern, why = BLIND.get(room, (None, None))
    if pattern and pattern.match(header):
        return f"<{header}> is not for {room}: {why}"
    return None


def main():
    findings = common.Findings()
    for path in common.files(".c", ".h", under=("core",) + PUBLIC_ONLY):
        room, may, public = place(path)
        if may is None and not public:
            if room is not None:
                findings.add(path, 1, f"room {room} is not in the table; add it to scripts/lint/layers.py and the docs")
            continue
        text = common.bare(common.read(path), keep_strings=True)
        for match in INCLUDE.finditer(text):
            kind, header = match.groups()
            if kind == "<" and header != "mxc/mxc.h":
                wrong = system(header, room) if room else None
            else:
                wrong = quoted(path, header, room, may or set(), public)
            if wrong:
                findings.add(path, common.line_of(text, match.start()), wrong)
    return findings.status()


sys.exit(main())
