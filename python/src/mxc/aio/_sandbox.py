"""Running things in an async program: run(), spawn() and `Sandbox`."""
from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from .. import errors
from .. import sandbox as sync
from .._command import Code, CommonOptions, RunOptions, SpawnOptions
from ..policy import PolicyLike, policy_of
from ..result import Result
from ._files import Commands, Files
from ._library import current, readable
from ._process import Process

if TYPE_CHECKING:
    from typing_extensions import Unpack

_KILL_WITHIN = 10.0  # as for a process


async def spawn(command: Code, policy: PolicyLike = None, *, language: str | None = None,
                **options: Unpack[SpawnOptions]) -> Process:
    """Starts one command in a sandbox of its own, which ends with it. Arguments as for mxc.spawn()."""
    await current().checkpoint()
    return Process(sync.spawn(command, policy, language=language, **options))


async def run(command: Code, policy: PolicyLike = None, *, language: str | None = None, check: bool = False,
              **options: Unpack[CommonOptions]) -> Result:
    """Runs one command in a sandbox of its own and awaits its end. Arguments as for mxc.run().

    Cancelling kills the command, waits for that, and then goes on.
    """
    process = await spawn(command, policy, language=language, **options)
    result = await process.ended()
    return result.check() if check else result


class Sandbox:
    """An open sandbox, as mxc.Sandbox: `async with Sandbox(policy) as sandbox`, or `await Sandbox.create(policy)`.

    It is opened when the block begins. That takes about two milliseconds, in which the walls are built and checked:
    it is done in a worker thread of the event library, the only thing here that is.
    """

    def __init__(self, policy: PolicyLike = None) -> None:
        self.policy = policy_of(policy)
        self._inner: sync.Sandbox | None = None
        self._begun = False

    @classmethod
    async def create(cls, policy: PolicyLike = None) -> Sandbox:
        """An open sandbox; `await sandbox.aclose()` when done."""
        return await cls(policy)._open()

    async def _open(self) -> Sandbox:
        if self._begun:
            raise errors.closed("this sandbox has been opened already", "make another Sandbox")
        self._begun = True
        try:
            await current().in_thread(self._open_now)
        except BaseException:
            await self.aclose()  # cancelled, and open all the same
            raise
        return self

    def _open_now(self) -> None:
        self._inner = sync.Sandbox(self.policy)

    def _opened(self) -> sync.Sandbox:
        if self._inner is None:
            raise errors.closed("this sandbox is not open", "async with Sandbox(policy), or await Sandbox.create(policy)")
        return self._inner

    async def spawn(self, command: Code, *, language: str | None = None,
                    **options: Unpack[SpawnOptions]) -> Process:
        """Starts a command. Arguments as for mxc.Sandbox.spawn()."""
        await current().checkpoint()
        return Process(self._opened().spawn(command, language=language, **options))

    async def run(self, command: Code, *, language: str | None = None, check: bool = False,
                  **options: Unpack[CommonOptions]) -> Result:
        """Runs a command and awaits its end. Cancelling kills it, with all it started; the sandbox stays."""
        process = await self.spawn(command, language=language, **options)
        result = await process.ended()
        return result.check() if check else result

    async def run_code(self, code: str, language: str = "python", **options: Unpack[RunOptions]) -> Result:
        """Runs source text: "python", "bash" or "node"."""
        return await self.run(code, language=language, **options)

    @property
    def commands(self) -> Commands:
        """`await commands.run("a shell line")`."""
        return Commands(self)

    @property
    def files(self) -> Files:
        """`await files.read(path)`, ...: the files as code inside sees them, with its rights."""
        return Files(self)

    def kill(self) -> None:
        """Ends everything inside at once. Commands that were running get results with signal 9."""
        self._opened().kill()

    def update_network(self, policy: PolicyLike) -> None:
        """As mxc.Sandbox.update_network(): it waits for the relay only, a fraction of a millisecond."""
        self._opened().update_network(policy)

    def published_port(self, port: int) -> int:
        """As mxc.Sandbox.published_port()."""
        return self._opened().published_port(port)

    @property
    def fd(self) -> int:
        """Becomes readable when the sandbox has ended. Do not read or close it."""
        return self._opened().fd

    def fileno(self) -> int:
        """The same as `fd`."""
        return self.fd

    @property
    def closed(self) -> bool:
        """It has been closed, or not been opened yet."""
        return self._inner is None or self._inner.closed

    async def aclose(self) -> None:
        """Kills what still runs and waits until nothing is left, also in a task that is cancelled. May be called
        again."""
        if not self.closed:
            await current().shielded(self._put_down)

    async def _put_down(self) -> None:
        inner = self._opened()
        with contextlib.suppress(errors.Error):  # it may have ended, or another task is closing it
            inner.kill()
            await readable(inner.fd, _KILL_WITHIN)
        inner.close()

    async def __aenter__(self) -> Sandbox:
        return await self._open()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<mxc.aio.Sandbox {'open' if not self.closed else 'closed' if self._begun else 'not open yet'}>"
