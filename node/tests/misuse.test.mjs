/* Wrong handles, the collector, clones, forks: an exception or nothing, never a crash and never something left over. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  collectGarbage, descriptors, descriptorsBecome, Marker, mxc, packageFolder, program,
} from './support.mjs';

const require = createRequire(import.meta.url);
const { native } = require(path.join(packageFolder, 'dist', 'native.js'));

test('the addon given anything but what it wants', () => {
  const policy = native.policyPreset('strict', null);
  const hostile = { get length() { throw new Error('length'); } };
  const values = [undefined, null, 0, 1.5, -1, NaN, 2n ** 64n, '', 'a\0b', {}, [], [[]], [0, 0], ['path', 9, '/'], hostile,
    () => {}, Symbol('x'), new Uint8Array(3), policy, new Proxy({}, {}), new Proxy([], { get() { throw new Error('no'); } })];
  for (const [name, call] of Object.entries(native)) {
    if (name === 'setErrorMaker' || name === 'sandboxOpen') continue;
    for (const first of values) {
      for (const second of values) {
        try {
          call(first, second, values[(name.length * 7) % values.length]);
        } catch (error) {
          assert.ok(error instanceof Error, name);
        }
      }
    }
  }
  for (const wrong of values) assert.throws(() => native.setErrorMaker(wrong === values[15] ? 1 : wrong));
});

test('a handle of another kind, or one that is closed', () => {
  const policy = native.policyPreset('strict', null);
  const sandbox = native.sandboxOpen(policy, []);
  for (const call of [native.sandboxRun, native.sandboxSpawn, native.sandboxKill, native.sandboxFd, native.sandboxFree]) {
    for (const wrong of [policy, {}, Object.create(sandbox), new Proxy(sandbox, {})]) {
      assert.throws(() => call(wrong, { argv: ['true'] }), /not a native sandbox/);
    }
  }
  native.sandboxFree(sandbox);
  native.sandboxFree(sandbox);
  assert.throws(() => native.sandboxRun(sandbox, { argv: ['true'] }), mxc.ClosedError);
  const process = native.spawn(policy, { argv: ['sleep', '60'] }, []);
  native.processFree(process);
  native.processFree(process);
  assert.throws(() => native.processLook(process), mxc.ClosedError);
  assert.throws(() => native.processEndFd(process), mxc.ClosedError);
});

test('methods on something else', () => {
  for (const [owner, names] of [[mxc.Sandbox, ['runSync', 'spawn', 'kill', 'close']], [mxc.SandboxProcess, ['kill', 'close']],
    [mxc.Policy, ['toString', 'toJSON']], [mxc.Result, ['toJSON']]]) {
    for (const name of names) {
      assert.throws(() => owner.prototype[name].call({}), TypeError, name);
      assert.throws(() => owner.prototype[name].call(Object.create(owner.prototype)), TypeError, name);
    }
  }
});

test('a structured clone is of no use', () => {
  const sandbox = new mxc.Sandbox('strict');
  const clones = [sandbox, sandbox.policy].map((item) => structuredClone(item));
  assert.ok(!(clones[0] instanceof mxc.Sandbox) && clones[0].run === undefined);
  assert.throws(() => mxc.Policy.prototype.toJSON.call(clones[1]), TypeError);
  assert.deepEqual(Reflect.ownKeys(structuredClone(native.policyPreset('strict', null))), []);
  assert.throws(() => native.policyToJson(structuredClone(native.policyPreset('strict', null))), TypeError);
  sandbox.close();
});

test('kill and close at every moment of a command', async () => {
  for (let wait = 0; wait < 12; wait++) {
    const process = mxc.spawn(['sh', '-c', 'sleep 0.004'], 'strict', { stdin: 'pipe', stdout: 'pipe' });
    const waits = process.wait().then((result) => result.signal ?? result.exitCode, (error) => error.constructor.name);
    if (wait > 0) await sleep(wait);
    process.kill('SIGKILL');
    process.kill('SIGKILL');
    if (wait % 2) process.close();
    assert.ok([0, 9, 'ClosedError'].includes(await waits));
    process.close();
  }
});

test('close inside of its own events', async () => {
  const sandbox = new mxc.Sandbox('strict');
  const process = sandbox.spawn(['true']);
  await new Promise((resolve) => {
    process.on('spawn', () => assert.equal(process.closed, false));
    process.on('exit', () => { process.close(); sandbox.close(); });
    process.on('close', resolve);
  });
  assert.ok(process.closed && sandbox.closed);
});

test('the collector, while commands run and after', async () => {
  const before = await descriptorsBecome(descriptors(), 100);
  const sums = [];
  const start = () => { mxc.run(['sh', '-c', 'sleep 0.1; echo 1'], 'strict').then((result) => sums.push(Number(result.stdoutText))); };
  for (let i = 0; i < 10; i++) {
    start();
    await collectGarbage();
  }
  while (sums.length < 10) await sleep(10);
  assert.deepEqual(sums, Array(10).fill(1));
  assert.equal(await descriptorsBecome(before), before);
});

test('handles that only the collector frees', async () => {
  const before = await descriptorsBecome(descriptors(), 100);
  const marker = new Marker();
  const leave = () => {
    const policy = native.policyPreset('strict', null);
    native.sandboxSpawn(native.sandboxOpen(policy, []), { argv: ['sleep', marker.seconds] });
    native.spawn(policy, { argv: ['sleep', marker.seconds], stdin: [1, -1], stdout: [1, -1] }, []);
    native.run(policy, { argv: ['true'] }, []);
  };
  leave();
  assert.ok(await marker.becomes(2));
  await collectGarbage();
  assert.ok(await marker.becomes(0));
  assert.equal(await descriptorsBecome(before), before);
});

test('a child process in the middle', async () => {
  const { code, stdout, stderr } = await program(`
    import { fork, execFileSync } from 'node:child_process';
    import fs from 'node:fs';
    const sandbox = new mxc.Sandbox('strict');
    const process_ = sandbox.spawn(['cat'], { stdin: 'pipe', stdout: 'pipe' });
    const open = execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' });
    fs.writeFileSync('/tmp/mxc-child-' + process.pid + '.mjs', 'process.exit(0)');
    const child = fork('/tmp/mxc-child-' + process.pid + '.mjs', { execArgv: [] });
    child.on('exit', async (code) => {
      fs.unlinkSync('/tmp/mxc-child-' + process.pid + '.mjs');
      const [out] = await process_.communicate('alive');
      console.log(code, String(out), sandbox.runSync(['echo', 'too']).stdoutText.trim(), /pidfd|mxc/.test(open));
      sandbox.close();
    });`).ended;
  assert.deepEqual([code, stdout, stderr], [0, '0 alive too false\n', '']);
});

test('the end of the program with everything open', async () => {
  const marker = new Marker();
  for (const last of ['process.exit(3)', 'process.exitCode = 3; running.unref()', 'throw new Error()', 'process.kill(process.pid, 9)']) {
    const { code, signal } = await program(`
      const sandbox = new mxc.Sandbox('strict');
      const running = sandbox.spawn(['sleep', '${marker.seconds}'], { stdout: 'pipe' });
      running.stdout.unref?.();
      const kept = mxc.runSync(['true'], 'strict');
      ${last}`).ended;
    assert.ok(code === 3 || code === 1 || signal === 'SIGKILL', `${last}: ${code} ${signal}`);
    assert.ok(await marker.becomes(0), last);
  }
});

test('Ctrl-C', async () => {
  const marker = new Marker();
  for (const source of [`await mxc.run(['sleep', '${marker.seconds}'], 'strict')`,
    `mxc.runSync(['sleep', '${marker.seconds}'], 'strict')`]) {
    const { child, ended } = program(source);
    assert.ok(await marker.becomes(1));
    child.kill('SIGINT');
    assert.equal((await ended).signal, 'SIGINT');
    assert.ok(await marker.becomes(0));
  }
});
