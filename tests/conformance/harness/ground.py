"""The ground a case stands on: fresh folders, what it asks for in them, canaries, and what is there afterwards."""
import os
import pathlib
import shutil
import time

CANARY = "canary: nobody may change this\n"
SECRET = "canary-secret-5b1e77\n"


class Ground:
    def __init__(self, base, bin_folder, case_id):
        self.root = pathlib.Path(base) / "c" / case_id.replace("/", "-")
        shutil.rmtree(self.root, ignore_errors=True)
        self.work, self.outside, self.home = self.root / "work", self.root / "outside", self.root / "home"
        for folder in (self.work, self.outside, self.home / ".ssh"):
            folder.mkdir(parents=True)
            folder.chmod(0o755)
        self.canaries = [self.outside / "canary.txt", self.home / ".ssh" / "id_canary"]
        for path, text in zip(self.canaries, (CANARY, SECRET)):
            path.write_text(text)
            path.chmod(0o644)
        self.places = {"BIN": str(bin_folder), "PROBE": str(bin_folder / "mxc-testprobe"), "WORK": str(self.work),
                       "OUTSIDE": str(self.outside), "HOME_CANARY": str(self.canaries[1])}
        self.before = self.look()

    def look(self):
        seen = {}
        for path in self.canaries:
            try:
                st = path.lstat()
                seen[str(path)] = (path.read_text(), st.st_mode, st.st_uid, st.st_mtime_ns, st.st_nlink)
            except OSError as error:
                seen[str(path)] = error.errno
        for folder in (self.outside, self.home / ".ssh"):
            seen[str(folder)] = sorted(os.listdir(folder))
        return seen

    def canary_faults(self):
        return [f"host canary changed: {name}" for name, seen in self.look().items() if self.before[name] != seen]

    def set_up(self, items):
        for item in items:
            mode = int(item.get("mode", "0755" if "dir" in item else "0644"), 8)
            if "dir" in item:
                os.makedirs(item["dir"], exist_ok=True)
                os.chmod(item["dir"], mode)
            elif "file" in item:
                pathlib.Path(item["file"]).write_text(item["text"])
                os.chmod(item["file"], mode)
            elif "symlink" in item:
                os.symlink(item["target"], item["symlink"])
            elif "link" in item:
                os.link(item["target"], item["link"])
            else:
                os.mkfifo(item["fifo"], mode)

    def remove(self):
        for folder, names, _ in os.walk(self.root):
            for name in names:
                try:
                    os.chmod(os.path.join(folder, name), 0o755, follow_symlinks=False)
                except (OSError, NotImplementedError):
                    pass
        shutil.rmtree(self.root, ignore_errors=True)


def host_fault(check):
    """What is wrong with one path of the host, or None."""
    path = pathlib.Path(check["path"])
    try:
        st = path.lstat()
    except OSError:
        return None if check.get("absent") else f"host: {path} is not there"
    if check.get("absent"):
        return f"host: {path} is there"
    if "text" in check and path.read_text() != check["text"]:
        return f"host: {path} has another text"
    if "mode" in check and st.st_mode & 0o7777 != int(check["mode"], 8):
        return f"host: {path} has mode {st.st_mode & 0o7777:04o}"
    if check.get("owner") == "caller" and (st.st_uid, st.st_gid) != (os.geteuid(), os.getegid()):
        return f"host: {path} belongs to {st.st_uid}:{st.st_gid}"
    if "names" in check and sorted(os.listdir(path)) != sorted(check["names"]):
        return f"host: {path} has other entries: {sorted(os.listdir(path))}"
    if "stillMs" in check:
        return still_fault(path, check["stillMs"])
    return None


def still_fault(path, ms):
    before = path.read_text()
    time.sleep(ms / 1000)
    return None if path.read_text() == before else f"host: something still writes {path}"
