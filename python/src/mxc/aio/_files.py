"""`files` and `commands` of an async sandbox; see mxc/files.py, whose words these are."""
from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Sequence

from .. import _inside
from .._command import RunOptions
from .._inside import Path
from ..files import shell
from ..result import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ._sandbox import Sandbox


class Files:
    """The files of a sandbox as code inside sees them. As mxc.files.Files."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def _do(self, operation: _inside.Operation) -> bytes:
        with _inside.interpreter_needed():
            async with await self._sandbox.spawn(operation.argv, **operation.options) as process:
                assert process.stdout
                data = await process.stdout.read(operation.limit + 1)
                if len(data) > operation.limit:
                    raise operation.too_much()
                operation.check(await process.wait())
        return data

    async def read(self, path: Path, *, limit: int | str = _inside.LIMIT) -> bytes:
        """The content of a file. limit: bytes or "512M"; a larger file is an OSError (EFBIG)."""
        return await self._do(_inside.reading(path, limit))

    async def read_text(self, path: Path, *, encoding: str = "utf-8", limit: int | str = _inside.LIMIT) -> str:
        """The content of a file as text."""
        return (await self.read(path, limit=limit)).decode(encoding)

    async def write(self, path: Path, data: bytes | str) -> None:
        """Makes or replaces a file; a str is written as UTF-8. The folder must exist."""
        await self._do(_inside.writing(path, data))

    async def list(self, path: Path = ".") -> builtins.list[str]:
        """The names in a folder, sorted."""
        return _inside.names(await self._do(_inside.listing(path)))

    async def exists(self, path: Path) -> bool:
        """Whether there is something, as far as code inside may see."""
        return bool(await self._do(_inside.other("exists", path)))

    async def make_dir(self, path: Path) -> None:
        """Makes a folder, and those above it; one that exists is fine."""
        await self._do(_inside.other("make_dir", path))

    async def remove(self, path: Path) -> None:
        """Removes a file, a link, or a folder with all that is in it."""
        await self._do(_inside.other("remove", path))


class Commands:
    """Commands of a sandbox as agent frameworks write them. As mxc.files.Commands."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def run(self, command: str | Sequence[str], **options: Unpack[RunOptions]) -> Result:
        """Runs a line of bash (str) or an argument list. Options as for run()."""
        what, language = shell(command)
        return await self._sandbox.run(what, language=language, **options)
