/* worker_threads: each has a package of its own; one that is terminated leaves nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

import { descriptors, descriptorsBecome, entry, Marker, mxc, threads } from './support.mjs';

const head = `
  import { parentPort, workerData } from 'node:worker_threads';
  const mxc = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const say = (value) => parentPort.postMessage(value);\n`;

function worker(source, options = {}) {
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(head + source)}`), options);
}

function message(from) {
  return new Promise((resolve, reject) => {
    from.once('message', resolve);
    from.once('error', reject);
  });
}

test('all of it works in workers, at once', async () => {
  const workers = Array.from({ length: 4 }, (_, i) => worker(`
    const sandbox = new mxc.Sandbox('strict');
    const own = await sandbox.run('print(${i})');
    await sandbox[Symbol.asyncDispose]();
    say([own.stdoutText, mxc.runSync(['echo', '${i}'], 'strict').stdoutText, new mxc.TimeoutExpired(1).code]);`));
  const told = await Promise.all(workers.map(message));
  assert.deepEqual(told, [0, 1, 2, 3].map((i) => [`${i}\n`, `${i}\n`, 'MXC_E_TIMEOUT']));
  await Promise.all(workers.map((one) => one.terminate()));
});

test('a worker that is terminated leaves no process and no descriptor', async () => {
  const marker = new Marker();
  await message(worker('say(mxc.runSync(["true"], "strict").ok)')); // what opens once
  const before = await descriptorsBecome(descriptors(), 500);
  for (let round = 0; round < 4; round++) {
    const one = worker(`
      globalThis.sandbox = new mxc.Sandbox('strict');
      globalThis.running = [sandbox.spawn(['sleep', '${marker.seconds}'], { stdin: 'pipe', stdout: 'pipe' }),
        mxc.spawn(['sleep', '${marker.seconds}'], 'strict', { stdout: 'pipe' })];
      running[0].wait();
      mxc.run(['sleep', '${marker.seconds}'], 'strict');
      say('started');`);
    assert.equal(await message(one), 'started');
    assert.ok(await marker.becomes(3));
    await one.terminate();
    assert.ok(await marker.becomes(0));
  }
  assert.equal(await descriptorsBecome(before), before);
});

test('a worker that is terminated while it blocks', async () => {
  const marker = new Marker();
  const one = worker(`say('now'); mxc.runSync(['sleep', '${marker.seconds}'], 'strict', { timeout: 1500 });`);
  await message(one);
  assert.ok(await marker.becomes(1));
  await one.terminate(); // when the call returns
  assert.ok(await marker.becomes(0));
});

test('a worker that ends by itself with everything open', async () => {
  const marker = new Marker();
  const one = worker(`globalThis.sandbox = new mxc.Sandbox('strict');
    sandbox.spawn(['sleep', '${marker.seconds}']).unref(); say('done')`);
  await message(one);
  await new Promise((resolve) => { one.once('exit', resolve); });
  assert.ok(await marker.becomes(0));
});

test('a handle given to a worker is of no use there', async () => {
  const sandbox = new mxc.Sandbox('strict');
  const one = worker(`
    const tried = [];
    try { tried.push(typeof workerData.sandbox.run, workerData.sandbox instanceof mxc.Sandbox); } catch (error) { tried.push(error.name); }
    try { mxc.Sandbox.prototype.runSync.call(workerData.sandbox, ['true']); } catch (error) { tried.push(error.name); }
    try { mxc.Policy.prototype.toJSON.call(workerData.policy); } catch (error) { tried.push(error.name); }
    say(tried);
    setInterval(() => {}, 1000); // one that has ended takes any message
`, { workerData: { sandbox, policy: sandbox.policy } });
  assert.deepEqual(await message(one), ['undefined', false, 'TypeError', 'TypeError']);
  const process = sandbox.spawn(['sleep', '60']);
  process.on('exit', () => {});
  assert.throws(() => one.postMessage(process), { name: 'DataCloneError' });
  await one.terminate();
  assert.ok(sandbox.runSync(['true']).ok);
  sandbox.close();
});

test('workers come and go, and threads with them', async () => {
  const before = threads();
  for (let i = 0; i < 6; i++) {
    const one = worker("say(mxc.runSync(['true'], 'strict').ok)");
    assert.equal(await message(one), true);
    await one.terminate();
  }
  assert.equal(threads(), before);
});
