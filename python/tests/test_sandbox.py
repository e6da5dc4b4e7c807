"""Open sandboxes: several commands, kill, close, and what is left afterwards."""
import gc
import select
import signal
import socket
import threading
import time

import pytest

import mxc


def test_files_in_private_places_live_between_commands(sandbox):
    sandbox.run("open('/tmp/kept', 'w').write('still here')", check=True)
    assert sandbox.run(["cat", "/tmp/kept"]).stdout == b"still here"


def test_sandboxes_share_nothing_private(policy):
    with mxc.Sandbox(policy) as one, mxc.Sandbox(policy) as other:
        one.run(["touch", "/tmp/mine"], check=True)
        assert not other.run(["test", "-e", "/tmp/mine"]).ok


def test_arguments_are_those_of_run(sandbox):
    result = sandbox.run("cat; echo $A; pwd; exit 4", language="bash", input="in\n", env={"A": "b"}, cwd="/usr", timeout=20)
    assert (result.stdout, result.exit_code) == (b"in\nb\n/usr\n", 4)
    with pytest.raises(mxc.CommandError):
        sandbox.run(["false"], check=True)
    assert sandbox.run(["sleep", "60"], timeout=0.3).timed_out
    assert sandbox.run(["echo", "goes on"]).stdout == b"goes on\n"


def test_source_code(sandbox):
    assert sandbox.run("import json; print(json.dumps(1))").stdout == b"1\n"


def test_an_error_leaves_it_usable(sandbox):
    for _ in range(3):
        with pytest.raises(mxc.CommandNotFound):
            sandbox.run(["no-such-command"])
    assert sandbox.run(["true"]).ok


def test_several_at_once(sandbox):
    began = time.monotonic()
    processes = [sandbox.spawn(["sh", "-c", f"sleep 0.5; echo {number}"]) for number in range(5)]
    assert [process.wait().stdout for process in processes] == [f"{number}\n".encode() for number in range(5)]
    assert time.monotonic() - began < 2.4


def test_threads(sandbox):
    found = []

    def work(number):
        for step in range(4):
            found.append(sandbox.run(["echo", f"{number}.{step}"]).stdout_text.strip())
    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(f"{number}.{step}" for number in range(6) for step in range(4))


def test_what_a_command_leaves_behind_is_ended(sandbox, marker):
    assert sandbox.run(f"trap '' TERM; setsid sleep {marker.seconds} >/dev/null 2>&1 & echo ok", language="bash").ok
    assert marker.becomes(0)
    assert sandbox.run(["true"]).ok


def test_kill(policy, marker):
    sandbox = mxc.Sandbox(policy)
    process = sandbox.spawn(["sleep", marker.seconds])
    assert marker.becomes(1)
    sandbox.kill()
    result = process.wait(5)
    assert (result.signal, result.exit_code) == (signal.SIGKILL, None)
    assert marker.becomes(0)
    assert select.select([sandbox], [], [], 3)[0] == [sandbox]
    with pytest.raises(mxc.ClosedError):
        sandbox.run(["true"])
    sandbox.close()


def test_fd_is_quiet_while_it_lives(sandbox):
    assert select.select([sandbox.fd], [], [], 0.1)[0] == []
    assert sandbox.fileno() == sandbox.fd >= 0


def test_close_ends_everything(policy, marker):
    with mxc.Sandbox(policy) as sandbox:
        process = sandbox.spawn(["sleep", marker.seconds])
        assert marker.becomes(1)
        assert not sandbox.closed
    assert marker.count() == 0
    assert sandbox.closed
    assert process.wait(5).signal == signal.SIGKILL


def test_close_from_another_thread_ends_a_run(policy):
    sandbox = mxc.Sandbox(policy)
    closer = threading.Timer(0.5, sandbox.close)
    closer.start()
    assert sandbox.run(["sleep", "60"]).signal == signal.SIGKILL
    closer.join()


def test_the_end_of_the_object_is_the_end_of_the_sandbox(policy, marker):
    sandbox = mxc.Sandbox(policy)
    process = sandbox.spawn(["sleep", marker.seconds])
    assert marker.becomes(1)
    del sandbox
    gc.collect()
    assert marker.count() == 1  # the process is still of interest
    del process
    gc.collect()
    assert marker.becomes(0)


def test_a_policy_that_cannot_hold(every_udp_port):
    with pytest.raises(mxc.UnsupportedError) as caught:
        mxc.Sandbox(every_udp_port)
    assert caught.value.origin == "/network/egress/allow/0/ports/0"
    with pytest.raises(mxc.PathError):
        mxc.Sandbox(mxc.Policy(read=["/nowhere/at/all"]))


def test_nothing_stays_open(policy, no_new_descriptors):
    for _ in range(3):
        with mxc.Sandbox(policy) as sandbox:
            sandbox.run(["true"])
            sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE, stderr=mxc.PIPE).communicate(b"x")
        with pytest.raises(mxc.PathError):
            mxc.Sandbox(mxc.Policy(read=["/nowhere"]))


def test_repr(policy):
    sandbox = mxc.Sandbox(policy)
    assert repr(sandbox) == "<mxc.Sandbox open>"
    sandbox.close()
    assert repr(sandbox) == "<mxc.Sandbox closed>"


def test_update_network():
    with mxc.Sandbox(mxc.Policy(allow=["example.org:443", "example.com:443"])) as sandbox:
        asked = ["python3", "-c", "import socket; print(socket.getaddrinfo('example.com', 443)[0][4][0][:3])"]
        assert sandbox.run(asked).stdout_text in ("198\n", "fd6\n")
        sandbox.update_network(mxc.Policy(allow=["example.org:443"]))
        refused = sandbox.run(asked)
        assert not refused.ok
        assert [(one.name, one.protocol, one.direction, one.outcome) for one in refused.connections] == [
            ("example.com", "", "out", "unknown_name")]
        with pytest.raises(mxc.PolicyError) as caught:
            sandbox.update_network(mxc.Policy(allow=["example.net:443"]))
        assert caught.value.origin == "/network/egress/allow/0"
        sandbox.update_network(sandbox.policy)
        assert sandbox.run(asked).ok
    with pytest.raises(mxc.ClosedError):
        sandbox.update_network("strict")
    with mxc.Sandbox("strict") as sandbox:
        sandbox.update_network("strict")  # nothing was granted, and nothing is


def test_published_port():
    inside = "import socket; server = socket.create_server(('127.0.0.1', 8080)); print('ready', flush=True); server.accept()[0].sendall(b'in')"
    with mxc.Sandbox({"network": {"publish": [{"port": 8080}]}}) as sandbox:
        process = sandbox.spawn(["python3", "-c", inside], stdout=mxc.PIPE)
        with process.stdout:
            assert process.stdout.readline() == b"ready\n"
        with socket.create_connection(("127.0.0.1", sandbox.published_port(8080)), timeout=10) as one:
            assert one.recv(10) == b"in"
        assert [(one.protocol, one.direction, one.outcome) for one in process.wait().connections] in (
            [("tcp", "in", "closed")], [("tcp", "in", "open")])
        assert sandbox.published_port(1) == 0
