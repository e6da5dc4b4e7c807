"""Running things: run(), spawn() and `Sandbox`."""
from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Mapping

from . import _core, _runtime
from ._command import Code, Command, Input, Request, RunOptions, Stream
from ._native import ffi, lib
from .files import Commands, Files
from .policy import PolicyLike, policy_of
from .process import Process
from .result import Finding, Result

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Process", "Sandbox", "run", "spawn"]


def _ended(process: Process, check: bool) -> Result:
    with process:  # an exception, Ctrl-C too, ends the command
        result = process.wait()
    return result.check() if check else result


def spawn(command: Code, policy: PolicyLike = None, *, language: str | None = None, input: Input = None,
          timeout: float | str | None = None, env: Mapping[str, str] | None = None,
          cwd: str | os.PathLike[str] | None = None, grace: float | str | None = None,
          stdin: Stream = None, stdout: Stream = None, stderr: Stream = None) -> Process:
    """Starts one command in a sandbox of its own, which ends with it. Arguments as for `Sandbox.spawn`."""
    request = Request(command, language, input, timeout, env, cwd, grace, stdin, stdout, stderr)
    allowed = policy_of(policy)
    with Command(request) as laid_out:
        options = _core.Options(laid_out.runtime.paths)
        started = _core.made("mxc_process", lib.mxc_spawn, allowed._pointer, laid_out.struct, options.struct)
        return Process(started, command, merged=laid_out.take_merged())


def run(command: Code, policy: PolicyLike = None, *, language: str | None = None, input: Input = None,
        timeout: float | str | None = None, env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None, grace: float | str | None = None, check: bool = False) -> Result:
    """Runs one command in a sandbox of its own and waits for it.

    command     a str is source code, a list is arguments (no shell)
    policy      a `Policy`, a dict, the path of a JSON file, the name of a preset, None: "workspace" here
    language    of source code: "python" (default), "bash", "node"
    input       what the command reads from stdin; default nothing
    timeout     seconds, or "500ms", "30s"; then SIGTERM, `grace`, SIGKILL; default what the policy says
    env         variables on top of the policy's
    cwd         folder inside; default the policy's, else the first writable path
    grace       seconds between SIGTERM and SIGKILL, default 1
    check       raise `CommandError` unless the result is ok
    """
    return _ended(spawn(command, policy, language=language, input=input, timeout=timeout, env=env, cwd=cwd,
                        grace=grace), check)


class Sandbox:
    """An open sandbox: one set of walls, several commands, one after the other or at once.

    Files in its private places (/tmp, ...) live until it is closed. Closing, the end of a `with` block, the end of
    this object and the end of this program kill everything inside.
    """

    def __init__(self, policy: PolicyLike = None) -> None:
        self.policy = policy_of(policy)
        # Python is that of this program; which other language comes is not known yet
        options = _core.Options(_runtime.python().paths, (b"bash", b"node"))
        pointer = _core.made("mxc_sandbox", lib.mxc_sandbox_open, self.policy._pointer, options.struct)
        self._handle = _core.Handle(pointer, lib.mxc_sandbox_free,
                                    lambda opened: lib.mxc_sandbox_kill(opened, ffi.NULL), "sandbox")

    def spawn(self, command: Code, *, language: str | None = None, input: Input = None,
              timeout: float | str | None = None, env: Mapping[str, str] | None = None,
              cwd: str | os.PathLike[str] | None = None, grace: float | str | None = None,
              stdin: Stream = None, stdout: Stream = None, stderr: Stream = None) -> Process:
        """Starts a command and returns at once. Arguments as for run(), and

        stdin           None: `input`, or nothing; PIPE, DEVNULL, a descriptor or a file
        stdout, stderr  None: captured, bounded, in the result; PIPE, DEVNULL, a descriptor or a file;
                        stderr=STDOUT: to the same place as a stdout that is not captured
        """
        with Command(Request(command, language, input, timeout, env, cwd, grace, stdin, stdout, stderr)) as laid_out:
            with self._handle as pointer:
                started = _core.made("mxc_process", lib.mxc_sandbox_spawn, pointer, laid_out.struct)
            return Process(started, command, self, laid_out.take_merged())

    def run(self, command: Code, *, language: str | None = None, input: Input = None,
            timeout: float | str | None = None, env: Mapping[str, str] | None = None,
            cwd: str | os.PathLike[str] | None = None, grace: float | str | None = None,
            check: bool = False) -> Result:
        """Runs a command and waits for it; what it left running is ended with it. Arguments as for mxc.run()."""
        return _ended(self.spawn(command, language=language, input=input, timeout=timeout, env=env, cwd=cwd,
                                 grace=grace), check)

    def kill(self) -> None:
        """Ends everything inside at once. Commands that were running get results with signal 9."""
        with self._handle as pointer:
            _core.call(lib.mxc_sandbox_kill, pointer)

    @classmethod
    def create(cls, policy: PolicyLike = None) -> Sandbox:
        """The same as Sandbox(policy)."""
        return cls(policy)

    def run_code(self, code: str, language: str = "python", **options: Unpack[RunOptions]) -> Result:
        """Runs source text and waits for it: "python", "bash" or "node". Options as for run()."""
        return self.run(code, language=language, **options)

    @property
    def commands(self) -> Commands:
        """`commands.run("a shell line")`."""
        return Commands(self)

    @property
    def files(self) -> Files:
        """`files.read(path)`, `write`, `list`, ...: the files as code inside sees them, with its rights."""
        return Files(self)

    def findings(self) -> list[Finding]:
        """What the commands so far have left in writable folders that a program of the host would trust."""
        with self._handle as pointer:
            found = json.loads(_core.made_text(lib.mxc_sandbox_findings, pointer))
        return [Finding(item["kind"], item["path"]) for item in found]

    def update_network(self, policy: PolicyLike) -> None:
        """What it may reach from now on: the network of `policy`, within what it was opened with. Connections that are
        not granted any more are cut. Nothing else of `policy` is read."""
        with self._handle as pointer:
            _core.call(lib.mxc_sandbox_update_network, pointer, policy_of(policy)._pointer)

    def published_port(self, port: int) -> int:
        """The port of the host's 127.0.0.1 at which a port inside is published; 0 when it is not."""
        with self._handle as pointer:
            return int(lib.mxc_sandbox_published_port(pointer, port))

    @property
    def fd(self) -> int:
        """Becomes readable when the sandbox has ended: for event loops. Do not read or close it."""
        with self._handle as pointer:
            return int(lib.mxc_sandbox_fd(pointer))

    def fileno(self) -> int:
        """The same as `fd`."""
        return self.fd

    @property
    def closed(self) -> bool:
        return self._handle.closed

    def close(self) -> None:
        """Kills what still runs and waits until nothing is left. May be called again."""
        self._handle.close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<mxc.Sandbox {'closed' if self.closed else 'open'}>"
