/* AbortSignal. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { Marker, mxc } from './support.mjs';

const aborted = (cause) => (error) => error instanceof mxc.AbortError && error.name === 'AbortError' &&
  error.code === 'ABORT_ERR' && error.cause === cause;

test('it kills the command and rejects', async () => {
  const marker = new Marker();
  const controller = new AbortController();
  const running = mxc.run(['sh', '-c', `sleep ${marker.seconds} & wait`], 'strict', { signal: controller.signal });
  const rejected = assert.rejects(running, aborted('enough'));
  assert.ok(await marker.becomes(1));
  controller.abort('enough');
  await rejected;
  assert.ok(await marker.becomes(0));
});

test('in an open sandbox, which goes on', async () => {
  const sandbox = new mxc.Sandbox('strict');
  const reason = new Error('why');
  const controller = new AbortController();
  const rejected = assert.rejects(sandbox.run(['sleep', '60'], { signal: controller.signal }), aborted(reason));
  controller.abort(reason);
  await rejected;
  assert.equal((await sandbox.run(['echo', 'on'])).stdoutText, 'on\n');
  sandbox.close();
});

test('AbortSignal.timeout', async () => {
  await assert.rejects(mxc.run(['sleep', '60'], 'strict', { signal: AbortSignal.timeout(100) }),
    (error) => error instanceof mxc.AbortError && error.cause.name === 'TimeoutError');
});

test('aborted before: nothing is started', async () => {
  const signal = AbortSignal.abort('early');
  await assert.rejects(mxc.run(['true'], 'strict', { signal }), aborted('early'));
  assert.throws(() => mxc.spawn(['true'], 'strict', { signal }), aborted('early'));
});

test('after the end it does nothing, and nobody listens any more', async () => {
  const controller = new AbortController();
  const result = await mxc.run(['true'], 'strict', { signal: controller.signal });
  assert.equal(getEventListeners(controller.signal, 'abort').length, 0);
  controller.abort();
  assert.ok(result.ok);
});

test('a process is told by its error event', async () => {
  const controller = new AbortController();
  const process = mxc.spawn(['sleep', '60'], 'strict', { signal: controller.signal });
  const told = new Promise((resolve) => { process.on('close', (...args) => resolve(args)); });
  const failures = [];
  process.on('error', (error) => failures.push(error));
  controller.abort('no more');
  assert.deepEqual(await told, [null, 'SIGKILL']);
  assert.ok(failures.length === 1 && aborted('no more')(failures[0]));
  await assert.rejects(process.wait(), mxc.AbortError);
});

test('runSync has no signal', () => {
  assert.throws(() => mxc.runSync(['true'], 'strict', { signal: AbortSignal.abort() }), TypeError);
});
