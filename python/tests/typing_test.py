"""Checked by mypy and pyright, not run: what a typed program sees of the package (test_typing.py starts the two)."""
from __future__ import annotations

import pathlib
import sys
from typing import IO, Any

if sys.version_info >= (3, 11):
    from typing import assert_type
else:
    from typing_extensions import assert_type

import mxc
from mxc import aio


def runs(policy: mxc.Policy) -> None:
    result = mxc.run("print(1)", policy, language="python", input=b"x", timeout="3s", env={"A": "b"}, check=True)
    assert_type(result, mxc.Result)
    assert_type(result.exit_code, int | None)
    assert_type(result.stdout, bytes)
    assert_type(result.stdout_text, str)
    assert_type(result.limits_hit, list[str])
    assert_type(result.denials, list[mxc.Denial])
    assert_type(result.receipt, list[mxc.ReceiptItem])
    assert_type(result.receipt[0].mechanism, tuple[str, ...])
    assert_type(result.check(), mxc.Result)
    assert_type(result.to_dict(), dict[str, Any])
    mxc.run(["ls", pathlib.Path("/"), b"x"], "strict")
    mxc.run(["ls"], {"version": "1.0.0"})
    mxc.run(["ls"], pathlib.Path("policy.json"))


def processes(policy: mxc.Policy) -> None:
    with mxc.spawn(["cat"], policy, stdin=mxc.PIPE, stdout=mxc.PIPE, stderr=mxc.STDOUT) as process:
        assert_type(process, mxc.Process)
        assert_type(process.stdin, IO[bytes] | None)
        assert_type(process.communicate(b"x", timeout=3), tuple[bytes, bytes])
        assert_type(process.poll(), int | None)
        assert_type(process.wait(), mxc.Result)
        assert_type(process.fileno(), int)


def sandboxes(policy: mxc.Policy) -> None:
    with mxc.Sandbox.create(policy) as sandbox:
        assert_type(sandbox, mxc.Sandbox)
        assert_type(sandbox.run(["true"]), mxc.Result)
        assert_type(sandbox.run_code("1", "bash", timeout=3), mxc.Result)
        assert_type(sandbox.commands.run("true", check=True), mxc.Result)
        assert_type(sandbox.files.read("/x", limit="1M"), bytes)
        assert_type(sandbox.files.read_text("/x"), str)
        assert_type(sandbox.files.list(), list[str])
        assert_type(sandbox.files.exists("/x"), bool)
        sandbox.files.write(pathlib.Path("/x"), "text")
        assert_type(sandbox.fd, int)


def policies() -> None:
    policy = mxc.Policy(read=["/usr", pathlib.Path("/etc")], write=["out"], memory="512M", timeout=3, cpus=1.5)
    assert_type(policy & policy, mxc.Policy)
    assert_type(policy.to_json(), str)
    assert_type(mxc.Policy.load("x.json"), mxc.Policy)
    assert_type(mxc.Policy.preset("strict"), mxc.Policy)
    assert_type(mxc.explain(policy), list[dict[str, Any]])
    assert_type(mxc.doctor(), dict[str, Any])
    assert_type(mxc.plan(), str)
    assert_type(mxc.version(), str)


def errors(error: mxc.Error, failed: mxc.CommandError) -> None:
    assert_type(error.status, int)
    assert_type(error.origin, str)
    assert_type(error.errno, int | None)
    assert_type(failed.result, mxc.Result)


async def asynchronous(policy: mxc.Policy) -> None:
    assert_type(await aio.run("print(1)", policy, timeout=3, check=True), mxc.Result)
    async with aio.Sandbox(policy) as sandbox:
        assert_type(sandbox, aio.Sandbox)
        assert_type(await sandbox.run(["true"]), mxc.Result)
        assert_type(await sandbox.run_code("1"), mxc.Result)
        assert_type(await sandbox.commands.run("true"), mxc.Result)
        assert_type(await sandbox.files.read("/x"), bytes)
        assert_type(await sandbox.files.list("/x"), list[str])
        async with await sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE) as process:
            assert_type(process, aio.Process)
            assert_type(process.stdin, aio.WriteStream | None)
            assert_type(await process.communicate("x"), tuple[bytes, bytes])
            assert_type(await process.wait(3), mxc.Result)
            if process.stdout:
                assert_type(await process.stdout.readline(), bytes)
                async for line in process.stdout:
                    assert_type(line, bytes)


def wrong(policy: mxc.Policy) -> None:
    """Each of these must be refused: an ignore that is not needed is an error as well."""
    mxc.run(5, policy)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    mxc.run(["true"], policy, shell=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    mxc.Policy(["/usr"])  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    mxc.Policy(memory=1.5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
