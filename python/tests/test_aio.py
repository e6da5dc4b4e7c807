"""mxc.aio with every event library: the same words, cancelling that kills, and no threads."""
import asyncio
import gc
import os
import resource
import signal
import subprocess
import sys
import threading
import time

import pytest

import mxc
from mxc import aio


def started(driver, main):
    """Runs it with a limit: an async test that hangs would hang the suite."""
    def late(*_):
        raise TimeoutError("the test took more than 60 s")
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 60)
    try:
        return driver.run(main)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_run(driver, policy):
    async def main():
        result = await aio.run("print(6*7)", policy)
        assert result.check().stdout == b"42\n"
        assert (await aio.run(["sh", "-c", "cat; exit 3"], policy, input=b"in")).exit_code == 3
        assert (await aio.run("echo $A", policy, language="bash", env={"A": "b"})).stdout == b"b\n"
        with pytest.raises(mxc.CommandError):
            await aio.run(["false"], policy, check=True)
    started(driver, main)


def test_errors_are_those_of_the_package(driver, policy):
    async def main():
        for wrong, kind in ((lambda: aio.run(["no-such-command"], policy), mxc.CommandNotFound),
                            (lambda: aio.run(["true"], mxc.Policy(read=["/nowhere"])), mxc.PathError),
                            (lambda: aio.run(["true"], policy, timeout=-1), ValueError),
                            (lambda: aio.run(["true"], policy, shell=True), TypeError),
                            (lambda: aio.run(5, policy), TypeError)):
            with pytest.raises(kind):
                await wrong()
    started(driver, main)


def test_the_deadline_of_a_command(driver, policy):
    async def main():
        assert (await aio.run(["sleep", "60"], policy, timeout=0.3)).timed_out
    started(driver, main)


def test_sandbox(driver, policy):
    async def main():
        async with aio.Sandbox(policy) as sandbox:
            await sandbox.run(["sh", "-c", "echo kept >/tmp/kept"], check=True)
            assert (await sandbox.run(["cat", "/tmp/kept"])).stdout == b"kept\n"
            assert (await sandbox.run_code("print(1)")).stdout == b"1\n"
            assert sandbox.fileno() == sandbox.fd
            assert not sandbox.closed
        assert sandbox.closed
        sandbox = await aio.Sandbox.create(policy)
        process = await sandbox.spawn(["sleep", "60"])
        sandbox.kill()
        assert (await process.wait(5)).signal == signal.SIGKILL
        await process.aclose()
        await sandbox.aclose()
        await sandbox.aclose()
    started(driver, main)


def test_communicate_moves_much_both_ways(driver, policy):
    data = os.urandom(3 << 20)

    async def main():
        process = await aio.spawn(["cat"], policy, stdin=mxc.PIPE, stdout=mxc.PIPE, stderr=mxc.PIPE)
        async with process:
            assert await process.communicate(data) == (data, b"")
            assert await process.communicate() == (data, b"")
        assert process.returncode == 0
    started(driver, main)


def test_communicate_loses_nothing_after_a_timeout(driver, policy):
    async def main():
        process = await aio.spawn(["sh", "-c", "echo first; sleep 0.6; cat"], policy, stdin=mxc.PIPE, stdout=mxc.PIPE)
        async with process:
            with pytest.raises(mxc.TimeoutExpired):
                await process.communicate(b"second", timeout=0.3)
            assert await process.communicate() == (b"first\nsecond", b"")
    started(driver, main)


def test_communicate_with_a_command_that_does_not_read(driver, policy):
    async def main():
        async with await aio.spawn(["true"], policy, stdin=mxc.PIPE) as process:
            assert await process.communicate(b"x" * (1 << 20)) == (b"", b"")
    started(driver, main)


def test_a_conversation(driver, policy):
    code = "import sys\nfor line in sys.stdin: print(line.strip().upper(), flush=True)"

    async def main():
        async with await aio.spawn(code, policy, stdin=mxc.PIPE, stdout=mxc.PIPE) as process:
            for word in (b"one", b"two"):
                await process.stdin.write(word + b"\n")
                assert await process.stdout.readline() == word.upper() + b"\n"
            await process.stdin.write(b"three\nfour")
            process.stdin.close()
            assert [line async for line in process.stdout] == [b"THREE\n", b"FOUR\n"]
            assert await process.stdout.read() == await process.stdout.receive() == await process.stdout.readline() == b""
        assert process.returncode == 0
    started(driver, main)


def test_streams(driver, policy):
    async def main():
        line = ["sh", "-c", "printf abcdefgh; echo err >&2; exec sleep 60"]
        async with await aio.spawn(line, policy, stdout=mxc.PIPE, stderr=mxc.PIPE) as process:
            assert await process.stdout.read(2) == b"ab"
            assert await process.stdout.receive(3) == b"cde"
            assert await process.stdout.receive() == b"fgh"
            assert await process.stderr.readline(limit=2) == b"er"
            assert await process.stderr.readline() == b"r\n"
            with pytest.raises(ValueError):
                await process.stdout.receive(0)
            process.kill()
            assert await process.stdout.read() == b""
    started(driver, main)


def test_stderr_to_stdout(driver, policy):
    async def main():
        line = ["sh", "-c", "echo out; echo err >&2"]
        async with await aio.spawn(line, policy, stdout=mxc.PIPE, stderr=mxc.STDOUT) as process:
            assert await process.communicate() == (b"out\nerr\n", b"")
    started(driver, main)


def test_a_command_that_goes_away(driver, policy):
    async def main():
        async with await aio.spawn(["true"], policy, stdin=mxc.PIPE) as process:
            await process.wait()
            with pytest.raises(BrokenPipeError):
                await process.stdin.write(b"x" * (1 << 20))
    started(driver, main)


def test_waiting(driver, policy):
    async def main():
        async with await aio.spawn(["sleep", "60"], policy) as process:
            assert (process.poll(), process.returncode, process.pid) == (None, None, None)
            with pytest.raises(mxc.TimeoutExpired):
                await process.wait(0.2)
            with pytest.raises(ValueError):
                await process.wait(-1)

            async def end():
                await driver.sleep(0.2)
                process.terminate()
            waits = await driver.together(process.wait, process.wait, end, process.wait)
            assert [result.signal for result in waits if result] == [signal.SIGTERM] * 3
            assert process.returncode == -signal.SIGTERM
            assert "returncode=-15" in repr(process)
    started(driver, main)


def test_cancelling_a_run_kills(driver, policy, marker):
    async def main():
        began = time.monotonic()
        assert await driver.cancelled(0.5, lambda: aio.run(["sleep", marker.seconds], policy))
        assert time.monotonic() - began < 3
        assert marker.count() == 0
    started(driver, main)


def test_cancelling_a_run_kills_what_ignores_signals(driver, policy, marker):
    line = f"trap '' TERM INT; (setsid sleep {marker.seconds}) & sleep {marker.seconds}"

    async def main():
        async with aio.Sandbox(policy) as sandbox:
            assert await driver.cancelled(0.7, lambda: sandbox.run(line, language="bash"))
            assert marker.count() == 0
            assert (await sandbox.run(["true"])).ok  # the sandbox stays
    started(driver, main)


def test_cancelling_a_wait_does_not_kill(driver, policy):
    async def main():
        async with await aio.spawn(["sh", "-c", "sleep 0.5; exit 4"], policy) as process:
            assert await driver.cancelled(0.2, process.wait)
            assert (await process.wait()).exit_code == 4
    started(driver, main)


def test_cancelling_a_block_kills(driver, policy, marker):
    async def act():
        async with aio.Sandbox(policy) as sandbox:
            async with await sandbox.spawn(["sleep", marker.seconds], stdout=mxc.PIPE) as process:
                await process.stdout.read()

    async def main():
        assert await driver.cancelled(0.5, act)
        assert marker.count() == 0
    started(driver, main)


def test_cancelling_while_it_opens_leaves_nothing(driver, policy, no_new_descriptors):
    async def act():
        sandbox = await aio.Sandbox.create(policy)
        await sandbox.aclose()

    async def main():
        for step in range(20):
            await driver.cancelled(step / 4000, act)
    started(driver, main)


def test_cancelled_many_times_over(policy, marker):
    async def main():
        task = asyncio.ensure_future(aio.run(["sleep", marker.seconds], policy))
        await asyncio.sleep(0.4)
        for _ in range(20):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert marker.count() == 0
    asyncio.run(main())


def test_wait_for(policy):
    async def main():
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(aio.run(["sleep", "60"], policy), 0.3)
    asyncio.run(main())


def test_files(driver, policy):
    data = os.urandom(300_000)

    async def main():
        async with aio.Sandbox(policy) as sandbox:
            files = sandbox.files
            await files.make_dir("/tmp/a/b")
            await files.write("/tmp/a/b/c", data)
            assert await files.read("/tmp/a/b/c") == data
            await files.write("/tmp/a/text", "grün")
            assert await files.read_text("/tmp/a/text") == "grün"
            assert await files.list("/tmp/a") == ["b", "text"]
            assert (await sandbox.commands.run("cat /tmp/a/text | wc -c")).stdout == b"5\n"
            await files.remove("/tmp/a")
            assert not await files.exists("/tmp/a")
            with pytest.raises(FileNotFoundError):
                await files.read("/tmp/a/text")
            await files.write("/tmp/big", b"12345")
            with pytest.raises(OSError, match="larger than 4 bytes"):
                await files.read("/tmp/big", limit=4)
    started(driver, main)


PROCESSES = 200


def test_two_hundred_at_once_without_threads(driver, policy):
    threads = threading.active_count()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    most = []

    async def one():
        result = await aio.run(["sleep", "1"], policy)
        most.append(threading.active_count())
        return result.ok

    async def main():
        before = len(os.listdir("/proc/self/task"))
        found = await driver.together(*[one] * PROCESSES)
        return found == [True] * PROCESSES, len(os.listdir("/proc/self/task")) - before
    try:
        done, more_threads = started(driver, main)
        assert done and more_threads <= 0  # one of an earlier test may have ended
        assert max(most) <= threads
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_child_watchers_are_left_alone(policy):
    async def main():
        own = await asyncio.create_subprocess_exec("sh", "-c", "sleep 0.3; exit 7")
        results = await asyncio.gather(*(aio.run(["true"], policy) for _ in range(10)))
        assert all(result.ok for result in results)
        assert await own.wait() == 7
    before = signal.getsignal(signal.SIGCHLD)
    asyncio.run(main())
    assert signal.getsignal(signal.SIGCHLD) is before


def test_nothing_stays_open(driver, policy, no_new_descriptors):
    async def main():
        async with aio.Sandbox(policy) as sandbox:
            await sandbox.run(["true"])
            async with await sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE, stderr=mxc.PIPE) as process:
                await process.communicate(b"x")
        await aio.run(["true"], policy)
        await driver.cancelled(0.1, lambda: aio.run(["sleep", "60"], policy))
        with pytest.raises(mxc.PathError):
            await aio.Sandbox.create(mxc.Policy(read=["/nowhere"]))
        gc.collect()
    started(driver, main)


def test_asyncio_alone_is_enough():
    """No other event library is imported."""
    code = "import sys, mxc, mxc.aio; print(sorted({'anyio', 'trio', 'sniffio', 'typing_extensions'} & set(sys.modules)))"
    folder = os.path.dirname(os.path.dirname(mxc.__file__))
    packages = os.pathsep.join([folder, *(item for item in sys.path if "site-packages" in item)])
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                             env={**os.environ, "PYTHONPATH": packages}).stdout
    assert printed == "[]\n"
