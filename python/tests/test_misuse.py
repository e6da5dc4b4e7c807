"""Closed handles, threads, forks, Ctrl-C: an exception or nothing, never a crash and never something left over."""
import gc
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import mxc

SETUP = "import gc, os, signal, sys, time\nimport mxc\npolicy = mxc.Policy.preset('strict')\n"


def test_a_closed_sandbox(policy):
    sandbox = mxc.Sandbox(policy)
    sandbox.close()
    sandbox.close()
    for use in (lambda: sandbox.run(["true"]), lambda: sandbox.spawn(["true"]), sandbox.kill, lambda: sandbox.fd,
                sandbox.fileno):
        with pytest.raises(mxc.ClosedError, match="sandbox is closed"):
            use()
    assert sandbox.closed


def test_a_closed_process(sandbox):
    process = sandbox.spawn(["sleep", "60"])
    process.close()
    process.close()
    for use in (process.wait, process.poll, process.kill, process.terminate, process.stop, process.communicate,
                lambda: process.status_fd, process.fileno):
        with pytest.raises(mxc.ClosedError, match="process is closed"):
            use()
    assert "closed" in repr(process)


def test_a_block_around_a_closed_one(policy):
    with mxc.Sandbox(policy) as sandbox:
        sandbox.close()
    with mxc.spawn(["sleep", "60"], policy) as process:
        process.close()
    assert sandbox.closed and process.closed


def test_close_while_others_wait(policy):
    process = mxc.spawn(["sleep", "60"], policy)
    found = []

    def wait():
        found.append(process.wait().signal)
    threads = [threading.Thread(target=wait) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.3)
    process.close()
    for thread in threads:
        thread.join(5)
    assert found == [signal.SIGKILL] * 4


def test_close_from_many_threads(policy):
    for _ in range(5):
        sandbox = mxc.Sandbox(policy)
        threads = [threading.Thread(target=sandbox.close) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive()


def test_use_and_close_race(policy):
    for _ in range(5):
        sandbox = mxc.Sandbox(policy)
        wrong = []

        def work():
            try:
                while True:
                    if sandbox.run(["true"]).signal not in (None, signal.SIGKILL):
                        wrong.append("signal")
            except mxc.ClosedError:
                pass
            except BaseException as error:
                wrong.append(error)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.1)
        sandbox.close()
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive()
        assert wrong == []


def test_one_shots_in_threads(policy):
    found = []
    threads = [threading.Thread(target=lambda number=number: found.append(int(mxc.run(f"print({number})", policy).stdout)))
               for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(8))


def test_half_built_objects():
    for cls in (mxc.Sandbox, mxc.Process, mxc.Policy, mxc.Result):
        cls.__new__(cls)
    gc.collect()


def test_a_forked_child_has_no_part_in_a_sandbox(program):
    printed = program(SETUP + """
sandbox = mxc.Sandbox(policy)
process = sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE)
child = os.fork()
if child == 0:
    refused = 0
    for use in (lambda: sandbox.run(["true"]), lambda: process.wait(0), sandbox.kill, process.kill):
        try:
            use()
        except mxc.ClosedError as error:
            refused += "parent" in str(error)
    sandbox.close(); process.close()
    closed = sandbox.closed and process.closed
    del sandbox, process
    gc.collect()
    own = mxc.run("print(6*7)", policy).stdout == b"42\\n"
    os._exit(0 if refused == 4 and closed and own else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(process.communicate(b"alive")[0], sandbox.run(["echo", "too"]).stdout)
sandbox.close()
""")
    assert printed == "0\nb'alive' b'too\\n'\n"


def test_a_policy_survives_a_fork(program):
    assert program(SETUP + """
child = os.fork()
if child == 0:
    os._exit(0 if mxc.run(["true"], policy).ok and (policy & policy) == policy else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (policy & policy) == policy)
""") == "0 True\n"


def test_closing_while_a_forked_child_lives(program):
    assert program(SETUP + """
sandbox = mxc.Sandbox(policy)
child = os.fork()
if child == 0:
    time.sleep(30)
    os._exit(0)
began = time.monotonic()
sandbox.close()
print(time.monotonic() - began < 2)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
""") == "True\n"


def start(source):
    folder = os.path.dirname(os.path.dirname(mxc.__file__))
    return subprocess.Popen([sys.executable, "-c", SETUP + source], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env={**os.environ, "PYTHONPATH": folder})


@pytest.mark.parametrize("source", [
    "mxc.run(['sleep', '{0}'], policy)",
    "with mxc.Sandbox(policy) as sandbox: sandbox.run(['sleep', '{0}'])",
    "with mxc.Sandbox(policy) as sandbox: sandbox.spawn(['sleep', '{0}']).communicate()",
], ids=["run", "sandbox", "communicate"])
def test_ctrl_c(source, marker):
    with start(source.format(marker.seconds)) as caller:
        assert marker.becomes(1, within=10)
        caller.send_signal(signal.SIGINT)
        errors = caller.communicate(timeout=5)[1]
    assert b"KeyboardInterrupt" in errors
    assert caller.returncode == -signal.SIGINT
    assert marker.becomes(0)


def test_the_end_of_the_caller_is_the_end_of_the_sandbox(marker):
    with start(f"sandbox = mxc.Sandbox(policy)\nsandbox.run(['sleep', '{marker.seconds}'])") as caller:
        assert marker.becomes(1, within=10)
        caller.kill()
    assert marker.becomes(0, within=2)


def test_the_end_of_the_caller_when_a_forked_child_lives_on(marker, tmp_path):
    note = tmp_path / "child"
    source = f"""
sandbox = mxc.Sandbox(policy)
process = sandbox.spawn(['sleep', '{marker.seconds}'])
child = os.fork()
if child == 0:
    for number in (0, 1, 2):
        os.close(number)
    time.sleep(30)
    os._exit(0)
open({str(note)!r}, 'w').write(str(child))
time.sleep(30)
"""
    with start(source) as caller:
        assert marker.becomes(1, within=10)
        while not note.exists() or not note.read_text():
            time.sleep(0.02)
        caller.kill()
    try:
        assert marker.becomes(0, within=2)
    finally:
        os.kill(int(note.read_text()), signal.SIGKILL)


def test_closing_in_a_signal_handler(program):
    assert program(SETUP + """
sandbox = mxc.Sandbox(policy)
signal.signal(signal.SIGALRM, lambda *_: sandbox.close())
signal.setitimer(signal.ITIMER_REAL, 0.5)
print(sandbox.run(["sleep", "60"]).signal)
process = mxc.spawn(["sleep", "60"], policy)
signal.signal(signal.SIGALRM, lambda *_: process.close())
signal.setitimer(signal.ITIMER_REAL, 0.5)
print(process.wait().signal)
""") == "9\n9\n"


def test_the_end_of_the_program_with_everything_open(program):
    assert program(SETUP + """
sandbox = mxc.Sandbox(policy)
process = sandbox.spawn(["sleep", "60"], stdout=mxc.PIPE)
kept = mxc.run(["true"], policy)
print("end")
""") == "end\n"


def test_kills_from_many_threads(policy):
    with mxc.Sandbox(policy) as sandbox:
        for _ in range(5):
            process, wrong = sandbox.spawn(["sleep", "60"]), []

            def work():
                try:
                    process.terminate()
                    process.kill()
                    process.stop(0)
                    assert process.wait(10).signal in (signal.SIGTERM, signal.SIGKILL)
                except BaseException as error:
                    wrong.append(error)
            threads = [threading.Thread(target=work) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(15)
            assert wrong == []


def test_a_handle_of_another_thread(policy):
    made = []
    thread = threading.Thread(target=lambda: made.append(mxc.Sandbox(policy)))
    thread.start()
    thread.join()
    with made[0] as sandbox:
        assert sandbox.run(["echo", "lives"]).stdout == b"lives\n"  # it does not end with the thread that opened it


def test_collection_while_it_runs(policy):
    class Node:
        pass
    for _ in range(20):
        node = Node()
        node.process, node.self = mxc.spawn(["sleep", "60"], policy, stdout=mxc.DEVNULL), node
        del node
        gc.collect()
    assert mxc.run("import gc; gc.collect(); print(1)", policy).stdout == b"1\n"


@pytest.mark.parametrize("act", [
    lambda process: process.wait(timeout="1"), lambda process: process.send_signal("KILL"),
    lambda process: process.communicate(timeout=[]), lambda process: process.stop(grace="1s"),
])
def test_wrong_types_of_a_process(sandbox, act):
    process = sandbox.spawn(["sleep", "60"], stdin=mxc.PIPE)
    with pytest.raises((TypeError, ValueError)):
        act(process)
    process.close()


def test_wrong_types_of_handles():
    for wrong in (None, 5, "x", object()):
        with pytest.raises(TypeError):
            mxc.Process(wrong, [])
        with pytest.raises(TypeError):
            mxc.Result(wrong, [])
