"""The ground on which a package is tried as its user would: an empty folder, a clean environment, no network and, where
root can hide it, no repository. Knows no package; test_*.py in this folder do.

    with Ground("wheel", role) as ground:                    # role: one of roles()
        ground.run(["python3", "-m", "venv", "env"])         # in ground.folder; AssertionError with the output unless 0
        print(ground.run([ground.folder / "env/bin/python", "-c", HELLO]).stdout)

What has to come from the repository is copied in first: ground.take(path). Commands then run
 - without network: in a network namespace with nothing in it, when root or user namespaces allow it;
 - without the repository: an empty folder is mounted over it, when root started the test.
`ground.proven` says which of the two hold."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("MXC_BUILD", ROOT / "build")).resolve()
VERSION = (ROOT / "VERSION").read_text().strip()
USER = 23456
PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
# what a wheel or a tarball may weigh
MOST_BYTES = 5_000_000
# Each consumer runs these two commands under the preset "strict", and prints the output of the first, then
# `denied: ` and what the first denial of the second was.
HELLO = ["echo", "hello from inside"]
REFUSED = ["unshare", "--user", "true"]
WANTED = "hello from inside\ndenied: unshare\n"


def roles():
    """As whom to try: by root also as an ordinary user."""
    return ("root", "user") if os.geteuid() == 0 else ("user",)


def works(command):
    try:
        return subprocess.run([*command, "true"], capture_output=True, timeout=30).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def walls(role):
    """(words before a command, what they prove)."""
    if os.geteuid() == 0:
        drop = [f"setpriv --reuid={USER} --regid={USER} --clear-groups --"] if role == "user" else []
        hide = 'mount --bind "$1" "$2" && cd "$3" && shift 3 && exec ' + " ".join([*drop, '"$@"'])
        words = ["unshare", "--net", "--mount", "sh", "-c", hide, "hide"]
        if works([*words[:-2], "mount --bind /var/tmp /var/tmp"]):
            return words, ("offline", "no repository")
        return drop[0].split() if drop else [], ()
    words = ["unshare", "--map-current-user", "--net", "--"]
    return (words, ("offline",)) if works(words) else ([], ())


class Ground:
    def __init__(self, name, role):
        self.role = role
        # not below /tmp, which is private inside
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"mxc-{name}-{role}-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.empty, self.home = self.folder / ".empty", self.folder / ".home"
        for folder in (self.empty, self.home):
            folder.mkdir()
        self.words, self.proven = walls(role)
        self.own()

    def own(self):
        """What was put here belongs to the role."""
        if self.role == "user" and os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{USER}:{USER}", self.folder], check=True)

    def take(self, path, name=None):
        """A copy of a file or folder in this folder."""
        target = self.folder / (name or pathlib.Path(path).name)
        copy = shutil.copytree if pathlib.Path(path).is_dir() else shutil.copy2
        copy(path, target, **({"symlinks": True} if copy is shutil.copytree else {}))
        self.own()
        return target

    def write(self, name, text):
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        self.own()
        return target

    def environment(self, more):
        return {"PATH": PATH, "HOME": str(self.home), "LANG": "C.UTF-8", "TMPDIR": str(self.folder), **more}

    def command(self, words, cwd):
        if "no repository" in self.proven:
            return [*self.words, self.empty, ROOT, cwd, *words]
        return [*self.words, *words]

    def run(self, words, cwd=None, status=0, timeout=120, **environment):
        """Runs a command; keywords are variables of its environment. Gives subprocess.CompletedProcess."""
        cwd = pathlib.Path(cwd or self.folder)
        done = subprocess.run(self.command(words, cwd), cwd=cwd, env=self.environment(environment), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
        assert status in (None, done.returncode), (
            f"{' '.join(map(str, words))}: status {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done

    def says_hello(self, words, **more):
        """Runs a consumer: it has to print WANTED."""
        printed = self.run(words, **more).stdout
        assert printed == WANTED, f"{' '.join(map(str, words))} printed {printed!r}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)


def light(path, most=MOST_BYTES):
    """Prints the size of a package, and fails when it is too heavy."""
    size = os.path.getsize(path)
    print(f"{pathlib.Path(path).name}: {size / 1e6:.2f} MB")
    assert size < most, f"{path} has {size} bytes, {most} are allowed"


def main(tests):
    """Runs functions, each for every role, and prints `N passed, N failed, N skipped`; gives the exit status. A test
    that cannot run here raises Skip with the name of what is missing."""
    count = {"passed": 0, "failed": 0, "skipped": 0}
    for test in tests:
        for role in roles():
            name = f"{test.__name__}[{role}]"
            try:
                test(role)
                count["passed"] += 1
            except Skip as why:
                count["skipped"] += 1
                print(f"SKIP {name}: {why}")
            except Exception as error:
                count["failed"] += 1
                told = str(error) if isinstance(error, AssertionError) else traceback.format_exc()
                print(f"FAILED {name}: {told}", flush=True)
    print(", ".join(f"{number} {word}" for word, number in count.items()), flush=True)
    return 1 if count["failed"] else 0 if count["passed"] else 77


class Skip(Exception):
    pass
