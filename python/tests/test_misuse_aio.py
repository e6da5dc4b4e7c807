"""Misuse of mxc.aio: closed handles, no event loop, a fork, another thread, two tasks at one pipe."""
import asyncio
import gc
import os
import signal
import threading

import pytest

import mxc
from mxc import aio

SETUP = "import asyncio, gc, os, signal, sys\nimport mxc\nfrom mxc import aio\npolicy = mxc.Policy.preset('strict')\n"


def test_without_an_event_loop(policy):
    running = aio.run(["true"], policy)
    with pytest.raises(RuntimeError):
        running.send(None)
    opening = aio.Sandbox(policy).__aenter__()
    with pytest.raises(RuntimeError):
        opening.send(None)


def test_an_unknown_event_library(policy):
    sniffio = pytest.importorskip("sniffio")
    token = sniffio.current_async_library_cvar.set("curio")
    try:
        with pytest.raises(RuntimeError, match="curio"):
            aio.run(["true"], policy).send(None)
    finally:
        sniffio.current_async_library_cvar.reset(token)


def test_a_sandbox_that_is_not_open(driver, policy):
    async def main():
        sandbox = aio.Sandbox(policy)
        assert sandbox.closed and repr(sandbox) == "<mxc.aio.Sandbox not open yet>"
        for use in (sandbox.kill, lambda: sandbox.fd):
            with pytest.raises(mxc.ClosedError, match="not open"):
                use()
        for awaited in (lambda: sandbox.run(["true"]), lambda: sandbox.files.exists("/"), lambda: sandbox.spawn(["true"])):
            with pytest.raises(mxc.ClosedError, match="not open"):
                await awaited()
        await sandbox.aclose()
    driver.run(main)


def test_a_closed_sandbox(driver, policy):
    async def main():
        async with aio.Sandbox(policy) as sandbox:
            assert repr(sandbox) == "<mxc.aio.Sandbox open>"
        await sandbox.aclose()
        assert repr(sandbox) == "<mxc.aio.Sandbox closed>"
        for awaited in (lambda: sandbox.run(["true"]), lambda: sandbox.spawn(["true"]), sandbox.__aenter__):
            with pytest.raises(mxc.ClosedError):
                await awaited()
        with pytest.raises(mxc.ClosedError):
            sandbox.kill()
    driver.run(main)


def test_a_closed_process(driver, policy):
    async def main():
        process = await aio.spawn(["sleep", "60"], policy, stdin=mxc.PIPE, stdout=mxc.PIPE)
        await process.aclose()
        await process.aclose()
        assert (await process.wait()).signal == signal.SIGKILL  # the result it had is kept
        with pytest.raises(mxc.ClosedError):
            process.status_fd
        for awaited in (process.stdout.read, process.stdout.receive, process.stdout.readline,
                        lambda: process.stdin.write(b"x")):
            with pytest.raises(mxc.ClosedError, match="pipe is closed"):
                await awaited()
        process.kill()
        with pytest.raises(mxc.ClosedError):
            process.stdin.fileno()
    driver.run(main)


def test_closing_while_others_wait_and_read(driver, policy):
    async def main():
        process = await aio.spawn(["sleep", "60"], policy, stdout=mxc.PIPE)

        async def close():
            await driver.sleep(0.3)
            await process.aclose()

        async def read():
            with pytest.raises(mxc.ClosedError):
                if await process.stdout.read() == b"":  # either end of file or the closing was first
                    process.stdout.fileno()
                    raise mxc.ClosedError("ended")
        found = await driver.together(process.wait, read, process.wait, close)
        assert [result.signal for result in found if result] == [signal.SIGKILL] * 2
    driver.run(main)


def test_closing_twice_at_once(driver, policy):
    async def main():
        process = await aio.spawn(["sleep", "60"], policy)
        await driver.together(*[process.aclose] * 5)
        sandbox = await aio.Sandbox.create(policy)
        await driver.together(*[sandbox.aclose] * 5)
        assert process.closed and sandbox.closed
    driver.run(main)


def test_killing_at_once(driver, policy):
    async def main():
        async with aio.Sandbox(policy) as sandbox:
            processes = [await sandbox.spawn(["sleep", "60"]) for _ in range(5)]

            async def kill():
                sandbox.kill()
                for process in processes:
                    process.kill()
            await driver.together(*[kill] * 3, *[process.wait for process in processes])
            for process in processes:
                assert process.returncode == -signal.SIGKILL
                await process.aclose()
    driver.run(main)


def test_two_tasks_at_one_pipe(driver, policy):
    async def main():
        async with await aio.spawn(["cat"], policy, stdin=mxc.PIPE, stdout=mxc.PIPE) as process:
            async def second():
                await driver.sleep(0.2)
                with pytest.raises(RuntimeError, match="another task"):
                    await process.stdout.read()
                with pytest.raises(RuntimeError, match="another task"):
                    await process.communicate(b"x")
                await process.stdin.write(b"line\n")
            assert (await driver.together(process.stdout.readline, second))[0] == b"line\n"
    driver.run(main)


def test_wrong_input(driver, policy):
    async def main():
        async with await aio.spawn(["true"], policy) as process:
            with pytest.raises(ValueError, match="stdin=PIPE"):
                await process.communicate(b"x")
        async with await aio.spawn(["cat"], policy, stdin=mxc.PIPE) as process:
            for wrong in (5, ["x"]):
                with pytest.raises(TypeError):
                    await process.communicate(wrong)
            assert await process.communicate("text") == (b"text", b"")
            with pytest.raises(ValueError, match="earlier"):
                await process.communicate("again")
    driver.run(main)


def test_used_from_a_loop_in_another_thread(policy):
    found = []

    async def elsewhere(process, sandbox):
        found.append((await process.wait()).stdout)
        found.append((await sandbox.run(["echo", "sandbox"])).stdout)

    async def main():
        async with aio.Sandbox(policy) as sandbox:
            process = await sandbox.spawn(["sh", "-c", "sleep 0.2; echo process"])
            thread = threading.Thread(target=lambda: asyncio.run(elsewhere(process, sandbox)))
            thread.start()
            assert (await process.wait()).ok
            while thread.is_alive():
                await asyncio.sleep(0.01)
            await process.aclose()
    asyncio.run(main())
    assert found == [b"process\n", b"sandbox\n"]


def test_forgotten_objects_end(policy, marker):
    async def main():
        sandbox = await aio.Sandbox.create(policy)
        process = await sandbox.spawn(["sleep", marker.seconds])
        assert marker.becomes(1)
        del sandbox, process
        gc.collect()
        assert marker.becomes(0)
    asyncio.run(main())


def test_half_built_objects():
    for cls in (aio.Sandbox, aio.Process, aio.ReadStream, aio.WriteStream):
        cls.__new__(cls)
    gc.collect()


def test_a_forked_child_has_no_part_in_it(program):
    assert program(SETUP + """
async def main():
    async with aio.Sandbox(policy) as sandbox:
        process = await sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE)
        child = os.fork()
        if child == 0:
            refused = 0
            for use in (sandbox.kill, process.poll, lambda: process.status_fd):
                try:
                    use()
                except mxc.ClosedError as error:
                    refused += "parent" in str(error)
            del sandbox, process
            gc.collect()
            os._exit(0 if refused == 3 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), (await process.communicate(b"alive"))[0])
        await process.aclose()
asyncio.run(main())
""") == "0 b'alive'\n"


def test_a_forked_child_has_its_own(program):
    assert program(SETUP + """
print((asyncio.run(aio.run(["echo", "parent"], policy))).stdout, flush=True)
child = os.fork()
if child == 0:
    os._exit(0 if asyncio.run(aio.run(["true"], policy)).ok else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
""") == "b'parent\\n'\n0\n"


def test_the_end_of_the_loop_with_everything_open(program):
    assert program(SETUP + """
async def main():
    sandbox = await aio.Sandbox.create(policy)
    process = await sandbox.spawn(["sleep", "60"])
    asyncio.ensure_future(process.wait())
    asyncio.ensure_future(aio.run(["sleep", "60"], policy))
    await asyncio.sleep(0.2)
asyncio.run(main())
print("end")
""") == "end\n"


def test_ctrl_c(program):
    assert program(SETUP + """
async def main():
    await aio.run(["sleep", "60"], policy)
signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
signal.setitimer(signal.ITIMER_REAL, 0.5)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
""") == "interrupted\n"
