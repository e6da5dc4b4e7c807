"""Ten thousand runs: descriptors, threads and memory stay as they were; and much output is no memory."""
import asyncio
import contextlib
import gc
import os
import resource

import pytest

import mxc
from mxc import aio

pytestmark = pytest.mark.slow


def descriptors():
    return len(os.listdir("/proc/self/fd"))


def memory():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def threads():
    return len(os.listdir("/proc/self/task"))


def flat(step, times, warm, most, spare=2):
    """spare: keepers that have just ended are reaped by the next start."""
    for _ in range(warm):
        step()
    gc.collect()
    before = descriptors(), memory(), threads()
    for _ in range(times):
        step()
    gc.collect()
    assert abs(descriptors() - before[0]) <= spare
    assert memory() - before[1] < most
    assert threads() == before[2]


def test_ten_thousand_runs_eight_at_once(policy):
    def step():
        processes = [mxc.spawn(["true"], policy) for _ in range(8)]
        assert all(process.wait().ok for process in processes)
        for process in processes:
            process.close()
    flat(step, times=10_000 // 8, warm=50, most=4 << 20, spare=8)


def test_a_thousand_runs(policy):
    flat(lambda: mxc.run(["echo", "x"], policy), times=1000, warm=200, most=4 << 20)


def test_a_thousand_async_runs_eight_at_once(policy):
    async def eight():
        results = await asyncio.gather(*(aio.run(["true"], policy) for _ in range(8)))
        assert all(result.ok for result in results)

    with contextlib.closing(asyncio.new_event_loop()) as loop:
        flat(lambda: loop.run_until_complete(eight()), times=125, warm=25, most=4 << 20, spare=8)


def test_two_thousand_commands_in_one_sandbox(sandbox):
    flat(lambda: sandbox.run(["echo", "x"]), times=2000, warm=200, most=4 << 20)


def test_sandboxes(policy):
    def step():
        with mxc.Sandbox(policy) as sandbox:
            with sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE) as process:
                process.communicate(b"x" * 100_000)
    flat(step, times=300, warm=50, most=4 << 20)


def test_failures():
    wrong = mxc.Policy(read=["/nowhere/at/all"])

    def step():
        for act, kind in ((lambda: mxc.run(["no-such-command"], "strict"), mxc.CommandNotFound),
                          (lambda: mxc.run(["true"], wrong), mxc.PathError),
                          (lambda: mxc.Policy(json='{"unknown": 1}'), mxc.PolicyError)):
            with pytest.raises(kind):
                act()
    flat(step, times=200, warm=50, most=4 << 20)


def test_policies_and_results(policy):
    result = mxc.run(["true"], policy)

    def step():
        (mxc.Policy(read=["/usr"], env={"A": "b"}) & policy).to_json()
        result.to_json()
    flat(step, times=20_000, warm=500, most=2 << 20)


def test_much_output_is_no_memory(policy):
    mxc.run(["true"], policy)
    before = memory()
    result = mxc.run(["head", "-c", "4G", "/dev/zero"], policy, timeout=120)
    assert result.stdout_length == 4 << 30
    assert result.stdout_truncated
    assert len(result.stdout) == 1 << 20
    assert memory() - before < 16 << 20


def test_a_thousand_in_flight():
    """From one thread. A run holds four descriptors, and there may be fewer: then as many as there can be."""
    count = min(1000, (resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 64) // 4)
    policy = mxc.Policy(preset="strict")

    async def all_of_them():
        await aio.run(["true"], policy)
        before = threads(), memory()
        running = [asyncio.ensure_future(aio.run(["sh", "-c", f"sleep 1; echo {number}"], policy)) for number in range(count)]
        await asyncio.sleep(0.5)
        assert threads() == before[0]
        results = await asyncio.gather(*running)
        assert [int(result.stdout) for result in results] == list(range(count))
        assert threads() == before[0]
        assert memory() - before[1] < count * (64 << 10)

    asyncio.run(all_of_them())
