"""The event library that is running: asyncio (uvloop too) or trio; anyio runs on one of them. Little is asked of
it: wait for a descriptor, let something finish although the caller is cancelled, and do one blocking call in a thread.

Nothing is imported that the program does not use: without trio and anyio this needs asyncio alone.
"""
from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from typing import Any, Awaitable, Callable, Protocol, TypeVar

T = TypeVar("T")


class Library(Protocol):
    """What is needed of an event library."""

    async def checkpoint(self) -> None:
        """Lets the other tasks have their turn; raises when the caller is cancelled."""

    async def ready(self, descriptor: int, write: bool, timeout: float | None) -> bool:
        """Waits until it can be read (or written); False when `timeout` seconds were over first."""
        ...

    async def shielded(self, act: Callable[[], Awaitable[T]]) -> T:
        """Awaits it to its end also when the caller is cancelled meanwhile; the cancellation goes on afterwards."""
        ...

    async def in_thread(self, function: Callable[[], T]) -> T:
        """Calls it in a worker thread and awaits that, also when the caller is cancelled meanwhile."""
        ...


def _settle(future: asyncio.Future[bool], value: bool) -> None:
    if not future.done():
        future.set_result(value)


class Asyncio:
    """asyncio, and what runs on it."""

    async def checkpoint(self) -> None:
        await asyncio.sleep(0)

    async def ready(self, descriptor: int, write: bool, timeout: float | None) -> bool:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        timer = None if timeout is None else loop.call_later(timeout, _settle, future, False)
        add, remove = (loop.add_writer, loop.remove_writer) if write else (loop.add_reader, loop.remove_reader)
        add(descriptor, _settle, future, True)
        try:
            return await future
        finally:
            remove(descriptor)
            if timer:
                timer.cancel()

    async def shielded(self, act: Callable[[], Awaitable[T]]) -> T:
        task = asyncio.ensure_future(_awaited(act))
        cancelled = None
        with _anyio_shield():
            while not task.done():
                try:
                    await asyncio.wait([task])
                except asyncio.CancelledError as error:
                    cancelled = error
        if cancelled and not (task.cancelled() or task.exception()):
            raise cancelled
        return task.result()

    async def in_thread(self, function: Callable[[], T]) -> T:
        return await self.shielded(lambda: asyncio.get_running_loop().run_in_executor(None, function))


async def _awaited(act: Callable[[], Awaitable[T]]) -> T:
    return await act()


def _anyio_shield() -> contextlib.AbstractContextManager[Any]:
    """Its cancellations come again at every turn of the loop until they are obeyed: a scope keeps them away."""
    anyio = sys.modules.get("anyio")
    return anyio.CancelScope(shield=True) if anyio else contextlib.nullcontext()


class Trio:
    """trio, and anyio on it."""

    async def checkpoint(self) -> None:
        import trio
        await trio.lowlevel.checkpoint()

    async def ready(self, descriptor: int, write: bool, timeout: float | None) -> bool:
        import trio
        wait = trio.lowlevel.wait_writable if write else trio.lowlevel.wait_readable
        with trio.move_on_after(float("inf") if timeout is None else timeout) as scope:
            await wait(descriptor)
        return not scope.cancelled_caught

    async def shielded(self, act: Callable[[], Awaitable[T]]) -> T:
        import trio
        found: list[T] = []
        with trio.CancelScope() as scope:
            scope.shield = True
            found.append(await act())
        return found[0]

    async def in_thread(self, function: Callable[[], T]) -> T:
        import trio
        return await trio.to_thread.run_sync(function)


def current() -> Library:
    """The library of the running task."""
    sniffio = sys.modules.get("sniffio")  # trio brings it, and says through it that it runs
    if sniffio:
        with contextlib.suppress(sniffio.AsyncLibraryNotFoundError):
            name = sniffio.current_async_library()
            if name == "trio":
                return Trio()
            if name != "asyncio":
                raise RuntimeError(f"mxc.aio knows asyncio, trio and anyio, not {name}")
    asyncio.get_running_loop()  # RuntimeError: no running event loop
    return Asyncio()


async def readable(descriptor: int, timeout: float | None = None) -> bool:
    """Waits for a descriptor that others may wait for, or close, at the same time."""
    own = os.dup(descriptor)
    try:
        return await current().ready(own, False, timeout)
    finally:
        os.close(own)
