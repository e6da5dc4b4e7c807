"""Event libraries for the async tests: each runs an async function, cancels, and does several things at once."""
import asyncio
import importlib


class Asyncio:
    name = "asyncio"

    def run(self, main):
        return asyncio.run(main())

    sleep = staticmethod(asyncio.sleep)

    async def cancelled(self, seconds, act):
        """Cancels act() after so many seconds; True when it ended by that."""
        task = asyncio.ensure_future(act())
        await asyncio.sleep(seconds)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return True
        return False

    async def together(self, *acts):
        return list(await asyncio.gather(*(act() for act in acts)))


class Trio:
    name = "trio"

    def __init__(self):
        self.trio = importlib.import_module("trio")
        self.sleep = self.trio.sleep

    def run(self, main):
        return self.trio.run(main)

    async def cancelled(self, seconds, act):
        with self.trio.move_on_after(seconds) as scope:
            await act()
        return scope.cancelled_caught

    async def together(self, *acts):
        found = [None] * len(acts)

        async def one(place, act):
            found[place] = await act()
        async with self.trio.open_nursery() as nursery:
            for place, act in enumerate(acts):
                nursery.start_soon(one, place, act)
        return found


class Anyio:
    """On asyncio; on trio it is trio to us."""

    name = "anyio"

    def __init__(self):
        self.anyio = importlib.import_module("anyio")
        self.sleep = self.anyio.sleep

    def run(self, main):
        return self.anyio.run(main)

    async def cancelled(self, seconds, act):
        with self.anyio.move_on_after(seconds) as scope:
            await act()
        return scope.cancelled_caught

    async def together(self, *acts):
        found = [None] * len(acts)

        async def one(place, act):
            found[place] = await act()
        async with self.anyio.create_task_group() as group:
            for place, act in enumerate(acts):
                group.start_soon(one, place, act)
        return found


DRIVERS = {"asyncio": Asyncio, "trio": Trio, "anyio": Anyio}
