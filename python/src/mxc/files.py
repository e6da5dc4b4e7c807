"""The parts of a `Sandbox` that agent frameworks know: `files` and `commands`. Thin: all of it is spawn() and run()."""
from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Sequence

from . import _inside
from ._command import Code, RunOptions
from ._inside import Path
from .result import Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .sandbox import Sandbox


class Files:
    """The files of a sandbox as code inside sees them. A relative path starts where commands start.

    Each call is done by a process in the sandbox, with its rights and within its limits, so the paths are those
    inside and nothing of the host can be reached by a link. Errors are Python's own: FileNotFoundError,
    PermissionError, IsADirectoryError, and OSError with EROFS for what is read-only. It needs a Python inside
    (`InterpreterError` where the policy hides it).
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def _do(self, operation: _inside.Operation) -> bytes:
        with _inside.interpreter_needed():
            with self._sandbox.spawn(operation.argv, **operation.options) as process:
                assert process.stdout
                data = process.stdout.read(operation.limit + 1)
                if len(data) > operation.limit:
                    raise operation.too_much()
                operation.check(process.wait())
        return data

    def read(self, path: Path, *, limit: int | str = _inside.LIMIT) -> bytes:
        """The content of a file. limit: bytes or "512M"; a larger file is an OSError (EFBIG)."""
        return self._do(_inside.reading(path, limit))

    def read_text(self, path: Path, *, encoding: str = "utf-8", limit: int | str = _inside.LIMIT) -> str:
        """The content of a file as text."""
        return self.read(path, limit=limit).decode(encoding)

    def write(self, path: Path, data: bytes | str) -> None:
        """Makes or replaces a file; a str is written as UTF-8. The folder must exist."""
        self._do(_inside.writing(path, data))

    def list(self, path: Path = ".") -> builtins.list[str]:
        """The names in a folder, sorted."""
        return _inside.names(self._do(_inside.listing(path)))

    def exists(self, path: Path) -> bool:
        """Whether there is something, as far as code inside may see."""
        return bool(self._do(_inside.other("exists", path)))

    def make_dir(self, path: Path) -> None:
        """Makes a folder, and those above it; one that exists is fine."""
        self._do(_inside.other("make_dir", path))

    def remove(self, path: Path) -> None:
        """Removes a file, a link, or a folder with all that is in it."""
        self._do(_inside.other("remove", path))


def shell(command: Code) -> tuple[Code, str | None]:
    """What `commands.run` runs: a str is a line for bash, a list is arguments. (command, language)"""
    return command, "bash" if isinstance(command, str) else None


class Commands:
    """Commands of a sandbox as agent frameworks write them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def run(self, command: str | Sequence[str], **options: Unpack[RunOptions]) -> Result:
        """Runs a line of bash (str) or an argument list and waits for it. Options as for run()."""
        what, language = shell(command)
        return self._sandbox.run(what, language=language, **options)
