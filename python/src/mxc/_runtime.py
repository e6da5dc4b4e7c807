"""Where the calling program's Python lives: what a sandbox must show so that the same interpreter, with the same
packages, runs inside. Only the interpreter and its library trees; never the caller's own folders.
"""
from __future__ import annotations

import functools
import os
import re
import shutil
import site
import sys
import sysconfig
from typing import Iterator, NamedTuple

# the baseline of every sandbox shows these already
_BASELINE = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
# what a Python prefix consists of, for one that is also somebody's working folder
_PARTS = ("pyvenv.cfg", "bin", "lib", "lib64", "include")


class Runtime(NamedTuple):
    interpreter: str | None  #: host path; None: the library looks for it
    paths: list[str]  #: absolute, existing, none below another or below /usr
    env: dict[str, str]  #: what the interpreter needs to find its user site


def _below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _private() -> list[str]:
    """Folders that are the caller's own and are never shown as a whole: home, current folder, script folder."""
    found = [os.path.expanduser("~")]
    try:
        found.append(os.getcwd())
    except OSError:  # it was removed
        pass
    script = getattr(sys.modules.get("__main__"), "__file__", None)
    if script:
        found.append(os.path.dirname(os.path.abspath(script)))
    return [os.path.normpath(item) for item in found if os.path.isabs(item)]


def _links(path: str) -> Iterator[str]:
    """The path and every link that it leads through, the final file included."""
    for _ in range(40):
        yield path
        if not os.path.islink(path):
            return
        path = os.path.join(os.path.dirname(path), os.readlink(path))


def _packages(folder: str) -> bool:
    return os.path.basename(os.path.normpath(folder)) in ("site-packages", "dist-packages")


@functools.lru_cache(maxsize=1)
def _installed() -> list[str]:
    """What cannot change while the program runs: the standard library, and libpython where it is shared."""
    found = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib")]
    library, folder = sysconfig.get_config_var("INSTSONAME"), sysconfig.get_config_var("LIBDIR")
    if sysconfig.get_config_var("Py_ENABLE_SHARED") and library and folder:
        found.append(os.path.join(folder, library))
    return found


def _trees() -> Iterator[str]:
    yield from (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    yield from _installed()
    yield from (item for item in sys.path if _packages(item))


def _narrowed(tree: str, private: list[str]) -> Iterator[str]:
    """A tree that holds the caller's own folders as well is shown in parts."""
    home, *others = private
    if tree == "/":
        return
    if _below(home, tree) or tree in others:
        yield from (os.path.join(tree, part) for part in _PARTS)
    else:
        yield tree


def _outermost(paths: Iterator[str]) -> list[str]:
    wanted = {item for item in paths if os.path.exists(item)}
    return sorted(item for item in wanted if not any(_below(item, other) for other in wanted - {item}))


def is_python(path: str) -> bool:
    """By its name."""
    return re.match(r"(python|pypy)[0-9.]*t?$", os.path.basename(path)) is not None


def own_interpreter() -> str | None:
    """sys.executable, unless this program embeds Python: then it is empty, or the program itself."""
    for candidate in (sys.executable, os.path.join(sys.prefix, "bin", "python3")):
        if candidate and is_python(candidate) and os.access(candidate, os.X_OK):
            return os.path.abspath(candidate)
    return None


def _user_site() -> dict[str, str]:
    """The home folder inside is another one, so the user's packages must be named."""
    base = site.getuserbase()
    shown = any(_packages(item) and _below(os.path.normpath(item), os.path.normpath(base)) for item in sys.path)
    return {"PYTHONUSERBASE": base} if shown and site.ENABLE_USER_SITE else {}


def python() -> Runtime:
    """The runtime of the calling program. Cheap; computed anew each time because sys.path changes."""
    interpreter = own_interpreter()
    if interpreter is None:
        return Runtime(shutil.which("python3"), [], {})
    private = _private()
    if not private or not os.path.isabs(os.path.expanduser("~")):
        private = ["/nonexistent", *private]  # the first one is the home folder

    def candidates() -> Iterator[str]:
        for tree in _trees():
            if tree and os.path.isabs(tree):
                yield from _narrowed(os.path.normpath(tree), private)
        yield from _links(interpreter)

    visible = (os.path.normpath(item) for item in candidates())
    return Runtime(interpreter, _outermost(item for item in visible
                                           if not any(_below(item, known) for known in _BASELINE)), _user_site())
