#!/usr/bin/env python3
"""Calls that a library inside somebody's program must not make, and descriptors without CLOEXEC.

An exception is written on the line itself, with its reason: /* lint: allow(dup2): child only */
A program that only runs during the build says `lint: build-time program` in its head.
"""
import re
import sys

import common

HOST = {"base", "policy", "report", "plan", "contract", "probe", "filter", "backend", "client", "api"}

ENDS = "never ends the caller's program; return an error"
PRINTS = "never prints; put the text into the error or the result"
STATE = "changes state of the caller's process; do it in the keeper or not at all"
STARTS = "only client starts processes"
UNSAFE = "no bounds; use base/buf.h or snprintf"
CLOEXEC = "gives a descriptor without CLOEXEC; use"

EVERYWHERE = {
    **dict.fromkeys(("system", "popen"), "runs a shell; start the program with client or keeper"),
    **dict.fromkeys(("strcpy", "strcat", "sprintf", "vsprintf", "gets", "stpcpy"), UNSAFE),
    **dict.fromkeys(("strtok", "strerror", "asctime", "ctime", "localtime", "gmtime", "getpwuid", "getpwnam",
                     "getgrgid", "readdir_r", "rand", "tmpnam", "mktemp"), "not thread-safe; use the _r form or another"),
    **dict.fromkeys(("atoi", "atol", "atoll"), "hides errors; use strtol and look at the end"),
    "alloca": "unbounded stack; allocate",
    "pipe": f"{CLOEXEC} pipe2",
    "accept": f"{CLOEXEC} accept4",
    "dup": f"{CLOEXEC} fcntl(F_DUPFD_CLOEXEC)",
    "creat": f"{CLOEXEC} open",
    "epoll_create": f"{CLOEXEC} epoll_create1",
    "inotify_init": f"{CLOEXEC} inotify_init1",
    "mkstemp": f"{CLOEXEC} mkostemp",
}
IN_HOST = {
    **dict.fromkeys(("exit", "_exit", "_Exit", "quick_exit", "abort", "assert", "err", "errx", "__builtin_trap"), ENDS),
    **dict.fromkeys(("printf", "vprintf", "puts", "putchar", "perror", "warn", "warnx", "syslog", "vfprintf",
                     "fprintf", "fputs", "fputc", "psignal"), PRINTS),
    **dict.fromkeys(("signal", "sigaction", "sigprocmask", "pthread_sigmask", "sigaltstack", "alarm", "setitimer",
                     "umask", "chdir", "fchdir", "chroot", "setenv", "putenv", "unsetenv", "clearenv", "setrlimit",
                     "setlocale", "setsid", "setpgid", "setuid", "setgid", "setresuid", "setresgid", "setgroups",
                     "atexit", "nice", "setpriority", "unshare", "setns", "mount", "umount2", "pivot_root",
                     "pthread_create", "pthread_atfork", "waitpid"), STATE),
    **dict.fromkeys(("fork", "vfork", "clone", "posix_spawn", "posix_spawnp", "execve", "execv", "execvp", "execl",
                     "execveat", "fexecve"), STARTS),
    "dup2": f"{CLOEXEC} dup3",
}
# client has the child of vfork, in which some of these are right, and reaps its own keeper
CLIENT_MAY = {"_exit", "sigprocmask", "pthread_sigmask", "sigaction", "setsid", "vfork", "fork", "clone", "posix_spawn",
              "execve", "execveat", "fexecve", "waitpid"}
CLOEXEC_FLAG = {
    **dict.fromkeys(("open", "openat", "open64", "openat64"), "O_CLOEXEC"),
    **dict.fromkeys(("socket", "socketpair", "accept4"), "SOCK_CLOEXEC"),
    "pipe2": "O_CLOEXEC", "dup3": "O_CLOEXEC", "memfd_create": "MFD_CLOEXEC", "eventfd": "EFD_CLOEXEC",
    "epoll_create1": "EPOLL_CLOEXEC", "timerfd_create": "TFD_CLOEXEC", "signalfd": "SFD_CLOEXEC",
    "inotify_init1": "IN_CLOEXEC", "open_tree": "OPEN_TREE_CLOEXEC", "fsopen": "FSOPEN_CLOEXEC",
    "fsmount": "FSMOUNT_CLOEXEC", "recvmsg": "MSG_CMSG_CLOEXEC", "mkostemp": "O_CLOEXEC",
    "fopen": "e", "fdopen": None,
}
CALL = re.compile(r"(?<![\w.>])([a-z_]\w*)\s*\(")
ALLOW = re.compile(r"lint: allow\(([\w, ]+)\)")
# what may stand before a call; a type name there makes it a declaration or definition
NOT_A_TYPE = {"return", "else", "do", "case", "sizeof", "goto"}


def argument_text(text, start):
    """What is between the parenthesis at `start` and the one that closes it."""
    depth = 0
    for at in range(start, min(len(text), start + 2000)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return text[start + 1:at]
    return ""


def is_declaration(text, at):
    before = re.search(r"(\w+)[\s*]*$", text[max(0, at - 80):at])
    if not before or before.group(1) in NOT_A_TYPE:
        return False
    between = text[max(0, at - 80):at][before.end(1):]
    return "\n" not in between and not before.group(1).isdigit()


def wrong_call(name, arguments, room):
    if name in EVERYWHERE:
        return EVERYWHERE[name]
    if room in HOST and name in IN_HOST and not (room == "client" and name in CLIENT_MAY):
        return IN_HOST[name]
    flag = CLOEXEC_FLAG.get(name)
    if flag == "e":
        mode = re.search(r'"([^"]*)"\s*$', arguments)
        return "opens without CLOEXEC; add e to the mode" if mode and "e" not in mode.group(1) else None
    # a flags variable is trusted: only a call without the flag, or any flag of that family, is seen
    if flag and flag not in arguments and not re.search(r"\bflags\b|CLOEXEC", arguments):
        return f"opens without CLOEXEC; add {flag}"
    return None


def check(path, room, findings):
    text = common.read(path)
    lines = text.splitlines()
    if "lint: build-time program" in "\n".join(lines[:12]):
        return
    code = common.bare(text, keep_strings=True)
    blank = common.bare(text)
    for match in CALL.finditer(blank):
        name = match.group(1)
        line = common.line_of(text, match.start())
        if blank[blank.rfind("\n", 0, match.start()) + 1:].lstrip().startswith("#") or is_declaration(blank, match.start()):
            continue
        wrong = wrong_call(name, argument_text(code, match.end() - 1), room)
        allowed = ALLOW.search(lines[line - 1])
        if wrong and not (allowed and name in re.split(r"[ ,]+", allowed.group(1))):
            findings.add(path, line, f"{name}(): {wrong}")


def main():
    findings = common.Findings()
    for path in common.files(".c", ".h", under=("core",)):
        room = path.parts[2] if path.parts[1] == "src" else path.parts[1]
        if path.parts[1] != "include":
            check(path, room, findings)
    return findings.status()


sys.exit(main())
