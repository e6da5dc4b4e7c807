"""The same for async programs, with asyncio, trio and anyio: everything that waits is awaited.

    from mxc import aio

    result = await aio.run("print(6*7)", "strict")

    async with aio.Sandbox(policy) as sandbox:
        process = await sandbox.spawn(["cat"], stdin=mxc.PIPE, stdout=mxc.PIPE)
        out, err = await process.communicate(b"hello")

Waiting costs a descriptor, no thread, and no child watcher is touched. Cancelling a run kills its command, to the
last process, before the cancellation goes on.
"""
from ._files import Commands, Files
from ._pool import Pool
from ._process import Process
from ._sandbox import Sandbox, run, spawn
from ._streams import ReadStream, WriteStream

__all__ = ["Commands", "Files", "Pool", "Process", "ReadStream", "Sandbox", "WriteStream", "run", "spawn"]
