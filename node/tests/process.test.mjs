/* SandboxProcess: the shape of child_process.ChildProcess, and promises. */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { descriptors, descriptorsBecome, folder, Marker, mxc, program } from './support.mjs';

const { spawn } = mxc;

test('events, in their order', async () => {
  const seen = [];
  const process = spawn(['sh', '-c', 'exit 7'], 'strict');
  for (const name of ['spawn', 'exit', 'close']) process.on(name, (...args) => seen.push([name, ...args]));
  assert.deepEqual([process.exitCode, process.signalCode, process.pid], [null, null, undefined]);
  assert.deepEqual([process.spawnfile, process.spawnargs], ['sh', ['sh', '-c', 'exit 7']]);
  assert.deepEqual(process.stdio, [null, null, null]);
  await once(process, 'close');
  assert.deepEqual(seen, [['spawn'], ['exit', 7, null], ['close', 7, null]]);
  assert.deepEqual([process.exitCode, process.killed, process.closed], [7, false, true]);
});

test('the result, again and again', async () => {
  const process = spawn('print(1)', 'strict');
  const [first, second] = await Promise.all([process.wait(), process.result()]);
  assert.equal(first, second);
  assert.equal(await process.wait(), first);
  assert.equal(await process.wait(0), first);
  assert.equal(first.stdoutText, '1\n');
});

test('wait with a timeout', async () => {
  const process = spawn(['sleep', '60'], 'strict');
  await assert.rejects(process.wait(50), (error) => error instanceof mxc.TimeoutExpired && error.timeout === 50 &&
    error instanceof mxc.WaitTimeout && error.statusName === 'timeout');
  await assert.rejects(process.wait('10ms'), mxc.TimeoutExpired);
  assert.equal(process.kill('SIGKILL'), true);
  assert.equal((await process.wait(5000)).signal, 9);
  await assert.rejects(async () => process.wait(-1), RangeError);
});

test('signals', async () => {
  const script = "trap 'echo usr1' USR1; trap 'echo term; exit 0' TERM; echo ready; while :; do sleep 0.05; done";
  const process = spawn(['sh', '-c', script], 'strict', { stdout: 'pipe' });
  let text = '';
  process.stdout.setEncoding('utf8').on('data', (chunk) => { text += chunk; });
  while (!text.includes('ready')) await sleep(5);
  assert.ok(process.kill(0) && process.killed === false);
  assert.ok(process.sendSignal('SIGUSR1') && process.killed);
  while (!text.includes('usr1')) await sleep(5);
  assert.ok(process.terminate());
  assert.equal((await process.wait()).exitCode, 0);
  assert.deepEqual([process.kill(), process.kill(0), process.terminate(), process.stop()], [false, false, false, false]);
  for (const wrong of ['SIGNOPE', -1, 65, 1.5, {}]) assert.throws(() => process.kill(wrong), TypeError);
});

test('a signal that ends it', async () => {
  const process = spawn(['sleep', '60'], 'strict');
  process.kill();
  assert.deepEqual(await once(process, 'exit'), [null, 'SIGTERM']);
  assert.equal(process.signalCode, 'SIGTERM');
});

test('stop: TERM to all of it, then KILL', async () => {
  const marker = new Marker();
  const process = spawn(['sh', '-c', `trap '' TERM; sh -c "trap '' TERM; sleep ${marker.seconds}; :" & wait`], 'strict');
  assert.ok(await marker.becomes(1));
  process.stop(100);
  assert.equal((await process.wait()).signalName, 'SIGKILL');
  assert.ok(await marker.becomes(0));
});

test('a conversation', async () => {
  const code = 'import sys\nfor line in sys.stdin: print(line.strip().upper(), flush=True)';
  const process = spawn(code, 'strict', { stdin: 'pipe', stdout: 'pipe' });
  for (const word of ['one', 'two']) {
    process.stdin.write(`${word}\n`);
    assert.equal(String((await once(process.stdout, 'data'))[0]), `${word.toUpperCase()}\n`);
  }
  process.stdin.end();
  assert.deepEqual(await once(process, 'close'), [0, null]);
});

test('communicate moves much both ways', async () => {
  const data = crypto.randomBytes(3 << 20);
  const process = spawn(['cat'], 'strict', { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' });
  const [stdout, stderr] = await process.communicate(data);
  assert.ok(stdout.equals(data) && stderr.length === 0);
  assert.equal(process.exitCode, 0);
});

test('communicate gives what was captured, and survives a command that does not read', async () => {
  const captured = spawn(['sh', '-c', 'echo o; echo e >&2'], 'strict');
  assert.deepEqual((await captured.communicate()).map(String), ['o\n', 'e\n']);
  const deaf = spawn(['true'], 'strict', { stdin: 'pipe' });
  assert.deepEqual((await deaf.communicate('x'.repeat(1 << 20))).map(String), ['', '']);
  await assert.rejects(spawn(['true'], 'strict').communicate('x'), TypeError);
});

test('descriptors, files, nothing', async () => {
  const dir = folder();
  fs.writeFileSync(path.join(dir, 'in'), 'from a file');
  const input = fs.openSync(path.join(dir, 'in'), 'r');
  const output = await fs.promises.open(path.join(dir, 'out'), 'w');
  await spawn(['cat'], 'strict', { stdin: input, stdout: output }).wait();
  fs.closeSync(input);
  await output.close();
  assert.equal(fs.readFileSync(path.join(dir, 'out'), 'utf8'), 'from a file');
  const silent = await spawn(['sh', '-c', 'cat; echo x; echo y >&2'], 'strict',
    { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' }).wait();
  assert.deepEqual([silent.exitCode, silent.stdout.length, silent.stderr.length], [0, 0, 0]);
});

test('inherit', async () => {
  const { ended } = program("await mxc.spawn(['echo', 'through'], 'strict', { stdout: 'inherit' }).wait();");
  assert.equal((await ended).stdout, 'through\n');
});

test('wrong streams', () => {
  for (const stdout of ['pip', true, {}, null, { fd: 'x' }]) {
    assert.throws(() => spawn(['true'], 'strict', { stdout }), TypeError);
  }
  for (const stdout of [-1, 1.5, 2 ** 31]) assert.throws(() => spawn(['true'], 'strict', { stdout }), RangeError);
  assert.throws(() => spawn(['true'], 'strict', { stdout: 999_999 }), mxc.MxcError);
  assert.throws(() => spawn(['true'], 'strict', { input: 'x', stdin: 'pipe' }), TypeError);
  assert.throws(() => spawn(['true'], 'strict', { check: true }), TypeError);
});

test('a missing command: error and close, no exit', async () => {
  const process = spawn(['no-such-command'], 'strict');
  const seen = [];
  for (const name of ['spawn', 'exit', 'close', 'error']) process.on(name, () => seen.push(name));
  await assert.rejects(process.wait(), mxc.CommandNotFound);
  await sleep(10);
  assert.deepEqual(seen, ['spawn', 'error', 'close']);
  assert.deepEqual([process.exitCode, process.signalCode], [null, null]);
});

test('an error that nobody hears ends the program; one that is waited for does not', async () => {
  const alone = await program("mxc.spawn(['no-such-command'], 'strict');").ended;
  assert.equal(alone.code, 1);
  assert.match(alone.stderr, /CommandNotFound/);
  const awaited = await program("await mxc.spawn(['no-such-command'], 'strict').wait().catch((e) => console.log(e.code));").ended;
  assert.deepEqual([awaited.code, awaited.stdout], [0, 'MXC_E_COMMAND_NOT_FOUND\n']);
});

test('output that nobody looks at does not keep it from ending', async () => {
  const process = spawn(['head', '-c', '60000', '/dev/zero'], 'strict', { stdout: 'pipe', stderr: 'pipe' });
  assert.deepEqual(await once(process, 'close'), [0, null]);
});

test('output is read to the end after the exit', async () => {
  const process = spawn(['sh', '-c', 'echo one; echo two'], 'strict', { stdout: 'pipe' });
  let text = '';
  process.stdout.on('data', (chunk) => { text += chunk; });
  await once(process, 'close');
  assert.equal(text, 'one\ntwo\n');
});

test('a program goes on while a command runs, unless it is unreferenced', async () => {
  const seconds = new Marker().seconds;
  const held = program("mxc.spawn(['sh', '-c', 'sleep 0.3; echo done'], 'strict', { stdout: 'inherit' });");
  assert.equal((await held.ended).stdout, 'done\n');
  const began = Date.now();
  const left = await program(`mxc.spawn(['sleep', '${seconds}'], 'strict').unref().ref().unref(); console.log('end')`).ended;
  assert.deepEqual([left.code, left.stdout], [0, 'end\n']);
  assert.ok(Date.now() - began < 5000);
});

test('close and dispose', async () => {
  const marker = new Marker();
  const process = spawn(['sleep', marker.seconds], 'strict', { stdin: 'pipe', stdout: 'pipe' });
  assert.ok(process.statusFd > 2);
  const waits = assert.rejects(process.wait(), mxc.ClosedError);
  assert.ok(await marker.becomes(1));
  process.close();
  process.close();
  assert.deepEqual([marker.count(), process.closed, process.signalCode, process.statusFd], [0, true, 'SIGKILL', -1]);
  await waits;
  const other = spawn(['sleep', marker.seconds], 'strict', { stdout: 'pipe' });
  await other[Symbol.asyncDispose]();
  assert.deepEqual([other.closed, other.signalCode, marker.count()], [true, 'SIGKILL', 0]);
  await other[Symbol.asyncDispose]();
  spawn(['sleep', marker.seconds], 'strict')[Symbol.dispose]();
  assert.equal(marker.count(), 0);
});

test('nothing stays open', async () => {
  const before = await descriptorsBecome(descriptors(), 100);
  for (let i = 0; i < 5; i++) {
    const process = spawn(['cat'], 'strict', { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' });
    await process.communicate('x');
    spawn(['sleep', '9'], 'strict', { stdin: 'pipe', stdout: 'pipe' }).close();
    await once(spawn(['echo'], 'strict'), 'close');
  }
  assert.equal(await descriptorsBecome(before), before);
});
