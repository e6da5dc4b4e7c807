/* Many at once need no thread: neither one of ours, nor the thread pool. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mxc, program, threads } from './support.mjs';

test('200 runs in flight', async () => {
  await mxc.run(['true'], 'strict');
  const before = threads();
  const running = Array.from({ length: 200 }, (_, i) => mxc.run(['sh', '-c', `sleep 0.5; echo ${i}`], 'strict'));
  assert.equal(threads(), before);
  const results = await Promise.all(running);
  assert.equal(threads(), before);
  assert.deepEqual(results.map((result) => Number(result.stdoutText)), Array.from({ length: 200 }, (_, i) => i));
});

test('not even with a thread pool of one that is busy', async () => {
  const { code, stdout, stderr } = await program(`
    import { pbkdf2 } from 'node:crypto';
    import fs from 'node:fs';
    const threads = () => fs.readdirSync('/proc/self/task').length;
    let busy = true;
    pbkdf2('x', 'y', 20_000_000, 64, 'sha512', () => { busy = false; }); // seconds
    await mxc.run(['true'], 'strict');
    const before = threads();
    const results = await Promise.all(Array.from({ length: 20 }, () => mxc.run(['true'], 'strict')));
    console.log(busy, threads() - before, results.every((result) => result.ok));
    process.kill(process.pid, 'SIGKILL');`, { env: { UV_THREADPOOL_SIZE: '1' } }).ended;
  assert.deepEqual([stdout, stderr], ['true 0 true\n', ''], String(code));
});

test('50 pipes at once in one sandbox', async () => {
  const sandbox = new mxc.Sandbox(new mxc.Policy({ processes: 200 }));
  const texts = await Promise.all(Array.from({ length: 50 }, async (_, i) => {
    const process = sandbox.spawn(['cat'], { stdin: 'pipe', stdout: 'pipe' });
    return String((await process.communicate(`text ${i}`))[0]);
  }));
  assert.deepEqual(texts, Array.from({ length: 50 }, (_, i) => `text ${i}`));
  await sandbox[Symbol.asyncDispose]();
});
