"""bubblewrap's command lines: with the mounts of `mxc run`, and with the few that people usually write."""
import os
import pathlib
import subprocess

BWRAP = ["bwrap", "--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000", "--hostname", "sandbox",
         "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv", "--setenv", "PATH",
         "/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/tmp"]


def few(setting):
    """The system, /etc as a whole, own /proc, /dev, /tmp, one writable folder."""
    command = [*BWRAP, "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]
    for path in map(pathlib.Path, ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")):
        if path.is_symlink():
            command += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            command += ["--ro-bind", str(path), str(path)]
    return [*command, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", setting.folder, setting.folder,
            "--chdir", setting.folder]


def words(op, path, rest):
    """One operation of mxc's plan in bwrap's words; [] for what bwrap does by itself or cannot do."""
    if op == "bind":
        return ["--ro-bind" if "ro" in rest[2:] else "--bind", rest[1], path]
    if op == "symlink" and not path.startswith("/dev/"):
        return ["--symlink", rest[1], path]
    if op == "dir":
        return ["--dev", "/dev"] if path == "/dev" else ["--dir", path]
    if op == "file" and os.path.exists(path):
        return ["--ro-bind", path, path]
    if op == "tmpfs":
        return ["--tmpfs", path]
    if op == "proc":
        return ["--proc", "/proc"]
    if op == "mask" and os.path.exists(path):
        return ["--tmpfs", path] if rest[0] == "dir" else ["--ro-bind", "/dev/null", path]
    return []


def same(setting):
    """The mounts of `mxc run`, one by one from its plan."""
    plan = subprocess.run([*setting.prefix, setting.mxc, "explain", "--plan"], cwd=setting.folder,
                          stdout=subprocess.PIPE, text=True, check=True)
    command = list(BWRAP)
    for line in plan.stdout.splitlines():
        op, path, *rest = line.split() + [""]
        command += words(op, path, rest)
    return [*command, "--chdir", setting.folder]
