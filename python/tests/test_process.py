"""Processes: the words of subprocess.Popen."""
import os
import select
import signal
import subprocess
import time

import pytest

import mxc


def test_captured(sandbox):
    process = sandbox.spawn("print('out')")
    assert (process.stdin, process.stdout, process.stderr) == (None, None, None)
    result = process.wait()
    assert result.stdout == b"out\n"
    assert process.wait() is result
    assert process.returncode == process.poll() == 0


def test_spawn_with_a_sandbox_of_its_own(policy):
    with mxc.spawn(["cat"], policy, input=b"given") as process:
        assert process.wait().stdout == b"given"
    assert process.closed


def test_poll(sandbox):
    process = sandbox.spawn(["cat"], stdin=mxc.PIPE)
    assert process.poll() is None
    assert process.returncode is None
    process.stdin.close()
    process.wait(5)
    assert process.poll() == 0


def test_wait_with_timeout(sandbox):
    process = sandbox.spawn(["sleep", "60"])
    began = time.monotonic()
    with pytest.raises(subprocess.TimeoutExpired) as caught:
        process.wait(0.3)
    assert isinstance(caught.value, mxc.WaitTimeout)
    assert 0.25 < time.monotonic() - began < 2
    with pytest.raises(mxc.TimeoutExpired):
        process.wait(0)
    process.kill()
    assert process.wait(5).signal == signal.SIGKILL
    assert process.returncode == -9


def test_a_conversation(sandbox):
    code = "import sys\nfor line in sys.stdin: print(line.strip().upper(), flush=True)"
    with sandbox.spawn(code, stdin=mxc.PIPE, stdout=mxc.PIPE) as process:
        for word in (b"one", b"two"):
            process.stdin.write(word + b"\n")
            process.stdin.flush()
            assert process.stdout.readline() == word.upper() + b"\n"
    assert process.returncode == 0


def test_communicate_moves_much_both_ways(sandbox):
    data = os.urandom(3 << 20)
    process = sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE, stderr=mxc.PIPE)
    assert process.communicate(data) == (data, b"")
    assert process.returncode == 0


def test_communicate_gives_what_was_captured(sandbox):
    process = sandbox.spawn("import sys; print('o'); print('e', file=sys.stderr)")
    assert process.communicate() == (b"o\n", b"e\n")


def test_communicate_loses_nothing_after_a_timeout(sandbox):
    process = sandbox.spawn(["sh", "-c", "echo first; sleep 1; cat"], stdin=mxc.PIPE, stdout=mxc.PIPE)
    with pytest.raises(mxc.TimeoutExpired):
        process.communicate(b"second", timeout=0.3)
    assert process.communicate() == (b"first\nsecond", b"")


def test_communicate_with_a_command_that_does_not_read(sandbox):
    process = sandbox.spawn(["true"], stdin=mxc.PIPE)
    assert process.communicate(b"x" * (1 << 20))[0] == b""
    assert process.returncode == 0


def test_descriptors_and_files(sandbox, tmp_path):
    (tmp_path / "in").write_bytes(b"from a file")
    with open(tmp_path / "in", "rb") as source, open(tmp_path / "out", "wb") as target:
        result = sandbox.spawn(["cat"], stdin=source, stdout=target.fileno()).wait()
    assert (tmp_path / "out").read_bytes() == b"from a file"
    assert (result.exit_code, result.stdout) == (0, b"")


def test_stderr_to_stdout(sandbox, tmp_path):
    line = ["sh", "-c", "echo out; echo err >&2"]
    with sandbox.spawn(line, stdout=mxc.PIPE, stderr=mxc.STDOUT) as process:
        assert process.stderr is None
        assert process.communicate() == (b"out\nerr\n", b"")
    with open(tmp_path / "both", "wb") as target:
        sandbox.spawn(line, stdout=target, stderr=mxc.STDOUT).wait().check()
    assert (tmp_path / "both").read_bytes() == b"out\nerr\n"
    assert sandbox.spawn(line, stdout=mxc.DEVNULL, stderr=subprocess.STDOUT).wait().stderr == b""


def test_there_is_no_pid(sandbox):
    assert sandbox.spawn(["true"]).pid is None


def test_devnull(sandbox):
    result = sandbox.spawn(["sh", "-c", "cat; echo gone"], stdin=mxc.DEVNULL, stdout=mxc.DEVNULL).wait()
    assert (result.exit_code, result.stdout) == (0, b"")


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGTERM, signal.SIGINT])
def test_send_signal(sandbox, number):
    process = sandbox.spawn(["sleep", "60"])
    time.sleep(0.2)
    process.send_signal(number)
    assert process.wait(5).signal == number
    assert process.returncode == -number


def test_terminate(sandbox):
    process = sandbox.spawn(["sleep", "60"])
    time.sleep(0.2)
    process.terminate()
    assert process.wait(5).signal == signal.SIGTERM


def test_kill_ends_the_whole_tree(sandbox, marker):
    process = sandbox.spawn(f"(trap '' TERM; setsid sleep {marker.seconds}) & sleep 60", language="bash")
    assert marker.becomes(1)
    process.kill()
    assert process.wait(5).signal == signal.SIGKILL
    assert marker.becomes(0)


def test_stop(sandbox):
    process = sandbox.spawn("import signal, time; signal.signal(15, signal.SIG_IGN); print('x', flush=True); time.sleep(60)",
                            stdout=mxc.PIPE)
    assert process.stdout.readline() == b"x\n"
    began = time.monotonic()
    process.stop(grace=0.3)
    assert process.wait(5).signal == signal.SIGKILL
    assert 0.25 < time.monotonic() - began < 2
    process.stdout.close()


def test_signals_after_the_end_do_nothing(sandbox):
    process = sandbox.spawn(["true"])
    process.wait()
    process.kill()
    process.terminate()
    process.stop()
    assert process.returncode == 0


def test_status_fd(sandbox):
    process = sandbox.spawn(["cat"], stdin=mxc.PIPE)
    assert select.select([process], [], [], 0.1)[0] == []
    process.stdin.close()
    assert select.select([process], [], [], 5)[0] == [process]
    assert process.fileno() == process.status_fd
    assert process.poll() == 0


def test_the_block_waits(sandbox):
    with sandbox.spawn(["sh", "-c", "sleep 0.3; exit 5"]) as process:
        pass
    assert process.returncode == 5


def test_an_exception_in_the_block_kills(sandbox, marker):
    with pytest.raises(KeyError):
        with sandbox.spawn(["sleep", marker.seconds]):
            assert marker.becomes(1)
            raise KeyError
    assert marker.becomes(0)


def test_it_outlives_the_sandbox(policy):
    with mxc.Sandbox(policy) as sandbox:
        process = sandbox.spawn(["echo", "kept"])
        process.wait()
    assert process.wait().stdout == b"kept\n"


def test_closing_keeps_a_result(sandbox):
    process = sandbox.spawn(["echo", "kept"])
    process.wait()
    process.close()
    assert process.wait().stdout == b"kept\n"
    assert process.poll() == 0


def test_a_missing_command(sandbox):
    with pytest.raises(mxc.CommandNotFound):
        sandbox.spawn(["no-such-command"]).wait()


@pytest.mark.parametrize("arguments, kind", [
    ({"stdin": "x"}, TypeError), ({"stdout": True}, TypeError), ({"stderr": subprocess.STDOUT}, ValueError),
    ({"stdout": -7}, ValueError), ({"stdin": mxc.PIPE, "input": b"x"}, ValueError), ({"stdout": 987_654}, mxc.Error),
])
def test_wrong_arguments(sandbox, arguments, kind):
    with pytest.raises(kind):
        sandbox.spawn(["true"], **arguments)


def test_wrong_waits(sandbox):
    process = sandbox.spawn(["true"])
    for wrong in (-1, float("nan")):
        with pytest.raises(ValueError):
            process.wait(wrong)
    for wrong in ("1", True):
        with pytest.raises(TypeError):
            process.wait(wrong)
    with pytest.raises(ValueError, match="stdin=PIPE"):
        process.communicate(b"x")
    with pytest.raises(mxc.InvalidArgumentError):
        sandbox.spawn(["sleep", "5"]).send_signal(65)


def test_repr(sandbox):
    process = sandbox.spawn(["true"])
    process.wait()
    assert repr(process) == "<mxc.Process returncode=0 args=['true']>"
