"""run(): code, arguments, languages, input, environment, folders, deadlines, limits, denials, receipt."""
import base64
import hashlib
import json
import os
import pickle
import shutil
import signal
import sys
import time

import pytest

import mxc
from mxc import Policy


def test_the_first_example(policy):
    result = mxc.run("print(6*7)", policy)
    assert result.stdout == b"42\n"
    assert (result.exit_code, result.signal, result.timed_out, result.ok) == (0, None, False, True)
    assert result.check() is result


def test_the_module_form(policy):
    from mxc import sandbox
    assert sandbox.run("print(6*7)", policy).stdout_text == "42\n"


def test_arguments_go_through_no_shell(policy):
    assert mxc.run(["echo", "$HOME; ls *", "ü"], policy).stdout_text == "$HOME; ls * ü\n"
    assert mxc.run(("echo", "a tuple"), policy).stdout == b"a tuple\n"


def test_presets_and_dicts_run():
    assert mxc.run("print(1)", "strict").ok
    assert mxc.run(["true"], {"limits": {"processes": 16}}).ok


def test_none_is_the_current_folder(workspace, monkeypatch):
    monkeypatch.chdir(workspace)
    mxc.run("open('made', 'w').write('x')").check()
    assert (workspace / "made").read_text() == "x"


def test_bash(policy):
    result = mxc.run("for i in 1 2; do echo $i; done; exit 7", policy, language="bash")
    assert (result.stdout, result.exit_code) == (b"1\n2\n", 7)


@pytest.mark.skipif(shutil.which("node") is None, reason="node")
def test_node(policy):
    assert mxc.run("console.log([1, 2].map(x => x * 2).join())", policy, language="node").check().stdout == b"2,4\n"


def test_an_unknown_language(policy):
    with pytest.raises(mxc.InterpreterError, match="cobol"):
        mxc.run("x", policy, language="cobol")


def test_exit_code_and_streams(policy):
    result = mxc.run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", policy)
    assert (result.exit_code, result.stdout, result.stderr) == (3, b"out\n", b"err\n")
    assert not result.ok


def test_check(policy):
    with pytest.raises(mxc.CommandError, match="exited with 3: the reason") as caught:
        mxc.run("import sys; print('the reason', file=sys.stderr); sys.exit(3)", policy, check=True)
    assert caught.value.result.exit_code == caught.value.returncode == 3
    assert caught.value.stderr == b"the reason\n"


def test_signal(policy):
    result = mxc.run("import os; os.kill(os.getpid(), 11)", policy)
    assert (result.exit_code, result.signal) == (None, signal.SIGSEGV)
    with pytest.raises(mxc.CommandError, match="SIGSEGV"):
        result.check()


def test_an_exception_of_the_code_is_a_result(policy):
    result = mxc.run("1/0", policy)
    assert result.exit_code == 1
    assert "ZeroDivisionError" in result.stderr_text


@pytest.mark.parametrize("given, received", [(None, b""), (b"", b""), ("zwölf", "zwölf".encode()),
                                             (b"\0\xff" * 100_000, b"\0\xff" * 100_000), (bytearray(b"abc"), b"abc")],
                         ids=["none", "empty", "text", "binary", "bytearray"])
def test_input(policy, given, received):
    assert mxc.run(["sha256sum"], policy, input=given).stdout.split()[0].decode() == \
        hashlib.sha256(received).hexdigest()


def test_environment(policy, monkeypatch):
    monkeypatch.setenv("MXC_TEST_SECRET", "of the caller")
    lines = mxc.run(["env"], policy, env={"GIVEN": "yes =", "LANG": "C"}).check().stdout_text.splitlines()
    assert "GIVEN=yes =" in lines
    assert "LANG=C" in lines
    assert "HOME=/tmp" in lines
    assert "PATH=/usr/local/bin:/usr/bin:/bin" in lines
    assert not any("SECRET" in line for line in lines)


def test_environment_of_the_policy(workspace):
    policy = Policy(write=[workspace], env={"A": "policy", "B": "policy"})
    lines = mxc.run(["env"], policy, env={"B": "command"}).check().stdout_text.splitlines()
    assert "A=policy" in lines
    assert "B=command" in lines


def test_working_folder(policy, workspace):
    assert mxc.run(["pwd"], policy).stdout_text.strip() == str(workspace)
    assert mxc.run(["pwd"], policy, cwd="/usr").stdout_text.strip() == "/usr"
    assert mxc.run(["pwd"], "strict").stdout_text.strip() == "/tmp"


def test_a_missing_working_folder(policy):
    with pytest.raises(mxc.Error) as caught:
        mxc.run(["pwd"], policy, cwd="/nowhere")
    assert caught.value.origin == "/process/cwd"


def test_files_belong_to_the_caller(policy, workspace):
    mxc.run("open('made', 'w').write('x')", policy, check=True)
    assert (workspace / "made").stat().st_uid == os.getuid()
    assert (workspace / "made").stat().st_gid == os.getgid()


def test_what_is_not_granted_is_not_there(policy, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of the caller")
    result = mxc.run(f"print(open({str(secret)!r}).read())", policy)
    assert "FileNotFoundError" in result.stderr_text
    assert b"of the caller" not in result.stdout


def test_a_readable_path_is_not_writable(tmp_path):
    (tmp_path / "data").write_text("old")
    policy = Policy(read=[tmp_path])
    assert mxc.run(["cat", tmp_path / "data"], policy).stdout == b"old"
    assert not mxc.run(["tee", tmp_path / "data"], policy, input="new").ok
    assert (tmp_path / "data").read_text() == "old"


def test_a_denied_path_inside_a_granted_one(workspace):
    (workspace / "private").mkdir()
    (workspace / "private/key").write_text("secret")
    policy = Policy(write=[workspace], deny=[workspace / "private"])
    result = mxc.run(["cat", workspace / "private/key"], policy)
    assert not result.ok
    assert result.stdout == b""


def test_only_the_standard_descriptors(policy, tmp_path):
    with open(tmp_path / "open", "w") as opened:
        os.set_inheritable(opened.fileno(), True)
        listed = mxc.run(["ls", "/proc/self/fd"], policy).check().stdout_text.split()
    assert listed == ["0", "1", "2", "3"]  # 3 is the folder that ls reads


def test_timeout(policy):
    began = time.monotonic()
    result = mxc.run("import time; time.sleep(60)", policy, timeout=0.5)
    assert result.timed_out
    assert (result.limit_hit, result.signal, result.exit_code, result.ok) == ("wall_time", signal.SIGTERM, None, False)
    assert 0.4 < result.wall_time < 3
    assert time.monotonic() - began < 5
    with pytest.raises(mxc.CommandError, match="timed out"):
        result.check()


def test_grace(policy):
    code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    result = mxc.run(code, policy, timeout=1, grace=0.3)
    assert (result.stdout, result.timed_out, result.signal) == (b"deaf\n", True, signal.SIGKILL)
    assert 1.2 < result.wall_time < 4


def test_the_end_of_the_policys_deadline(workspace):
    result = mxc.run(["sleep", "60"], Policy(write=[workspace], timeout="300ms"), timeout=30)
    assert result.timed_out
    assert result.wall_time < 3


def test_a_deaf_daemon_delays_nothing(policy, marker):
    code = f"trap '' TERM; (setsid sleep {marker.seconds} &) ; echo started"
    began = time.monotonic()
    result = mxc.run(code, policy, language="bash")
    assert result.stdout == b"started\n"
    assert time.monotonic() - began < 5
    assert marker.becomes(0)


def test_memory_limit(workspace):
    result = mxc.run("x = b'x' * (1 << 29); print(len(x))", Policy(write=[workspace], memory="64M"))
    assert not result.ok
    assert result.limit_hit == "memory"
    assert result.stdout == b""


def test_process_limit(workspace):
    code = """
import os, time
for count in range(200):
    try:
        if os.fork() == 0:
            time.sleep(20); os._exit(0)
    except BlockingIOError:
        print("refused"); break
"""
    result = mxc.run(code, Policy(write=[workspace], processes=20))
    assert result.stdout == b"refused\n"
    assert "processes" in result.limits_hit


def test_cpu_time_limit(workspace):
    result = mxc.run("while True: pass", Policy(write=[workspace], cpu_time=0.5, timeout=20))
    assert result.limit_hit == "cpu_time"
    assert not result.timed_out
    assert result.signal == signal.SIGKILL
    assert 0.3 < result.cpu_time < 3


def test_output_limit(workspace):
    code = "import sys; sys.stdout.write('a' * 500_000 + 'z' * 500_000)"
    result = mxc.run(code, Policy(write=[workspace], output=1000))
    assert result.ok
    assert (result.stdout_truncated, result.stdout_length, len(result.stdout)) == (True, 1_000_000, 1000)
    assert result.stdout[:1] == b"a"
    assert result.stdout[-1:] == b"z"
    assert (result.limit_hit, result.limits_hit) == ("output", ["output"])
    assert (result.stderr_truncated, result.stderr_length) == (False, 0)


def test_binary_output(policy):
    data = bytes(range(256)) * 10
    result = mxc.run("import sys; sys.stdout.buffer.write(bytes(range(256)) * 10)", policy)
    assert result.stdout == data
    assert result.stdout_length == len(data)
    assert not result.stdout_truncated
    assert "\ufffd" in result.stdout_text
    said = result.to_dict()
    assert said["stdoutEncoding"] == "base64"
    assert base64.b64decode(said["stdout"]) == data


def test_denials(policy):
    result = mxc.run(["unshare", "--user", "true"], policy)
    assert not result.ok
    denial = next(denial for denial in result.denials if denial.what == "unshare")
    assert (denial.kind, denial.mechanism, denial.count) == ("syscall", "seccomp", 1)
    assert 0 <= denial.first < 5
    assert "unshare" in repr(result)


def test_no_denials(policy):
    assert mxc.run(["true"], policy).denials == []


def test_receipt(workspace):
    receipt = mxc.run(["true"], Policy(write=[workspace])).receipt
    item = next(item for item in receipt if item.item == "/filesystem/readwritePaths/0")
    assert str(workspace) in item.rule
    assert "mount" in item.mechanism
    assert item.level == "kernel"
    assert {item.level for item in receipt} <= {"kernel", "supervisor", "none"}
    assert "/limits/memoryBytes" in {item.item for item in receipt}


def test_usage(policy):
    result = mxc.run("x = b'x' * (50 << 20)\nfor i in range(3_000_000): pass", policy)
    assert 0.01 < result.cpu_time < 20
    assert result.wall_time > 0.01
    assert 50 << 20 < result.peak_memory < 500 << 20


def test_json(policy):
    result = mxc.run("print('ü'); import sys; sys.exit(2)", policy)
    said = result.to_dict()
    assert said == json.loads(result.to_json())
    assert (said["exitCode"], said["stdout"], said["stdoutEncoding"]) == (2, "ü\n", "utf-8")
    assert (said["signal"], said["timedOut"], said["limitHit"], said["denials"]) == (None, False, None, [])
    assert len(said["receipt"]) == len(result.receipt)


def test_a_result_survives_pickling(policy):
    result = mxc.run("print('kept')", policy)
    copy = pickle.loads(pickle.dumps(result))
    assert copy.stdout == b"kept\n"
    assert copy.to_json() == result.to_json()
    assert copy.receipt == result.receipt
    assert repr(copy) == repr(result)


def test_a_missing_command(policy):
    with pytest.raises(mxc.CommandNotFound, match="no-such-command") as caught:
        mxc.run(["no-such-command"], policy)
    assert isinstance(caught.value, FileNotFoundError)
    assert caught.value.errno == 2


def test_a_command_that_is_none(policy):
    with pytest.raises(mxc.CommandNotExecutable) as caught:
        mxc.run(["/etc/passwd"], policy)
    assert isinstance(caught.value, PermissionError)


def test_a_missing_path():
    with pytest.raises(mxc.PathError, match="/nowhere/at/all") as caught:
        mxc.run(["true"], {"filesystem": {"readonlyPaths": ["/usr", "/nowhere/at/all"]}})
    assert caught.value.origin == "/filesystem/readonlyPaths/1"
    policy = Policy(read=["/usr", "/nowhere/at/all"])
    with pytest.raises(mxc.PathError, match="/nowhere/at/all") as caught:
        mxc.run(["true"], policy)
    place = policy.to_dict()["filesystem"]["readonlyPaths"].index("/nowhere/at/all")
    assert caught.value.origin == f"/filesystem/readonlyPaths/{place}"


def test_a_grant_of_every_udp_port_is_refused(every_udp_port):
    with pytest.raises(mxc.UnsupportedError) as caught:
        mxc.run(["true"], every_udp_port)
    assert caught.value.origin == "/network/egress/allow/0/ports/0"
    assert caught.value.hint


def test_connections():
    code = "import socket\nfor name in ('192.0.2.1', 'other.invalid'):\n" \
           "    try: print(socket.create_connection((name, 443)).recv(1))\n    except OSError as error: print(type(error).__name__)"
    result = mxc.run(code, Policy(allow=["198.51.100.0/24:443"]), timeout=30)
    assert result.stdout_text == "ConnectionResetError\ngaierror\n"
    address, name = result.connections
    assert (address.name, address.address, address.port, address.outcome) == ("", "192.0.2.1", 443, "denied")
    assert (address.rule, address.bytes_in, address.bytes_out) == ("", 0, 0)
    assert (name.name, name.port, name.outcome) == ("other.invalid", 0, "unknown_name")
    assert result.connections_dropped == 0
    assert mxc.run(["true"], Policy()).connections == []


def test_a_policy_that_hides_the_interpreter():
    with pytest.raises(mxc.InterpreterError):
        mxc.run("print(1)", {"filesystem": {"deniedPaths": [os.path.realpath(sys.executable)]}})


def test_the_network_is_empty(policy):
    code = "import socket; s = socket.socket(); s.settimeout(3); print(s.connect_ex(('192.0.2.1', 80)))"
    assert mxc.run(code, policy).check().stdout.strip() == b"101"  # ENETUNREACH


def test_the_process_section_of_a_policy_is_not_needed(policy):
    result = mxc.run([sys.executable, "-c", "import sys; print(sys.prefix)"], policy)
    assert result.check().stdout_text.strip() == sys.prefix


@pytest.mark.parametrize("command, kind", [
    (5, TypeError), (None, TypeError), (b"print(1)", TypeError), ([5], TypeError), ({"ls"}, TypeError),
    ([], mxc.InvalidArgumentError), ("a\0b", ValueError), (["a\0b"], ValueError),
    ("x" * (5 << 20), mxc.InvalidArgumentError), ("\ud800", ValueError),
], ids=["number", "none", "bytes", "number-in-list", "set", "empty", "nul", "nul-in-list", "long", "surrogate"])
def test_wrong_commands(command, kind):
    with pytest.raises(kind):
        mxc.run(command, "strict")


@pytest.mark.parametrize("arguments, kind", [
    ({"timeout": 0}, ValueError), ({"timeout": -1}, ValueError), ({"timeout": float("nan")}, ValueError),
    ({"timeout": float("inf")}, ValueError), ({"timeout": "soon"}, ValueError), ({"timeout": True}, TypeError),
    ({"timeout": [1]}, TypeError), ({"grace": -1}, ValueError), ({"env": {"A": 1}}, TypeError),
    ({"env": {"A=B": ""}}, ValueError), ({"env": "A=B"}, TypeError), ({"input": 5}, TypeError),
    ({"cwd": 5}, TypeError), ({"cwd": "relative"}, mxc.InvalidArgumentError), ({"language": "bash"}, ValueError),
    ({"policy": 5}, TypeError), ({"shell": True}, TypeError),
])
def test_wrong_arguments(arguments, kind):
    with pytest.raises(kind):
        mxc.run(["true"], **{"policy": "strict", **arguments})


def test_a_path_is_no_code(tmp_path):
    with pytest.raises(TypeError, match="source code"):
        mxc.run(tmp_path, "strict")


def test_nothing_stays_open(policy, no_new_descriptors):
    for _ in range(3):
        mxc.run(["true"], policy)
        with pytest.raises(mxc.CommandNotFound):
            mxc.run(["no-such-command"], policy)
        with pytest.raises(mxc.PathError):
            mxc.run(["true"], Policy(read=["/nowhere"]))


def test_findings(workspace):
    assert mxc.run(["true"], mxc.Policy(write=[workspace])).findings == []
    made = "mkdir -p r/.git/objects r/.git/refs r/.git/hooks; touch r/.git/HEAD r/.git/hooks/pre-commit"
    found = mxc.run(["sh", "-c", made], mxc.Policy(write=[workspace])).findings
    assert [(one.kind, one.path) for one in found] == [
        ("new_repository", f"{workspace}/r/.git"), ("new_hook", f"{workspace}/r/.git/hooks/pre-commit")]


def test_findings_of_an_open_sandbox(workspace):
    with mxc.Sandbox(mxc.Policy(write=[workspace])) as sandbox:
        assert sandbox.findings() == []
        sandbox.run(["touch", f"{workspace}/.bashrc"]).check()
        assert sandbox.findings() == [mxc.Finding("new_protected_name", f"{workspace}/.bashrc")]
