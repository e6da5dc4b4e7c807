/* One command in a sandbox of its own: run() and runSync(). */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { descriptors, descriptorsBecome, folder, mxc, packageFolder, workspace } from './support.mjs';

const { run, runSync } = mxc;

test('the first example', async () => {
  const result = await run('print(6*7)', 'strict');
  assert.equal(result.check().stdoutText, '42\n');
  assert.deepEqual([result.exitCode, result.signal, result.ok, result.timedOut], [0, null, true, false]);
  assert.deepEqual([result.limitHit, result.limitsHit, result.denials], [null, [], []]);
  assert.equal(result.stdoutLength, 3);
  assert.ok(Buffer.isBuffer(result.stdout));
  assert.ok(result.wallTimeMs > 0 && result.cpuTimeMs > 0 && result.peakMemoryBytes > 100_000);
});

test('the form with a name to import', async () => {
  assert.equal((await mxc.sandbox.run('print(1)', 'strict')).stdoutText, '1\n');
  assert.equal(mxc.sandbox.runSync('print(2)', 'strict').stdoutText, '2\n');
});

test('arguments go through no shell', async () => {
  assert.equal((await run(['echo', '$HOME', '*', 'a  b'], 'strict')).stdoutText, '$HOME * a  b\n');
});

test('an argument may be bytes or a file URL', () => {
  assert.equal(runSync(['printf', '%s', Buffer.from([0xff, 0x41])], 'strict').stdout.toString('hex'), 'ff41');
  assert.equal(runSync(['echo', new URL('file:///a%20b')], 'strict').stdoutText, '/a b\n');
});

test('languages', async () => {
  assert.equal((await run('echo $((6*7))', 'strict', { language: 'bash' })).stdoutText, '42\n');
  assert.equal((await run('console.log(6*7)', 'strict', { language: 'node' })).check().stdoutText, '42\n');
  await assert.rejects(run('42', 'strict', { language: 'cobol' }), mxc.MxcError);
});

test('no policy is the current folder', () => {
  const done = execFileSync(process.execPath, ['-e', `
    const mxc = require(${JSON.stringify(packageFolder)});
    mxc.runSync(['touch', 'made']).check();
    console.log(mxc.runSync(['pwd']).stdoutText.trim() === process.cwd());`], { cwd: folder(), encoding: 'utf8' });
  assert.equal(done, 'true\n');
});

test('exit code, streams and check', async () => {
  const result = await run("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)", 'strict');
  assert.deepEqual([result.exitCode, result.stdoutText, result.stderrText, result.ok], [3, 'out\n', 'err\n', false]);
  assert.throws(() => result.check(), (error) => error instanceof mxc.CommandError && error instanceof mxc.MxcError &&
    error.code === 'MXC_E_COMMAND_FAILED' && error.result === result && /exited with 3: err/.test(error.message));
  await assert.rejects(run(['false'], 'strict', { check: true }), mxc.CommandError);
  assert.throws(() => runSync(['false'], 'strict', { check: true }), mxc.CommandError);
  assert.equal((await run(['true'], 'strict', { check: true })).exitCode, 0);
});

test('a signal', async () => {
  const result = await run(['sh', '-c', 'kill -USR1 $$'], 'strict');
  assert.deepEqual([result.exitCode, result.signal, result.signalName], [null, 10, 'SIGUSR1']);
  assert.match(result.describe(), /ended by SIGUSR1/);
});

test('input', async () => {
  const bytes = new Uint8Array([0, 255, 10]);
  for (const [given, received] of [[undefined, ''], ['', ''], ['zwölf', Buffer.from('zwölf').toString('hex')],
    [bytes, '00ff0a'], [bytes.buffer, '00ff0a'], [new Uint16Array([0x4142]), '4241'], [Buffer.from('x'), '78']]) {
    const options = given === undefined ? {} : { input: given };
    assert.equal((await run(['cat'], 'strict', options)).stdout.toString('hex'), received);
  }
});

test('environment: on top of the policy\'s, never the caller\'s', async () => {
  process.env.CALLER_TOKEN = 'secret';
  const policy = new mxc.Policy({ env: { FROM: 'policy', BOTH: 'policy' } });
  const result = await run(['env'], policy, { env: { BOTH: 'run', NOT: undefined } });
  const lines = result.stdoutText.split('\n');
  assert.ok(lines.includes('FROM=policy') && lines.includes('BOTH=run'));
  assert.ok(!result.stdoutText.includes('CALLER_TOKEN') && !result.stdoutText.includes('NOT='));
});

test('working folder', async () => {
  const policy = workspace();
  assert.equal((await run(['pwd'], policy, { cwd: '/usr' })).stdoutText, '/usr\n');
  await assert.rejects(run(['pwd'], policy, { cwd: '/nowhere' }), mxc.MxcError);
});

test('timeout and grace', async () => {
  const result = await run(['sleep', '60'], 'strict', { timeout: 200 });
  assert.deepEqual([result.timedOut, result.limitHit, result.ok], [true, 'wall_time', false]);
  assert.ok(result.wallTimeMs >= 100 && result.wallTimeMs < 5000);
  const deaf = await run(['sh', '-c', "trap '' TERM; sleep 60 & wait; sleep 60"], 'strict', { timeout: '100ms', grace: 100 });
  assert.equal(deaf.signalName, 'SIGKILL');
  assert.ok(deaf.wallTimeMs < 1000);
});

test('limits', async () => {
  const memory = await run("x = bytearray(400 << 20)", new mxc.Policy({ memory: '100M' }));
  assert.equal(memory.limitHit, 'memory');
  const output = await run("print('x' * 100000)", new mxc.Policy({ output: 1000 }));
  assert.deepEqual([output.stdout.length, output.stdoutLength, output.stdoutTruncated], [1000, 100001, true]);
});

test('denials and receipt', async () => {
  const result = await run("import os; open('/tmp/x','w'); os.chmod('/tmp/x', 0o4755)", 'strict');
  assert.equal(result.denials.length, 1);
  const [denial] = result.denials;
  assert.deepEqual([denial.kind, denial.mechanism, denial.count], ['syscall', 'seccomp', 1]);
  assert.match(denial.what, /chmod/);
  assert.ok(denial.firstMs > 0 && denial.firstMs <= result.wallTimeMs);
  assert.ok(result.receipt.length > 5);
  for (const line of result.receipt) {
    assert.ok(line.item.startsWith('/') && line.rule !== '' && Array.isArray(line.mechanism));
    assert.ok(['kernel', 'supervisor', 'none'].includes(line.level));
  }
});

test('toJSON is what `mxc run --json` prints', async () => {
  const command = path.join(packageFolder, '..', '..', 'bin', 'mxc');
  const shell = ['sh', '-c', 'printf "a\\377"; echo e >&2; exit 4'];
  const file = path.join(folder(), 'policy.json');
  fs.writeFileSync(file, '{}');
  let printed;
  try {
    printed = execFileSync(command, ['run', '--policy', file, '--json', '--', ...shell], { encoding: 'utf8' });
  } catch (error) {
    printed = error.stdout; // the exit status is the command's
  }
  const steady = ({ wallTimeMs, cpuTimeMs, peakMemoryBytes, timingsMs, receipt, ...rest }) => ({ ...rest,
    measured: [typeof wallTimeMs, typeof cpuTimeMs, typeof peakMemoryBytes], stages: Object.keys(timingsMs.host), items: receipt.map((line) => line.item) });
  const result = await run(shell, file);
  assert.deepEqual(steady(JSON.parse(JSON.stringify(result))), steady(JSON.parse(printed)));
});

test('an error means that nothing ran', async () => {
  await assert.rejects(run(['no-such-command'], 'strict'), mxc.CommandNotFound);
  await assert.rejects(run(['/etc'], 'strict'), mxc.CommandNotExecutable);
  assert.throws(() => runSync(['no-such-command'], 'strict'), mxc.CommandNotFound);
  await assert.rejects(run(['true'], { filesystem: { readonlyPaths: ['/nowhere/at/all'] } }),
    (error) => error instanceof mxc.PathError && error.origin === '/filesystem/readonlyPaths/0' && error.hint !== '');
  await assert.rejects(run('1', { filesystem: { deniedPaths: ['/usr/bin'] } }), mxc.InterpreterError);
});

test('wrong arguments', async () => {
  const wrong = [
    [[undefined, 'strict'], TypeError], [[42, 'strict'], TypeError], [[[], 'strict'], mxc.MxcError],
    [[[1], 'strict'], TypeError], [[['a\0b'], 'strict'], TypeError], [['a\0b', 'strict'], TypeError],
    [['1', 42], TypeError], [['1', ['strict']], TypeError], [['1', 'sloppy'], RangeError],
    [['1', 'strict', null], TypeError], [['1', 'strict', { timeot: 3 }], TypeError],
    [['1', 'strict', { timeout: 0 }], RangeError], [['1', 'strict', { timeout: -1 }], RangeError],
    [['1', 'strict', { timeout: NaN }], RangeError], [['1', 'strict', { timeout: '30' }], RangeError],
    [['1', 'strict', { timeout: true }], TypeError], [['1', 'strict', { env: ['A=b'] }], TypeError],
    [['1', 'strict', { env: { A: 1 } }], TypeError], [['1', 'strict', { env: { 'A=': 'b' } }], RangeError],
    [['1', 'strict', { env: { A: 'b\0' } }], TypeError], [['1', 'strict', { input: 5 }], TypeError],
    [['1', 'strict', { cwd: 5 }], TypeError], [['1', 'strict', { cwd: 'not/absolute' }], mxc.MxcError],
    [[['true'], 'strict', { language: 'bash' }], TypeError], [['1', 'strict', { stdin: 'pipe' }], TypeError],
  ];
  for (const [args, kind] of wrong) {
    await assert.rejects(run(...args), kind, JSON.stringify(args));
    assert.throws(() => runSync(...args), kind, JSON.stringify(args));
  }
});

test('nothing stays open', async () => {
  await run(['true'], 'strict'); // opens what stays open: the image of the keeper
  runSync(['true'], 'strict');
  const before = await descriptorsBecome(descriptors() - 1, 300);
  for (let i = 0; i < 5; i++) {
    await run(['true'], 'strict');
    runSync(['true'], 'strict');
    await run(['no-such-command'], 'strict').catch(() => {});
  }
  assert.equal(await descriptorsBecome(before), before);
});
