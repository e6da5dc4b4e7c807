"""Interpreters that were started ahead: what code sees and does must be what it would in a cold run."""
import os
import re
import time

import pytest

import mxc

SAME = {
    "prints": "print(1)",
    "nothing": "",
    "both streams": "import sys; print('out'); print('err', file=sys.stderr); sys.stdout.write('no end')",
    "exit code": "import sys; print('x'); sys.exit(3)",
    "exit with text": "import sys; sys.exit('gone wrong')",
    "exit with None, True, negative": "import sys\ntry: sys.exit()\nexcept SystemExit: pass\nsys.exit(-1)",
    "raise SystemExit": "raise SystemExit(True)",
    "os._exit": "import os; print('lost', end=''); os._exit(7)",
    "traceback": "def f():\n    return 1 / 0\nf()",
    "chained traceback": "try:\n    {}['x']\nexcept KeyError as e:\n    raise ValueError('y') from e",
    "syntax error": "print(1)\nif if",
    "null in text": "print('\\0é\\ud800'.encode('utf-8', 'surrogatepass'))",
    "not ascii": "print('żółw', '\U0001f422')",
    "exception group": "import sys\nif sys.version_info >= (3, 11):\n    raise ExceptionGroup('g', [ValueError(1), KeyError(2)])",
    "interrupt": "raise KeyboardInterrupt",
    "signal": "import os; os.kill(os.getpid(), 9)",
    "term": "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    "abort": "import os; os.abort()",
    "atexit": "import atexit; atexit.register(print, 'bye'); print('hello')",
    "atexit raises": "import atexit; atexit.register(lambda: 1 / 0); print('hello')",
    "atexit after an error": "import atexit; atexit.register(print, 'bye'); 1 / 0",
    "threads are waited for": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.1), print('late'))).start()",
    "daemon threads are not": "import threading, time\nthreading.Thread(target=lambda: (time.sleep(60), print('late')), daemon=True).start()",
    "objects end": "class A:\n    def __del__(self): print('del')\na = A()\nb = [A()]; b.append(b)",
    "arguments": "import sys; print(sys.argv, sys.path[0], sys.orig_argv[1:])",
    "main": "print(sorted(k for k in globals())); print(__name__, __doc__, __package__, __spec__, __builtins__)",
    "is main": "import __main__; x = 5; print(__main__.x, __main__.__dict__ is globals())",
    "pickles": "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))))",
    "modules": "import sys; print('_socket' in sys.modules, 'socket' in sys.modules, 'gc' in sys.modules, 'atexit' in sys.modules)",
    "variables": "import os; print(sorted(os.environ.items()))",
    "folder": "import os; print(os.getcwd())",
    "who": "import os; print(os.getuid(), os.getgid(), os.getsid(0) == os.getpid(), os.umask(0))",
    "descriptors": "import os; print(sorted(fd for fd in range(3, 100) if os.path.exists(f'/proc/self/fd/{fd}'))[1:])",
    "inherited descriptors": "import subprocess; print(subprocess.run(['ls', '/proc/self/fd'], capture_output=True).stdout)",
    "stdin": "import sys; print(repr(sys.stdin.read()), sys.stdin.isatty(), sys.stdout.isatty(), sys.stdout.encoding)",
    "streams": "import sys; print([(s.name, s.mode, s.errors, s.line_buffering, s.seekable()) for s in (sys.stdin, sys.stdout, sys.stderr)])",
    "fork": "import os\nif os.fork() == 0:\n    print('child')\nelse:\n    os.wait(); print('parent')",
    "fork and exit": "import os, sys\nif os.fork() == 0:\n    sys.exit(5)\nprint(os.waitstatus_to_exitcode(os.wait()[1]))",
    "exec": "import os; os.execv('/bin/echo', ['echo', 'other'])",
    "children": "import subprocess; print(subprocess.run(['sh', '-c', 'echo sub; exit 4'], capture_output=True))",
    "left behind": "import subprocess; subprocess.Popen(['sleep', '60']); print('gone')",
    "multiprocessing": "import multiprocessing as m\nm.set_start_method('fork')\nwith m.Pool(2) as p: print(p.map(abs, [-1, -2]))",
    "asyncio": "import asyncio\nasync def f(): await asyncio.sleep(0.01); return 5\nprint(asyncio.run(f()))",
    "recursion": "def f(n): return f(n + 1)\ntry: f(0)\nexcept RecursionError: print('deep')",
    "future": "from __future__ import annotations\ndef f(a: b): pass\nprint(f.__annotations__)",
    "annotations": "x: int = 5; print(__annotations__)",
    "own hook": "import sys; sys.excepthook = lambda *a: print('hook', a[0].__name__, a[2].tb_lineno)\n1 / 0",
    "warnings": "import warnings; warnings.warn('w')",
    "denied": "import os\ntry: os.unshare(0x10000000)\nexcept (OSError, AttributeError) as e: print(type(e).__name__)",
    "closed stdout": "import sys; sys.stdout.close()",
    "all descriptors closed": "import os; print('x', flush=True); os.closerange(3, 256)",
    "a large output": "print('x' * 300000)",
    "no frames of ours in errors": "import traceback\ntry: 1 / 0\nexcept ZeroDivisionError: print(traceback.format_exc())",
}


def ready(pool, count=1):
    until = time.monotonic() + 30
    while pool.stats.ready < count:
        assert time.monotonic() < until, pool.stats
        time.sleep(0.002)


@pytest.fixture(scope="module", params=["strict", "workspace"])
def pool(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("warm")
    folder.chmod(0o777)
    policy = "strict" if request.param == "strict" else {"version": "1.0.0", "filesystem": {"readwritePaths": [str(folder)]}}
    with mxc.Pool(policy, size=2, language="python") as made:
        yield made


def warm(pool, code, **options):
    ready(pool)
    taken = pool.stats.taken
    result = pool.run(code, **options)
    assert pool.stats.taken == taken + 1, "it was a cold run"
    return result


def seen(result):
    return result.exit_code, result.signal, result.stdout, re.sub(rb"0x[0-9a-f]{6,}", b"0x", result.stderr)


@pytest.mark.parametrize("name", SAME)
def test_same_as_cold(pool, name):
    code = SAME[name]
    assert seen(warm(pool, code)) == seen(mxc.run(code, pool.policy))


def test_input_variables_and_streams(pool):
    code = "import os, sys; print(sys.stdin.read(), os.environ['A'], os.environ.get('TERM'))"
    assert warm(pool, code, input="in", env={"A": "b"}).stdout == b"in b dumb\n"
    ready(pool)
    with pool.spawn("import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)",
                    stdin=mxc.PIPE, stdout=mxc.PIPE, stderr=mxc.DEVNULL) as process:
        process.stdin.write(b"abc\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"cba\n"
    assert process.returncode == 0


def test_what_an_interpreter_reads_when_it_starts_makes_it_cold(pool):
    for options in ({"env": {"PYTHONUTF8": "1"}}, {"env": {"LC_ALL": "C"}}, {"cwd": "/usr"}, {"language": "bash"}):
        ready(pool)
        cold = pool.stats.cold
        assert pool.run("exit", **options).exit_code == 0
        assert pool.stats.cold == cold + 1, options
    assert pool.run(["echo", "x"]).stdout == b"x\n"


def test_deadline_and_signals(pool):
    result = warm(pool, "while True: pass", timeout=0.3)
    assert result.timed_out and result.wall_time < 5
    ready(pool)
    time.sleep(0.4)
    with pool.spawn("import time; time.sleep(60)") as process:
        process.kill()
        assert process.wait().signal == 9


def test_times_are_those_of_the_code(pool):
    result = warm(pool, "pass")
    assert result.cpu_time < 0.2 and result.wall_time < 1
    busy = warm(pool, "import time\nwhile time.process_time() < 0.5: pass")
    assert busy.cpu_time >= 0.3
    child = warm(pool, "import subprocess; subprocess.run(['sh', '-c', 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'])")
    assert child.cpu_time >= 0.05


def test_nothing_is_shared(pool):
    code = ("import os, random, ssl, tempfile, uuid\n"
            "print(random.random(), ssl.RAND_bytes(8).hex(), uuid.uuid4(), uuid.uuid1().node and uuid.uuid4(), "
            "tempfile.mktemp(), hash('text'), id(object()), os.urandom(8).hex())")
    found = [warm(pool, code).stdout_text.split() for _ in range(4)]
    for column in zip(*found):
        assert len(set(column)) == 4, column
    warm(pool, "open('/tmp/mine', 'w').close()")
    assert warm(pool, "import os; print(os.listdir('/tmp'))").stdout_text in ("[]\n", mxc.run(
        "import os; print(os.listdir('/tmp'))", pool.policy).stdout_text)


def test_its_word_cannot_be_taken_for_more_than_an_end(policy):
    """Code that finds the socket and says that it is done ends its own run, and nothing else."""
    code = ("import os, time\n"
            "try: os.write(3, b'MXCD' + (9).to_bytes(4, 'little'))\n"
            "except OSError: print('no socket', flush=True)\n"
            "time.sleep(0.2); print('later', flush=True)")
    with mxc.Pool("strict", language="python") as strict:
        result = warm(strict, code)
        assert result.exit_code == 9 and b"later" not in result.stdout
        assert warm(strict, "print(5)").stdout == b"5\n"
    with mxc.Pool(policy, language="python") as writable:  # what it writes there must be over with its result
        result = warm(writable, code)
        assert (result.exit_code, result.stdout) == (0, b"no socket\nlater\n")


def test_preload():
    with mxc.Pool("strict", language="python", preload=["json", "xml.dom.minidom"]) as pool:
        code = "import sys; print('json' in sys.modules, 'xml.dom.minidom' in sys.modules, 'decimal' in sys.modules)"
        assert warm(pool, code).stdout == b"True True False\n"
        assert warm(pool, "print('json' in globals()); import json; print(json.dumps([1]))").stdout == b"False\n[1]\n"


def test_preload_of_what_prints_and_starts_threads(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "noisy.py").write_text("import sys, threading\nprint('noise ' * 100000)\nprint('err', file=sys.stderr)\n")
    policy = {"version": "1.0.0", "filesystem": {"readonlyPaths": [str(tmp_path)]}, "process": {"cwd": str(tmp_path)}}
    with mxc.Pool(policy, language="python", preload=["noisy"]) as pool:
        assert seen(warm(pool, "print('code')")) == (0, None, b"code\n", b"")


def test_wrong_options():
    with pytest.raises(mxc.InterpreterError, match="preload"):
        mxc.Pool("strict", language="python", preload=["no_such_module"])
    with pytest.raises(mxc.InvalidArgumentError):
        mxc.Pool("strict", preload=["json"])
    with pytest.raises(TypeError):
        mxc.Pool("strict", language="python", preload="json")


def test_the_death_of_an_interpreter_that_waits(pool):
    ready(pool, 2)
    mine = {int(name) for name in os.listdir("/proc") if name.isdigit() and _is_parked(name)}
    if not mine:
        pytest.skip("another user's processes cannot be looked at")
    failed = pool.stats.failed
    for pid in mine:
        os.kill(pid, 9)
    until = time.monotonic() + 10
    while pool.stats.failed < failed + len(mine):
        assert time.monotonic() < until
        time.sleep(0.002)
    assert pool.run("print(1)").stdout == b"1\n"
    assert pool.run("print(1)").stdout == b"1\n"


def _is_parked(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return b"MXCW" in file.read() and _keeper_of(pid) == os.getpid()
    except OSError:
        return False


def _keeper_of(pid):
    for _ in range(2):  # its init, its keeper
        with open(f"/proc/{pid}/stat", "rb") as file:
            pid = file.read().rsplit(b")", 1)[1].split()[1].decode()
    with open(f"/proc/{pid}/stat", "rb") as file:
        return int(file.read().rsplit(b")", 1)[1].split()[1])
