"""Pools: sandboxes that were built ahead."""
import os
import threading
import time

import pytest

import mxc


def ready(pool, count=1):
    until = time.monotonic() + 20
    while pool.stats.ready < count:
        assert time.monotonic() < until, pool.stats
        time.sleep(0.005)


def test_each_command_has_a_sandbox_of_its_own(policy):
    with mxc.Pool(policy, size=2) as pool:
        assert pool.stats == mxc.PoolStats(ready=2, wanted=2, taken=0, cold=0, failed=0, dropped=0)
        for _ in range(3):
            ready(pool)
            assert pool.run(["sh", "-c", "test ! -e /tmp/mine && touch /tmp/mine"]).ok
        assert (pool.stats.taken, pool.stats.cold) == (3, 0)


def test_arguments_are_those_of_run(policy):
    with mxc.Pool(policy) as pool:
        result = pool.run("cat; echo $A; pwd; exit 4", language="bash", input="in\n", env={"A": "b"}, cwd="/usr", timeout=20)
        assert (result.stdout, result.exit_code) == (b"in\nb\n/usr\n", 4)
        with pytest.raises(mxc.CommandError):
            pool.run(["false"], check=True)
        with pytest.raises(mxc.CommandNotFound):
            pool.run(["no-such-command"])
        assert pool.run(["sleep", "60"], timeout=0.3).timed_out
        assert pool.run_code("import json; print(json.dumps(1))").stdout == b"1\n"


def test_a_pipe(policy):
    with mxc.Pool(policy) as pool, pool.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE) as process:
        assert process.communicate(b"through") == (b"through", b"")


def test_more_than_there_are(policy):
    with mxc.Pool(policy, size=1, max=3) as pool:
        processes = [pool.spawn(["echo", str(number)]) for number in range(6)]
        assert [process.wait().stdout_text for process in processes] == [f"{number}\n" for number in range(6)]
        assert pool.stats.taken + pool.stats.cold == 6
        assert pool.stats.wanted <= 3


def test_threads(policy):
    found = []
    with mxc.Pool(policy, size=2) as pool:
        threads = [threading.Thread(target=lambda: found.extend(pool.run(["true"]).ok for _ in range(5)))
                   for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 20


def test_sizes(policy):
    for wrong in ({"size": 0}, {"size": 2, "min": 3}, {"size": 9, "max": 8}, {"idle": 0}, {"size": -1}):
        with pytest.raises((ValueError, mxc.InvalidArgumentError)):
            mxc.Pool(policy, **wrong)
    with pytest.raises(TypeError):
        mxc.Pool(policy, size="2")


def test_closed(policy):
    pool = mxc.Pool(policy)
    process = pool.spawn(["sleep", "0.2"])
    pool.close()
    pool.close()
    assert pool.closed and "closed" in repr(pool)
    assert process.wait().ok
    process.close()
    with pytest.raises(mxc.ClosedError):
        pool.run(["true"])


def test_a_forked_child_has_no_part_in_it(policy):
    with mxc.Pool(policy, size=2) as pool:
        child = os.fork()
        if child == 0:
            closed = pool.closed
            del pool
            os._exit(0 if closed else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert pool.stats.ready == 2
        assert pool.run(["true"]).ok


def test_in_an_event_loop(policy):
    import asyncio

    from mxc import aio

    async def work():
        async with aio.Pool(policy, size=2) as pool:
            assert not pool.closed
            results = await asyncio.gather(*(pool.run(["echo", str(number)]) for number in range(4)))
            assert [result.stdout_text for result in results] == [f"{number}\n" for number in range(4)]
            assert (await pool.run_code("print(6*7)")).stdout == b"42\n"
            assert pool.stats.taken + pool.stats.cold == 5
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(pool.run(["sleep", "60"]), 0.3)
            async with await pool.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE) as process:
                assert (await process.communicate(b"x"))[0] == b"x"
        assert pool.closed
        with pytest.raises(mxc.ClosedError):
            await pool.run(["true"])
        other = await aio.Pool.create(policy)
        await other.aclose()
        await other.aclose()
        with pytest.raises(mxc.ClosedError):
            await aio.Pool(policy).run(["true"])
    asyncio.run(work())


def test_no_published_ports():
    with pytest.raises(mxc.UnsupportedError) as caught:
        mxc.Pool({"network": {"publish": [{"port": 8080}]}})
    assert caught.value.origin == "/network/publish"
