"""mxc: run code that nobody has vetted under a policy, and see what was enforced.

    import mxc
    result = mxc.run("print(6*7)", "strict")
    result.check().stdout_text
"""
from ._command import DEVNULL, PIPE, STDOUT
from .errors import (ClosedError, CommandError, CommandNotExecutable, CommandNotFound, Error, InternalError,
                     InterpreterError, InvalidArgumentError, NoMemoryError, PathError, PolicyError, SetupError,
                     SystemCallError, TimeoutExpired, UnsupportedError, VerifyError, WaitTimeout)
from .host import doctor, explain, plan, schema, version
from .policy import Policy
from .pool import Pool, PoolStats
from .process import Process
from .result import Connection, Denial, Finding, ReceiptItem, Result
from .sandbox import Sandbox, run, spawn

__all__ = [
    "DEVNULL", "PIPE", "STDOUT",
    "ClosedError", "CommandError", "CommandNotExecutable", "CommandNotFound", "Error", "InternalError",
    "InterpreterError", "InvalidArgumentError", "NoMemoryError", "PathError", "PolicyError", "SetupError",
    "SystemCallError", "TimeoutExpired", "UnsupportedError", "VerifyError", "WaitTimeout",
    "Connection", "Denial", "Finding", "Policy", "Pool", "PoolStats", "Process", "ReceiptItem", "Result", "Sandbox",
    "doctor", "explain", "plan", "run", "schema", "spawn", "version",
]

__version__ = version()
