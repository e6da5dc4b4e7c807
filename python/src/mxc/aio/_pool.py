"""`Pool` in an async program."""
from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Iterable

from .. import errors
from .. import pool as sync
from .._command import Code, CommonOptions, RunOptions, SpawnOptions
from ..policy import PolicyLike, policy_of
from ..pool import PoolStats
from ..result import Result
from ._library import current
from ._process import Process

if TYPE_CHECKING:
    from typing_extensions import Unpack


class Pool:
    """Sandboxes built ahead, as mxc.Pool: `async with Pool(policy, size=4) as pool`, or `await Pool.create(policy)`.

    Making the first ones and ending the last ones wait for processes: both are done in a worker thread of the event
    library.
    """

    def __init__(self, policy: PolicyLike = None, size: int = 1, *, min: int | None = None, max: int | None = None,
                 idle: float | str | None = None, language: str | None = None, preload: Iterable[str] = (),
                 fresh: str | None = None) -> None:
        self.policy = policy_of(policy)
        self._make = functools.partial(sync.Pool, self.policy, size, min=min, max=max, idle=idle, language=language,
                                       preload=preload, fresh=fresh)
        self._inner: sync.Pool | None = None
        self._begun = False

    @classmethod
    async def create(cls, policy: PolicyLike = None, size: int = 1, *, min: int | None = None, max: int | None = None,
                     idle: float | str | None = None, language: str | None = None,
                     preload: Iterable[str] = (), fresh: str | None = None) -> Pool:
        """A pool whose first sandboxes stand; `await pool.aclose()` when done."""
        return await cls(policy, size, min=min, max=max, idle=idle, language=language, preload=preload,
                         fresh=fresh)._open()

    async def _open(self) -> Pool:
        if self._begun:
            raise errors.closed("this pool has been opened already", "make another Pool")
        self._begun = True
        try:
            await current().in_thread(self._open_now)
        except BaseException:
            await self.aclose()  # cancelled, and open all the same
            raise
        return self

    def _open_now(self) -> None:
        self._inner = self._make()

    def _opened(self) -> sync.Pool:
        if self._inner is None:
            raise errors.closed("this pool is not open", "async with Pool(policy), or await Pool.create(policy)")
        return self._inner

    async def spawn(self, command: Code, *, language: str | None = None, **options: Unpack[SpawnOptions]) -> Process:
        """Starts a command in a sandbox of its own. Arguments as for mxc.spawn()."""
        await current().checkpoint()
        return Process(self._opened().spawn(command, language=language, **options))

    async def run(self, command: Code, *, language: str | None = None, check: bool = False,
                  **options: Unpack[CommonOptions]) -> Result:
        """Runs a command in a sandbox of its own and awaits its end. Cancelling kills it, with all it started."""
        process = await self.spawn(command, language=language, **options)
        result = await process.ended()
        return result.check() if check else result

    async def run_code(self, code: str, language: str | None = None, **options: Unpack[RunOptions]) -> Result:
        """Runs source text: "python", "bash" or "node"; default the pool's."""
        return await self.run(code, language=language, **options)

    @property
    def stats(self) -> PoolStats:
        """Counted when asked."""
        return self._opened().stats

    @property
    def closed(self) -> bool:
        """It has been closed, or not been opened yet."""
        return self._inner is None or self._inner.closed

    async def aclose(self) -> None:
        """Ends the sandboxes that wait, and waits until nothing is left of them, also in a task that is cancelled. May
        be called again."""
        if not self.closed:
            await current().in_thread(self._opened().close)

    async def __aenter__(self) -> Pool:
        return await self._open()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<mxc.aio.Pool {'open' if not self.closed else 'closed' if self._begun else 'not open yet'}>"
