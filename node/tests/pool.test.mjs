/* Pools: sandboxes that were built ahead. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { collectGarbage, mxc, workspace } from './support.mjs';

const { Pool } = mxc;

async function ready(pool, count = 1) {
  for (let waited = 0; pool.stats.ready < count; waited += 5) {
    assert.ok(waited < 20_000, JSON.stringify(pool.stats));
    await sleep(5);
  }
}

test('each command has a sandbox of its own', async () => {
  const pool = await Pool.create(workspace(), { size: 2 });
  assert.deepEqual(pool.stats, { ready: 2, wanted: 2, taken: 0, cold: 0, failed: 0, dropped: 0 });
  for (let i = 0; i < 3; i++) {
    await ready(pool);
    assert.ok((await pool.run(['sh', '-c', 'test ! -e /tmp/mine && touch /tmp/mine'])).ok);
  }
  await ready(pool);
  assert.equal(pool.runSync(['echo', 'x']).stdoutText, 'x\n');
  assert.equal(pool.stats.taken, 4);
  pool.close();
  pool.close();
  assert.ok(pool.closed);
  await assert.rejects(pool.run(['true']), mxc.ClosedError);
});

test('its results are those of run()', async () => {
  const pool = new Pool('strict');
  assert.equal((await pool.run('print(6*7)')).stdoutText, '42\n');
  assert.equal((await pool.run('console.log(6*7)', { language: 'node' })).stdoutText, '42\n');
  assert.equal((await pool.run(['sleep', '60'], { timeout: 300 })).timedOut, true);
  await assert.rejects(pool.run(['no-such-command']), mxc.CommandNotFound);
  await assert.rejects(pool.run(['false'], { check: true }), mxc.CommandError);
  const abort = new AbortController();
  const running = pool.run(['sleep', '60'], { signal: abort.signal });
  abort.abort();
  await assert.rejects(running, mxc.AbortError);
  pool[Symbol.dispose]();
});

test('more than there are', async () => {
  const pool = new Pool('strict', { size: 1, max: 3 });
  const results = await Promise.all(Array.from({ length: 6 }, (_, i) => pool.run(['echo', String(i)])));
  assert.deepEqual(results.map((result) => Number(result.stdoutText)), [0, 1, 2, 3, 4, 5]);
  const { taken, cold, wanted } = pool.stats;
  assert.equal(taken + cold, 6);
  assert.ok(wanted <= 3);
  const process = pool.spawn(['sleep', '0.2']);
  await pool[Symbol.asyncDispose]();
  assert.equal((await process.wait()).ok, true);
});

test('an interpreter that was started ahead', async () => {
  const pool = new Pool('strict', { size: 2, language: 'python', preload: ['json'] });
  const result = await pool.run("import sys; print('json' in sys.modules); sys.exit(4)");
  assert.deepEqual([result.stdoutText, result.exitCode], ['True\n', 4]);
  assert.equal(pool.stats.taken, 1);
  assert.equal((await pool.run('console.log(1)', { language: 'node' })).stdoutText, '1\n');
  assert.equal(pool.stats.cold, 1);
  pool.close();
  assert.throws(() => new Pool('strict', { language: 'python', preload: ['no_such_module'] }), mxc.InterpreterError);
  assert.throws(() => new Pool('strict', { language: 'ruby' }), mxc.InterpreterError);
  assert.throws(() => new Pool('strict', { language: 'python', fresh: 'fork' }), mxc.InvalidArgumentError);
  assert.throws(() => new Pool('strict', { preload: [1] }), TypeError);
});

test('node that was started ahead, and bash that was not', async () => {
  const node = new Pool('strict', { language: 'node', preload: ['node:zlib'], fresh: 'interpreter' });
  const result = await node.run('console.log(6 * 7); process.exit(4)');
  assert.deepEqual([result.stdoutText, result.stderrText, result.exitCode], ['42\n', '', 4]);
  await ready(node);
  assert.match(node.runSync("throw new TypeError('x')").stderrText, /^\[eval\]:1\n.*\n\^\n\nTypeError: x\n    at \[eval\]:1:7\n/);
  assert.equal(node.stats.taken, 2);
  node.close();
  const bash = new Pool('strict', { language: 'bash' });
  assert.equal((await bash.run('echo $((6*7)) $0')).stdoutText, '42 bash\n');
  assert.equal(bash.stats.taken, 1);
  bash.close();
});

test('sizes that cannot be', () => {
  for (const wrong of [{ size: 0 }, { size: 2, min: 3 }, { size: 9, max: 8 }, { size: -1 }, { idle: 0 }, { size: 1.5 }]) {
    assert.throws(() => new Pool('strict', wrong), (error) => error instanceof RangeError || error instanceof mxc.InvalidArgumentError);
  }
  assert.throws(() => new Pool('strict', { ssize: 1 }), TypeError);
  assert.throws(() => new Pool('strict', { size: '2' }), TypeError);
});

test('the garbage collector closes it', async () => {
  new Pool('strict');
  await collectGarbage();
});
