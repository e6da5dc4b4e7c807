/* Ten thousand runs, two at a time: memory, descriptors and threads stay as they were. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { collectGarbage, descriptors, mxc, sanitized, threads } from './support.mjs';

const RUNS = Number(process.env.MXC_NODE_RUNS ?? (sanitized ? 300 : 10_000));
const WARM_UP = Math.min(1000, RUNS / 4);

/* Memory outside of V8's heap, and what lives in the heap; how much V8 sets aside for itself comes and goes. */
function memory() {
  const { rss, heapTotal, heapUsed } = process.memoryUsage();
  return rss - heapTotal + heapUsed;
}

async function look() {
  new mxc.Sandbox('strict').close(); // reaps the keepers that have ended
  await collectGarbage();
  return { memory: memory(), descriptors: descriptors(), threads: threads() };
}

async function atATime(workers, times, act) {
  let left = times;
  const work = async () => { while (left-- > 0) await act(left); };
  await Promise.all(Array.from({ length: workers }, work));
}

async function flat(times, act, most = 8 << 20) {
  await atATime(2, WARM_UP, act);
  const before = await look();
  await atATime(2, times, act);
  const after = await look();
  console.log(`${times} runs: memory ${before.memory >> 10} -> ${after.memory >> 10} KiB, descriptors ` +
    `${before.descriptors} -> ${after.descriptors}, threads ${before.threads} -> ${after.threads}`);
  assert.ok(Math.abs(after.descriptors - before.descriptors) <= 2, 'descriptors');
  assert.equal(after.threads, before.threads, 'threads');
  if (!sanitized) assert.ok(after.memory - before.memory < most, 'memory');
}

const policy = mxc.Policy.preset('strict');

test('runs of all kinds, each in a sandbox of its own', async () => {
  const kinds = [
    () => mxc.run(['/bin/true'], policy),
    () => mxc.runSync(['/bin/true'], policy),
    () => mxc.run(['/bin/echo', 'x'], policy, { input: 'input' }),
    () => mxc.run(['no-such-command'], policy).catch(() => {}),
    () => mxc.spawn(['/bin/cat'], policy, { stdin: 'pipe', stdout: 'pipe' }).communicate('x'),
  ];
  await flat(Math.ceil(RUNS * 0.6), (number) => kinds[number % kinds.length]());
});

test('commands in one sandbox', async () => {
  const sandbox = new mxc.Sandbox(policy);
  await flat(Math.ceil(RUNS * 0.4), (number) => (number % 2 ? sandbox.run(['/bin/true']) : sandbox.runSync(['/bin/true'])));
  sandbox.close();
});

test('sandboxes that are closed, disposed of, or left to the collector', async () => {
  const kinds = [
    (sandbox) => sandbox.close(),
    (sandbox) => { sandbox.spawn(['/bin/sleep', '60']).unref(); return sandbox[Symbol.asyncDispose](); },
    (sandbox, number) => (number % 30 < 3 ? collectGarbage() : sandbox.close()),
  ];
  await flat(Math.ceil(RUNS / 40), (number) => kinds[number % kinds.length](new mxc.Sandbox(policy), number));
});

test('much output is no memory', { skip: sanitized && 'ASan' }, async () => {
  await mxc.run(['true'], policy);
  const before = memory();
  const result = await mxc.run(['head', '-c', '2G', '/dev/zero'], policy, { timeout: '100s' });
  assert.equal(result.stdoutLength, 2 ** 31);
  assert.ok(result.stdoutTruncated && result.stdout.length === 1 << 20);
  assert.ok(memory() - before < 32 << 20);
});

test('a thousand in flight need no thread', { skip: sanitized && 'slow' }, async () => {
  await mxc.run(['true'], policy);
  const before = { threads: threads(), memory: memory() };
  const running = Array.from({ length: 1000 }, (_, i) => mxc.run(['sh', '-c', `sleep 1; echo ${i}`], policy));
  assert.equal(threads(), before.threads);
  const results = await Promise.all(running);
  assert.equal(threads(), before.threads);
  assert.deepEqual(results.map((result) => Number(result.stdoutText)), Array.from({ length: 1000 }, (_, i) => i));
  assert.ok(memory() - before.memory < 96 << 20);
});
