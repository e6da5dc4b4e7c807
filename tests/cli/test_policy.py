"""The commands that look and start nothing: policy check, print, schema; explain; doctor."""
import json
import re

import pytest
from conftest import ENVIRONMENT, MXC, call

GOOD = {"version": "1.0.0", "filesystem": {"readonlyPaths": ["data"]}}


@pytest.fixture
def files(place):
    (place / "data").mkdir()
    (place / "good.json").write_text(json.dumps(GOOD))
    (place / "broken.json").write_text('{"version": "1.0.0",')
    (place / "unknown.json").write_text('{"version": "1.0.0", "filesystem": {"readOnly": []}}')
    (place / "missing.json").write_text('{"version": "1.0.0", "filesystem": {"readonlyPaths": ["gone"]}}')
    return place


# ---- policy check ----

def test_check_prints_one_line_per_file(files):
    done = call("policy", "check", "good.json", "broken.json", "unknown.json", "nofile.json", cwd=files)
    lines = done.stdout.splitlines()
    assert done.returncode == 1 and done.stderr == "" and len(lines) == 4
    assert lines[0] == "ok  good.json"
    assert re.match(r"err broken\.json: policy_syntax\b.*line 1", lines[1])
    assert lines[2].startswith("err unknown.json: policy_invalid /filesystem/readOnly: ")
    assert lines[3].startswith("err nofile.json: ")


def test_check_looks_at_the_host_unless_syntax(files):
    done = call("policy", "check", "missing.json", cwd=files)
    assert done.returncode == 1
    assert done.stdout.startswith("err missing.json: path /filesystem/readonlyPaths/0: ")
    done = call("policy", "check", "--syntax", "missing.json", cwd=files)
    assert (done.returncode, done.stdout) == (0, "ok  missing.json\n")


def test_check_standard_input(files):
    done = call("policy", "check", "-", stdin=json.dumps(GOOD), cwd=files)
    assert (done.returncode, done.stdout) == (0, "ok  -\n")
    assert call("policy", "check", "-", stdin="").returncode == 1


def test_check_json(files):
    done = call("policy", "check", "--json", "good.json", "unknown.json", cwd=files)
    good, bad = json.loads(done.stdout)["files"]
    assert done.returncode == 1 and good == {"file": "good.json", "ok": True}
    assert bad["file"] == "unknown.json" and not bad["ok"]
    assert bad["error"]["status"] == "policy_invalid" and bad["error"]["origin"] == "/filesystem/readOnly"


# ---- policy print, policy schema ----

def printed(*words, **options):
    done = call("policy", "print", *words, **options)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_print_is_canonical(files):
    once = call("policy", "print", "good.json", cwd=files).stdout
    assert once == call("policy", "print", "-", stdin=once).stdout
    assert once == call("policy", "print", "--policy", "good.json", cwd=files).stdout
    assert once == call("policy", "print", "--policy", files / "good.json", cwd="/").stdout
    assert json.loads(once)["filesystem"]["readonlyPaths"] == [str(files / "data")]


def test_print_several_is_what_all_allow(files):
    (files / "other.json").write_text('{"version": "1.0.0", "limits": {"processes": 7}}')
    both = printed("good.json", "other.json", cwd=files)
    assert both == printed("other.json", "good.json", cwd=files)
    assert both["limits"]["processes"] == 7
    assert "readonlyPaths" not in both.get("filesystem", {})


def test_options_add_to_a_file(files):
    (files / "out").mkdir()
    found = printed("--ro", "good.json", "--rw=out", "--deny", "/etc/ssl", "--procs", "9", "--env", "A=b c", "--cwd", "data",
                    "--syscalls", "strict", "--policy", "good.json", cwd=files)
    assert str(files / "good.json") in found["filesystem"]["readonlyPaths"]
    assert found["filesystem"]["readwritePaths"] == [str(files / "out")]
    assert found["filesystem"]["deniedPaths"] == ["/etc/ssl"]
    assert found["limits"] == {"processes": 9}
    assert found["syscalls"]["profile"] == "strict"
    assert found["process"]["cwd"] == str(files / "data") and "A=b c" in found["process"]["env"]


def test_default_is_the_workspace_preset(files):
    assert printed(cwd=files) == printed("--preset", "workspace", cwd=files)
    found = printed("--ro", "/usr/share", cwd=files)
    assert found["filesystem"]["readwritePaths"] == [str(files)]
    assert "readwritePaths" not in printed("--preset", "strict", "--ro", "data", cwd=files)["filesystem"]


def test_unknown_names_come_from_the_library(files):
    for words in (["--preset", "strikt"], ["--containment", "proces"], ["--syscalls", "most"]):
        done = call("policy", "print", *words, cwd=files)
        assert done.returncode == 1 and done.stderr.count("\n") == 1 and "(hint: " in done.stderr


def test_schema():
    done = call("policy", "schema")
    assert done.returncode == 0 and "filesystem" in json.loads(done.stdout)["properties"]


# ---- explain ----

def test_explain_is_an_aligned_table(files):
    done = call("explain", "--preset", "strict", "--ro", "data", cwd=files)
    assert done.returncode == 0 and "\x1b" not in done.stdout
    head, *rows = done.stdout.splitlines()
    assert head.split() == ["ITEM", "LEVEL", "RULE", "MECHANISM"]
    levels = [row[head.index("LEVEL"):].split()[0] for row in rows if not row.startswith("    ")]
    assert set(levels) <= {"kernel", "supervisor", "none"} and "kernel" in levels
    assert any(f"read-only {files}/data" in row for row in rows)


def test_explain_names_the_item_of_the_file(files):
    rows = call("explain", "--policy", "good.json", cwd=files).stdout.splitlines()
    assert any(row.startswith("/filesystem/readonlyPaths/0 ") for row in rows)


def test_explain_json_and_plan(files):
    words = ["explain", "--preset", "strict", "--ro", "data", "--"]
    found = json.loads(call(*words[:-1], "--json", cwd=files).stdout)
    assert set(found) == {"receipt"} and {"item", "rule", "mechanism", "level"} <= set(found["receipt"][0])
    plan = call(*words[:-1], "--plan", "--", "some", "--command", cwd=files).stdout
    found = json.loads(call(*words[:-1], "--plan", "--json", cwd=files).stdout)
    assert len(found["plan"]) > 5 and "\n".join(found["plan"]) + "\n" == plan


def test_explain_fails_as_a_start_would(files):
    words = ["--policy", "missing.json", "--", "true"]
    explained, run = call("explain", *words, cwd=files), call("run", *words, cwd=files)
    assert explained.returncode == 1 and run.returncode == 125
    assert explained.stderr == run.stderr
    assert explained.stderr.startswith("mxc: path /filesystem/readonlyPaths/0: ")


# ---- doctor ----

def test_doctor(wall):
    done = call("doctor")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0].split() == ["FEATURE", "STATE", "DETAIL"]
    assert re.fullmatch(r"trial: /bin/true ran in a sandbox in \d+\.\d ms", lines[-2])
    assert lines[-1] == "verdict: the process wall works on this host"


def test_doctor_json(wall):
    done = call("doctor", "--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0 and found["works"] is True
    assert found["trial"]["ok"] is True and found["trial"]["wallTimeMs"] > 0
    assert {"name", "available", "detail", "remedy"} <= set(found["features"][0])


def test_doctor_verify(wall):
    done = call("doctor", "--verify", "--json")
    found = json.loads(done.stdout)
    unproven = [row for row in found["verified"] if not row["proven"]]
    assert (done.returncode, found["proven"], unproven) == (0, True, [])
    mechanisms = {row["mechanism"] for row in found["verified"]}
    assert {"capabilities", "mount namespace", "landlock", "seccomp", "network namespace", "limits.memoryBytes"} <= mechanisms
    assert len(found["verified"]) >= 28
    table = call("doctor", "--verify")
    count = len(found["verified"])
    assert table.returncode == 0 and table.stdout.splitlines()[-1] == f"verified: {count} of {count} claims proven"


def test_doctor_verify_says_what_is_not_proven(wall):
    import subprocess
    script = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$0" doctor --verify --json'
    done = subprocess.run(["unshare", "-Ur", "sh", "-c", script, MXC], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=ENVIRONMENT)
    found = json.loads(done.stdout)
    assert done.returncode == 1 and found["proven"] is False
    assert found["verified"] and not any(row["proven"] for row in found["verified"])


def test_a_missing_remedy_is_shown_only_where_it_helps(wall):
    done = call("doctor")
    features = {feature["name"]: feature for feature in json.loads(call("doctor", "--json").stdout)["features"]}
    rows = done.stdout.splitlines()
    for number, row in enumerate(rows):
        name = row.split()[0] if row else ""
        if name in features:
            follows = rows[number + 1].startswith("    remedy: ")
            assert follows == bool(features[name]["remedy"]) and ("missing" in row) >= follows


def test_colour_only_on_a_terminal(files):
    import os
    import pty
    import subprocess

    def shown(**more):
        ours, theirs = pty.openpty()
        subprocess.run([MXC, "explain", "--preset", "strict"], stdout=theirs, stdin=subprocess.DEVNULL, timeout=60,
                       env={**ENVIRONMENT, **more})
        os.close(theirs)
        text = b""
        try:
            while part := os.read(ours, 65536):
                text += part
        except OSError:
            pass
        os.close(ours)
        return text

    assert b"\x1b[32mkernel\x1b[0m" in shown()
    assert b"\x1b" not in shown(NO_COLOR="1")
    assert b"\x1b" not in shown(TERM="dumb")
