"""Node.js that was started ahead: what code sees and does must be what it would in a cold run. And bash, which is not."""
import re
import shutil
import time

import pytest

import mxc

pytestmark = pytest.mark.skipif(not shutil.which("node"), reason="there is no node")

SAME = {
    "prints": "console.log(1)",
    "nothing": "",
    "begins with a dash": "-1",
    "both streams": "console.log('out'); console.error('err'); process.stdout.write('no end')",
    "exit code": "console.log('x'); process.exit(3)",
    "exit code set": "process.exitCode = 7; console.log('on')",
    "exit code above 255": "process.exit(259)",
    "reallyExit": "process.reallyExit(9)",
    "error": "function f() { throw new RangeError('y') }\nf()",
    "error with a cause": "throw new Error('a', { cause: new TypeError('b') })",
    "error that is none": "throw 5",
    "error of another kind": "throw { a: 1 }",
    "error after output": "console.log('first'); null.x",
    "error in a timer": "setTimeout(() => { throw new Error('later') }, 1)",
    "error in a deep call": "const f = (n) => n ? f(n - 1) : nope(); f(30)",
    "stack overflow": "try { (function f() { f() })() } catch (e) { console.log(e.message) }",
    "rejection": "Promise.reject(new Error('r'))",
    "rejection of an async function": "(async () => { await 1; throw new Error('a') })()",
    "handler of errors": "process.on('uncaughtException', (e, from) => console.log('seen', e.message, from)); throw new Error('x')",
    "assertion": "require('assert').strictEqual(1, 2)",
    "syntax error": "console.log(1)\nif if",
    "module": "import fs from 'node:fs'; console.log(typeof fs.readFileSync, typeof require)",
    "top-level await": "console.log(await Promise.resolve(5))",
    "dynamic import": "import('node:fs').then((m) => console.log(typeof m.readFileSync))",
    "signal": "process.kill(process.pid, 'SIGKILL')",
    "term": "process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 1000)",
    "abort": "process.abort()",
    "exit handlers": "process.on('exit', (c) => { console.log('bye', c); process.exitCode = 4 }); console.log('hello')",
    "exit handler that exits": "process.on('exit', () => process.exit(6))",
    "exit handler that throws": "process.on('exit', () => { throw new Error('late') })",
    "exit handlers after an error": "process.on('exit', (c) => console.log('bye', c)); throw new Error('x')",
    "beforeExit": "let n = 0; process.on('beforeExit', () => { if (n++ < 2) setTimeout(() => console.log(n), 1) })",
    "timers are waited for": "setTimeout(() => console.log('late'), 50)",
    "unreferenced timers are not": "setTimeout(() => console.log('late'), 60000).unref()",
    "order": "setTimeout(() => console.log(3), 5); process.nextTick(() => console.log(1));"
             " Promise.resolve().then(() => console.log(2));",
    "arguments": "console.log(process.argv, process.execArgv, process.argv0, process.title)",
    "globals": "console.log(Object.getOwnPropertyNames(globalThis).sort().join())",
    "names": "console.log(typeof fs, typeof vm, typeof line, typeof code, typeof before, __filename, __dirname, module.id, this === globalThis)",
    "declarations": "const fs = 1, code = 2; var line = 3; let work = 4; function said() {} console.log(fs, code, line, work, globalThis.line, globalThis.work)",
    "strict": "'use strict'; try { undeclared = 1 } catch (e) { console.log(e.message) }",
    "require": "console.log(Object.keys(require.cache), require.main === module, module.paths.slice(-1), module.children)",
    "require of what is not there": "require('./nothing')",
    "variables": "console.log(Object.entries(process.env).sort())",
    "folder": "console.log(process.cwd())",
    "who": "console.log(process.getuid(), process.getgid(), process.umask())",
    "descriptors": "const fs = require('fs'); console.log(fs.readSync(0, Buffer.alloc(5)), [3, 4, 5].map((fd) => { try { return fs.fstatSync(fd).isSocket() } catch (e) { return e.code } }).slice(1))"
                   .replace("slice(1)", "length"),
    "children": "console.log(require('child_process').spawnSync('sh', ['-c', 'echo sub; ls /proc/self/fd | wc -l; exit 4']).stdout.toString())",
    "left behind": "require('child_process').spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).unref(); console.log('gone')",
    "fork": "if (!process.send) { require('child_process').fork('/dev/null', [], { execArgv: [] }).on('exit', (c) => console.log(c)) }",
    "worker": "const w = require('worker_threads'); new w.Worker('console.log(require(\"worker_threads\").isMainThread)', { eval: true })",
    "stdin": "console.log(JSON.stringify(require('fs').readFileSync(0, 'utf8')), process.stdin.isTTY, process.stdout.isTTY, process.stdout.constructor.name)",
    "streams": "process.stdin.on('data', (d) => console.log(String(d))).on('end', () => console.log('end'))",
    "not ascii": "console.log('żółw', '\U0001f422', Buffer.from([0xff, 0]))",
    "a large output": "process.stdout.write('x'.repeat(300000))",
    "deep frames": "console.log(new Error('e').stack.split('\\n').slice(0, 2))",
    "prepareStackTrace": "console.log(Error.stackTraceLimit, Error.prepareStackTrace)",
    "symbols": "console.log(Object.getOwnPropertySymbols(globalThis).length)",
    "regular expressions": "console.log(RegExp.$1 === '', RegExp.lastMatch === '')",
    "eval": "eval('var q = 1'); console.log(q, new Function('return typeof require')())",
    "vm": "console.log(require('vm').runInThisContext('1 + 1'))",
    "crypto": "console.log(require('crypto').createHash('sha256').update('x').digest('hex'))",
    "wasm": "console.log(WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])))",
    "denied": "try { require('fs').writeFileSync('/etc/x', '') } catch (e) { console.log(e.code) }",
    "closed stdout": "require('fs').closeSync(1); process.exit(2)",
    "own monitor": "process.on('uncaughtExceptionMonitor', (e) => console.log('seen', e.message)); throw new Error('x')",
}


def ready(pool, count=1):
    until = time.monotonic() + 30
    while pool.stats.ready < count:
        assert time.monotonic() < until, pool.stats
        time.sleep(0.002)


@pytest.fixture(scope="module", params=["strict", "workspace"])
def pool(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("node")
    folder.chmod(0o777)
    policy = "strict" if request.param == "strict" else {"version": "1.0.0", "filesystem": {"readwritePaths": [str(folder)]}}
    with mxc.Pool(policy, size=2, language="node") as made:
        yield made


def warm(pool, code, **options):
    ready(pool)
    taken = pool.stats.taken
    result = pool.run(code, **options)
    assert pool.stats.taken == taken + 1, "it was a cold run"
    return result


def seen(result):
    return result.exit_code, result.signal, result.stdout, re.sub(rb"(0x[0-9a-f]{6,}|node:\d+|node:events:[0-9:]+|<[^>]*ago>)", b"N", result.stderr)


@pytest.mark.parametrize("name", SAME)
def test_same_as_cold(pool, name):
    code = SAME[name]
    got, expected = seen(warm(pool, code)), seen(mxc.run(code, pool.policy, language="node"))
    if name == "abort":  # the native stack has addresses of its own
        got, expected = got[:3], expected[:3]
    assert got == expected


def test_input_and_variables(pool):
    code = "console.log(require('fs').readFileSync(0, 'utf8'), process.env.A, process.env.TERM, require('fs').fstatSync(0).size)"
    options = {"input": "in" * 5, "env": {"A": "b=c\n"}}
    assert seen(warm(pool, code, **options)) == seen(mxc.run(code, pool.policy, language="node", **options))
    big = "x" * 3_000_000
    assert warm(pool, "process.stdin.on('data', (d) => process.stdout.write(String(d.length) + ' '))", input=big).exit_code == 0
    assert warm(pool, "console.log(require('fs').readFileSync(0).length)", input=big).stdout == b"3000000\n"
    refused = warm(pool, "try { require('fs').writeFileSync('/proc/self/fd/0', 'y'); console.log('written') } catch (e) { console.log(e.code) }",
                   input="x")
    assert b"written" not in refused.stdout


def test_what_makes_it_cold(pool):
    for options in ({"env": {"NODE_OPTIONS": "--no-warnings"}}, {"env": {"LC_ALL": "C"}}, {"cwd": "/usr"}, {"language": "python"}):
        ready(pool)
        cold = pool.stats.cold
        assert pool.run("1", **options).exit_code == 0
        assert pool.stats.cold == cold + 1, options
    with pool.spawn("console.log(5)", stdout=mxc.PIPE) as process:  # node can be sent no descriptor
        assert process.stdout.read() == b"5\n"
    assert pool.run(["echo", "x"]).stdout == b"x\n"


def test_deadline_and_kill(pool):
    result = warm(pool, "for (;;);", timeout=0.3)
    assert result.timed_out and result.wall_time < 5
    ready(pool)
    with pool.spawn("setTimeout(() => {}, 60000)") as process:
        process.kill()
        assert process.wait().signal == 9


def test_nothing_is_shared(pool):
    code = ("const c = require('crypto'); console.log(Math.random(), c.randomBytes(8).toString('hex'), c.randomUUID(), "
            "c.generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('hex'))")
    found = [warm(pool, code).stdout_text.split() for _ in range(4)]
    for column in zip(*found):
        assert len(set(column)) == 4, column
    warm(pool, "require('fs').writeFileSync('/tmp/mine', '')")
    code = "console.log(require('fs').readdirSync('/tmp'))"
    assert warm(pool, code).stdout == mxc.run(code, pool.policy, language="node").stdout


def test_its_word_cannot_be_taken_for_more_than_an_end(policy):
    code = ("const fs = require('fs'); try { fs.writeSync(3, Buffer.from('MXCD\\x09\\0\\0\\0')) } catch { console.log('no socket') }\n"
            "setTimeout(() => console.log('later'), 200)")
    with mxc.Pool("strict", language="node") as strict:
        result = warm(strict, code)
        assert result.exit_code == 9 and b"later" not in result.stdout
        assert warm(strict, "console.log(5)").stdout == b"5\n"
    with mxc.Pool(policy, language="node") as writable:
        result = warm(writable, code)
        assert (result.exit_code, result.stdout) == (0, b"no socket\nlater\n")


def test_preload(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/noisy.js").write_text("console.log('noise'.repeat(1000)); exports.loaded = 5\n")
    policy = {"version": "1.0.0", "filesystem": {"readonlyPaths": [str(tmp_path)]}, "process": {"cwd": str(tmp_path)}}
    with mxc.Pool(policy, language="node", preload=["noisy", "zlib"]) as pool:
        code = "console.log(Object.keys(require.cache).map((f) => f.split('/').pop()), require('noisy').loaded, typeof noisy)"
        assert seen(warm(pool, code)) == (0, None, b"[ 'noisy.js' ] 5 undefined\n", b"")


def test_bash_has_a_sandbox_that_was_built_ahead():
    codes = ("echo 1", "exit 3", "echo a; nope; echo $0 $# $-", "if if", "kill -9 $$", "sh -c 'kill -9 $$'", "cat", "trap 'echo bye' EXIT; false",
             "echo $LINENO\necho $LINENO >&2; set -u; echo $X")
    with mxc.Pool("strict", size=1, language="bash", fresh="interpreter") as pool:
        for code in codes:
            assert seen(warm(pool, code, input="in")) == seen(mxc.run(code, "strict", language="bash", input="in")), code
        assert pool.run("print(1)", language="python").stdout == b"1\n"


def test_wrong_options():
    with pytest.raises(mxc.InterpreterError, match="preload"):
        mxc.Pool("strict", language="node", preload=["no_such_module"])
    with pytest.raises(mxc.InterpreterError):
        mxc.Pool("strict", language="ruby")
    with pytest.raises(mxc.InvalidArgumentError, match="preload"):
        mxc.Pool("strict", language="bash", preload=["x"])
    for options in ({"fresh": "interpreter"}, {"fresh": "fork", "language": "python"}):
        with pytest.raises(mxc.InvalidArgumentError, match="fresh"):
            mxc.Pool("strict", **options)
