"""What the demo sets up on the host, and how it looks at the host afterwards. Knows nothing of mxc.

The stage has the policy file, the data, a workspace, a canary beside them, a home with a key when the caller has
none, a listener on the host's loopback, and a second set for the control: the same attempts without a sandbox.
"""
import hashlib
import json
import os
import pathlib
import select
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DATA = HERE.parent / "data" / "seattle-weather-hourly-normals.csv"
FORKS = 100
SECRET = "DEMO_API_KEY"
# addresses 192.0.2.0/24 are reserved for documentation: nobody lives there
OUTSIDE = ["192.0.2.1", 443]


class Listener:
    """A TCP listener on the host's loopback that counts who came."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.address = list(self.socket.getsockname())

    def visitors(self, wait=0.2):
        count = 0
        while select.select([self.socket], [], [], wait)[0]:
            self.socket.accept()[0].close()
            count += 1
        return count


class Stage:
    def __init__(self):
        self.folder = self._folder()
        self.workspace = self.folder / "workspace"
        self.control = self.folder / "control"
        for folder in (self.workspace, self.control, self.folder / "data"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        # relative paths of a policy are taken from the folder of its file
        self.policy = pathlib.Path(shutil.copy(HERE / "policy.json", self.folder))
        self.data = pathlib.Path(shutil.copy(DATA, self.folder / "data"))
        self.canary = self._file(self.folder / "canary.txt")
        self._file(self.control / "canary.txt")
        shutil.copy(DATA, self.control / "data.csv")
        self.digest = self.data_digest()
        self.home, self.real_ssh = self._home()
        self.listener = Listener()
        # a number of seconds that nobody else sleeps
        self.daemon = f"61.{os.getpid()}"
        self.leftovers = [folder / "mxc-demo-was-here" for folder in (HERE, self.home, pathlib.Path("/etc"))]
        for path in self.leftovers:  # of a run that failed
            if os.access(path.parent, os.W_OK):
                path.unlink(missing_ok=True)

    @staticmethod
    def _folder():
        """build/demo, or a temporary folder where the caller may not write there."""
        wanted = ROOT / "build" / "demo"
        try:
            wanted.mkdir(parents=True, exist_ok=True)
            (wanted / ".probe").write_text("")
            (wanted / ".probe").unlink()
            return wanted
        except OSError:
            return pathlib.Path(tempfile.mkdtemp(prefix="mxc-demo-"))

    @staticmethod
    def _file(path):
        path.write_text("nobody touched this\n")
        return path

    def _home(self):
        """The caller's home when it has an .ssh that the caller can read, else one made for the demo."""
        real = pathlib.Path(os.path.expanduser("~"))
        if os.access(real / ".ssh", os.R_OK | os.X_OK):
            return real, True
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        (home / ".ssh").mkdir(parents=True, exist_ok=True)
        (home / ".ssh" / "id_demo").write_text("a made-up private key\n")
        os.environ["HOME"] = str(home)
        return home, False

    # ---- what the attempts go for

    def targets(self):
        return {"ssh": str(self.home / ".ssh"), "variable": SECRET, "process": str(HERE / "demo.py"),
                "data": str(self.data), "canary": str(self.canary),
                **dict(zip(("examples", "home", "etc"), map(str, self.leftovers))),
                "loopback": self.listener.address, "outside": OUTSIDE, "forks": FORKS,
                "setuid": str(self.workspace / "setuid.sh"), "setuid-open": str(self.workspace / "setuid-open"),
                "daemon": [shutil.which("sleep"), self.daemon]}

    def run_control(self):
        """The same attempts without a sandbox, on copies where they would do harm: name -> outcome."""
        changed = {"data": str(self.control / "data.csv"), "canary": str(self.control / "canary.txt"),
                   "examples": str(self.control / "created"), "home": str(self.control / "created-too"),
                   "setuid": str(self.control / "setuid.sh"), "setuid-open": str(self.control / "setuid-open")}
        # the caller's own keys are gone for inside only; addresses outside and /etc are left alone
        left_out = {"outside", "etc"} | ({"ssh"} if self.real_ssh else set())
        targets = {name: changed.get(name, target) for name, target in self.targets().items() if name not in left_out}
        environment = {**os.environ, "TARGETS": json.dumps(targets)}
        printed = self.control / "printed.txt"
        with open(printed, "wb") as output:  # not a pipe: the daemon would hold it open
            subprocess.run([sys.executable, HERE / "attempts.py"], env=environment, stdout=output, timeout=60)
        outcomes = parse(printed.read_text())
        outcomes["loopback"] += f", {self.listener.visitors()} seen"
        outcomes["daemon"] += f", {self._end_daemons()} left"
        if self.real_ssh:
            outcomes["ssh"] = "readable"
        for path in (self.control / "setuid.sh", self.control / "setuid-open"):
            path.unlink(missing_ok=True)
        return outcomes

    # ---- what is true on the host afterwards

    def data_digest(self):
        return hashlib.sha256(self.data.read_bytes()).hexdigest()

    def daemons(self):
        """Processes on the host that are the daemon of an attempt."""
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and f"\0{self.daemon}\0".encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def _end_daemons(self):
        """Ends the control's daemon, which has two forks and an exec behind it, or not yet."""
        end = time.monotonic() + 2
        while not (found := self.daemons()) and time.monotonic() < end:
            time.sleep(0.02)
        for pid in found:
            os.kill(pid, 9)
        return len(found)

    def setuid_files(self):
        return [path for path in self.workspace.rglob("*")
                if path.lstat().st_mode & (stat.S_ISUID | stat.S_ISGID) and not path.is_dir()]

    def close(self):
        self.listener.socket.close()
        for pid in self.daemons():
            os.kill(pid, 9)
        for path in self.setuid_files():
            path.unlink()


def parse(stdout):
    """The outcomes in what attempts.py printed; {} when it did not get that far."""
    lines = [line for line in stdout.splitlines() if line.startswith("ATTEMPTS ")]
    return json.loads(lines[-1].split(" ", 1)[1]) if lines else {}
