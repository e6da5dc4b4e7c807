"""Installs the peers that can be had: packages of the system by apt, npm's into build/bench/peers. Nothing global by npm.
What cannot be had is no error: the peer is then shown as not installed, with the reason that is kept here."""
import os
import shutil
import subprocess

APT = {"bwrap": "bubblewrap", "firejail": "firejail", "crun": "crun", "runc": "runc", "nsjail": "nsjail",
       "rg": "ripgrep", "socat": "socat", "gnuplot": "gnuplot-nox"}
NPM = ("@microsoft/mxc-sdk@0.8.0", "@anthropic-ai/sandbox-runtime@0.0.83", "@openai/codex@0.169.0")


def by_apt(package):
    """Why it is not there now; "" when it is."""
    if not shutil.which("apt-get"):
        return "no apt here"
    if not subprocess.run(["apt-cache", "show", package], capture_output=True).stdout:
        return f"this release has no package {package}"
    if os.geteuid() != 0:
        return f"apt needs root: apt-get install {package}"
    done = subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120",
                           package], capture_output=True, text=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    return "" if done.returncode == 0 else f"apt could not install {package}"


def by_npm(package, folder):
    """A folder for each: their dependencies contradict each other."""
    name = package.rsplit("@", 1)[0]
    stamp = folder / name / ".installed"
    if stamp.exists() and stamp.read_text() == package:
        return ""
    if not shutil.which("npm"):
        return "no npm here"
    print(f"  fetching {package}", flush=True)
    done = subprocess.run(["npm", "install", "--prefix", folder / name, "--ignore-scripts", "--no-audit", "--no-fund",
                           "--loglevel=error", package], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        return f"npm could not install {package}: {(done.stderr.splitlines() or ['?'])[0]}"
    subprocess.run(["chmod", "-R", "a+rX", folder / name], check=True)
    stamp.write_text(package)
    return ""


def install(folder):
    """Program or npm package -> why it is missing, for those that are."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = {program: by_apt(package) for program, package in APT.items() if not shutil.which(program)}
    missing.update({package.rsplit("@", 1)[0]: by_npm(package, folder) for package in NPM})
    return {name: why for name, why in missing.items() if why}
