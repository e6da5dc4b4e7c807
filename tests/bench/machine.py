"""What the measurements were made on: the machine and the versions. Only looks."""
import os
import pathlib
import platform
import re
import shutil
import subprocess


def first_match(path, pattern, otherwise="unknown"):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    except OSError:
        found = None
    return found.group(1).strip() if found else otherwise


def version(*command):
    """First line of what a program says about itself, or None when it is not installed."""
    if not shutil.which(command[0]):
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return "does not say"
    return ((done.stdout or done.stderr).strip().splitlines() or ["does not say"])[0]


def cgroups():
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    kinds = {line.split()[2] for line in mounts.splitlines()} & {"cgroup", "cgroup2"}
    return {frozenset(): "none", frozenset({"cgroup2"}): "v2", frozenset({"cgroup"}): "v1"}.get(
        frozenset(kinds), "hybrid (v1 controllers)")


def guest():
    flags = first_match("/proc/cpuinfo", r"^flags\s*: (.*)$", "")
    return " (virtual machine)" if "hypervisor" in flags.split() else ""


def load():
    return "{:.2f} {:.2f} {:.2f}".format(*os.getloadavg())


def describe():
    memory = int(first_match("/proc/meminfo", r"^MemTotal:\s+(\d+)", "0")) / (1 << 20)
    return {
        "processor": first_match("/proc/cpuinfo", r"^model name\s*: (.*)$", platform.machine()) + guest(),
        "cores": os.cpu_count(),
        "memory": f"{memory:.1f} GiB",
        "kernel": platform.release(),
        "system": first_match("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)'),
        "cgroups": cgroups(),
        "load": load(),
        "libc": " ".join(platform.libc_ver()),
    }


def versions(mxc, python):
    return {"mxc": version(str(mxc), "version"), "bubblewrap": version("bwrap", "--version"),
            "python": version(str(python), "--version"), "node": version("node", "--version"),
            "firejail": version("firejail", "--version"), "crun": version("crun", "--version"),
            "runc": version("runc", "--version")}
