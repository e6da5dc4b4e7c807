"""mxc run with files and pipes: exit statuses, standard streams, the JSON result."""
import base64
import json
import os
import subprocess

import pytest
from conftest import ENVIRONMENT, MXC, call

pytestmark = pytest.mark.usefixtures("wall")

STATUSES = [
    (["true"], 0),
    (["--", "sh", "-c", "exit 7"], 7),
    (["sh", "-c", "exit 255"], 255),
    (["sh", "-c", "kill -9 $$"], 137),
    (["sh", "-c", "kill -TERM $$"], 143),
    (["--timeout", "300ms", "sleep", "20"], 124),
    (["--memory", "plenty", "true"], 125),
    (["--preset", "nope", "true"], 125),
    (["--policy", "/nonexistent.json", "true"], 125),
    (["/etc/passwd"], 126),
    (["/usr"], 126),
    (["no-such-command-here"], 127),
    (["/no/such/command"], 127),
    (["-c", "raise SystemExit(3)"], 3),
    (["--lang", "bash", "-c", "exit 4"], 4),
    (["--lang=bash", "--code=exit 5"], 5),
]


@pytest.mark.parametrize("words, status", STATUSES, ids=[" ".join(words) for words, _ in STATUSES])
def test_exit_status(words, status, place):
    done = call("run", *words, cwd=place)
    assert done.returncode == status
    if status >= 124 and status < 128:
        assert done.stderr.startswith("mxc: ") and done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("words, status", STATUSES, ids=[" ".join(words) for words, _ in STATUSES])
def test_exit_status_is_the_same_with_json(words, status, place):
    done = call("run", "--json", *words, cwd=place)
    found = json.loads(done.stdout)
    assert done.returncode == status and done.stderr == ""
    assert ("error" in found) == (status in (125, 126, 127))
    if status == 124:
        assert found["timedOut"] is True and found["limitHit"] == "wall_time"
    elif status > 127 and status < 255:
        assert found["exitCode"] is None and found["signal"] == status - 128
    elif "error" not in found:
        assert found["exitCode"] == status and found["signal"] is None


def test_streams_are_handed_over(place):
    with open(place / "out", "wb") as out, open(place / "err", "wb") as err:
        done = subprocess.run([MXC, "run", "--", "sh", "-c", "cat; echo oops >&2; readlink /proc/self/fd/1 >/dev/null"],
                              input=b"a\0b\xff\n", stdout=out, stderr=err, cwd=place, env=ENVIRONMENT, timeout=60)
    assert done.returncode == 0
    assert (place / "out").read_bytes() == b"a\0b\xff\n" and (place / "err").read_bytes() == b"oops\n"


def test_big_output_through_a_pipe(place):
    done = subprocess.run([MXC, "run", "--", "head", "-c", "30000000", "/dev/zero"], stdout=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, cwd=place, env=ENVIRONMENT, timeout=60)
    assert done.returncode == 0 and len(done.stdout) == 30000000


def test_reader_that_goes_away(place):
    line = f"'{MXC}' run -- yes | head -n 2; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=place, env=ENVIRONMENT, timeout=60)
    assert done.stdout == "y\ny\n141\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams(closed, place):
    line = f"'{MXC}' run -- sh -c 'cat; echo out; echo err >&2; echo done >report' {closed}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=place, env=ENVIRONMENT, timeout=60,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and (place / "report").read_text() == "done\n"
    assert done.stdout == ("" if "2" not in closed.replace("2>", "") and ">&-" in closed.replace("2>&-", "") else "out\n")


@pytest.mark.parametrize("words, said", [
    ("<.", "mxc: usage: standard input is a folder (hint: name a file)"),
    ("--input .", "mxc: usage --input: standard input is a folder (hint: name a file)"),
])
def test_a_folder_is_not_handed_over(words, said, place):
    line = f"'{MXC}' run {words} -- true" if words.startswith("-") else f"'{MXC}' run -- true {words}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=place, env=ENVIRONMENT, timeout=60)
    assert (done.returncode, done.stderr) == (125, said + "\n")


def test_input_file(place):
    (place / "in").write_text("from a file\n")
    done = call("run", "--input", "in", "--", "cat", stdin="not this", cwd=place)
    assert (done.returncode, done.stdout) == (0, "from a file\n")
    assert call("run", "--input=-", "--", "cat", stdin="this", cwd=place).stdout == "this"


def test_policy_on_standard_input(place):
    policy = {"version": "1.0.0", "filesystem": {"readwritePaths": ["."]}, "process": {"commandLine": "cat; pwd"}}
    done = call("run", "--policy", "-", stdin=json.dumps(policy), cwd=place)
    assert (done.returncode, done.stdout) == (0, f"{place}\n")
    (place / "in").write_text("input\n")
    done = call("run", "--policy", "-", "--input", "in", stdin=json.dumps(policy), cwd=place)
    assert done.stdout == f"input\n{place}\n"


def test_process_section_says_what_to_run(place):
    policy = place / "p.json"
    policy.write_text(json.dumps({"version": "1.0.0", "process": {"argv": ["sh", "-c", "echo from the policy"]}}))
    assert call("run", "--policy", policy).stdout == "from the policy\n"
    policy.write_text('{"version": "1.0.0"}')
    done = call("run", "--policy", policy)
    assert done.returncode == 125 and done.stderr.startswith("mxc: ") and done.stderr.count("\n") == 1


def test_words_after_the_command_belong_to_it(place):
    done = call("run", "--env", "GREETING=hi", "sh", "-c", 'echo "$GREETING $*"', "sh", "--json", "--", "--memory", cwd=place)
    assert (done.returncode, done.stdout) == (0, "hi --json -- --memory\n")


def test_default_policy_is_the_workspace(place):
    done = call("run", "--", "sh", "-c", "pwd; echo new >file; ls /root /home 2>&1 | grep -c . ; echo $HOME", cwd=place)
    assert done.stdout.splitlines()[0] == str(place) and (place / "file").read_text() == "new\n"
    assert done.stdout.splitlines()[-1] == "/tmp"


def test_environment_is_clean(place):
    done = subprocess.run([MXC, "run", "--", "env"], capture_output=True, text=True, cwd=place, timeout=60,
                          stdin=subprocess.DEVNULL, env={**ENVIRONMENT, "SECRET": "x"})
    assert done.returncode == 0 and "SECRET" not in done.stdout


# ---- --json ----

def test_json_shape(place):
    done = call("run", "--json", "--output", "1K", "--", "sh", "-c", "head -c 5000 /dev/zero | tr '\\0' x; printf '\\377' >&2",
                cwd=place)
    assert done.stdout.count("\n") == 1 and done.stdout.endswith("}\n")
    found = json.loads(done.stdout)
    assert found["exitCode"] == 0 and found["signal"] is None and found["timedOut"] is False
    assert set(found["stdout"]) == {"x"} and found["stdoutLength"] == 5000 and found["stdoutTruncated"] is True
    assert found["stdoutBytes"] == len(found["stdout"]) <= 1024
    assert found["stderrEncoding"] == "base64" and base64.b64decode(found["stderr"]) == b"\xff"
    assert found["wallTimeMs"] > 0 and found["cpuTimeMs"] >= 0 and found["peakMemoryBytes"] > 0
    assert isinstance(found["denials"], list) and found["receipt"]
    assert {"kernel"} <= {line["level"] for line in found["receipt"]} <= {"kernel", "supervisor", "none"}


def test_json_has_stdin_and_no_raw_control_characters(place):
    done = call("run", "--json", "--", "cat", stdin="\x1b[31m\x7f\u009b\u00e9\n", cwd=place)
    assert json.loads(done.stdout)["stdout"] == "\x1b[31m\x7f\u009b\u00e9\n"
    assert not set(done.stdout) & set("\x1b\x7f\u009b") and "\u00e9" in done.stdout


def test_json_that_cannot_be_written(place):
    with open("/dev/full", "w") as full:
        done = subprocess.run([MXC, "run", "--json", "true"], stdout=full, stderr=subprocess.PIPE, text=True, cwd=place,
                              stdin=subprocess.DEVNULL, env=ENVIRONMENT, timeout=60)
    assert done.returncode == 125
    assert done.stderr == "mxc: system: cannot write standard output: No space left on device\n"


# ---- what is printed afterwards ----

def test_receipt_and_timings(place):
    done = call("run", "--receipt", "--timings", "--", "echo", "hello", cwd=place)
    assert done.stdout == "hello\n"
    lines = done.stderr.splitlines()
    assert lines[0].split() == ["ITEM", "LEVEL", "RULE", "MECHANISM"]
    assert any(f"read and write {place}" in line for line in lines)
    assert lines[-1].startswith("mxc: timings: total ") and lines[-1].endswith(" MiB")
    stages = [line.split() for line in lines if line.startswith("  ") and line.split()[0] in ("host", "keeper", "init", "command")]
    names = [stage for _, stage, _ in stages]
    expected = ["facts", "plan", "start", "load", "namespaces", "network", "binds", "close", "seccomp", "verify", "run", "end", "result"]
    assert [name for name in names if name in expected] == expected
    total = float(lines[-1].split()[3])
    beside = ("ghosts", "grants")  # the keeper's, while init builds
    assert 0.5 * total < sum(float(ms) for _, stage, ms in stages if stage not in beside) < 1.1 * total


def test_deadline_and_memory_are_told(place):
    done = call("run", "--timeout=200ms", "--", "sleep", "20", cwd=place)
    assert done.stderr == "mxc: wall_time: the command was ended at its deadline\n"
    done = call("run", "--memory=64M", "-c", "x = bytearray(400 << 20)", cwd=place)
    assert done.returncode in (1, 137)
    if done.returncode == 137:
        assert done.stderr.endswith("mxc: memory: the command was ended at this limit\n")


def test_nothing_of_the_sandbox_is_left(place):
    call("run", "--", "sh", "-c", "setsid sleep 4712 >/dev/null 2>&1 & exit 0", cwd=place)
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            assert b"sleep\x004712" not in open(f"/proc/{pid}/cmdline", "rb").read()
        except (FileNotFoundError, ProcessLookupError):
            pass


def test_not_found_names_the_place_on_the_host(place, tmp_path):
    """A virtual environment's python is a link to somewhere else; a script's interpreter may be one too."""
    outside = tmp_path / "outside"
    outside.mkdir()
    real = outside / "tool"
    real.write_text("#!/bin/sh\nexit 5\n")
    real.chmod(0o755)
    (place / "link").symlink_to(real)
    script = place / "script"
    script.write_text(f"#!{real}\n")
    script.chmod(0o755)
    for word, text in (("./link", f"the command is {real} on the host"), ("./script", f"the script's interpreter is {real} on the host"),
                       ("./absent", "it must lie below a path that the policy grants")):
        done = call("run", "--", word, cwd=place)
        assert done.returncode == 127 and text in done.stderr, done.stderr
    assert call("run", "--rw", ".", "--ro", outside, "--", "./link", cwd=place).returncode == 5
