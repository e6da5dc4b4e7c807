/* Open sandboxes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { collectGarbage, descriptors, descriptorsBecome, Marker, mxc, workspace } from './support.mjs';

const { Sandbox } = mxc;

test('files in private places live between commands', async () => {
  const sandbox = await Sandbox.create(workspace());
  await sandbox.run("open('/tmp/x', 'w').write('kept')");
  assert.equal((await sandbox.run(['cat', '/tmp/x'])).stdoutText, 'kept');
  assert.equal(sandbox.runSync(['cat', '/tmp/x']).stdoutText, 'kept');
  const other = new Sandbox('strict');
  assert.equal((await other.run(['cat', '/tmp/x'])).exitCode, 1);
  other.close();
  sandbox.close();
});

test('it shows the Python of PATH, wherever that lies', async () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'venv-')), before = process.env.PATH;
  execFileSync('/usr/bin/python3', ['-m', 'venv', '--without-pip', home]);
  process.env.PATH = `${home}/bin:${before}`;
  const sandbox = new Sandbox('strict');
  try {
    const result = await sandbox.run('import sys; print(sys.prefix)');
    assert.equal(result.stdoutText, `${home}\n`, result.stderrText);
  } finally {
    process.env.PATH = before;
    sandbox.close();
    fs.rmSync(home, { recursive: true });
  }
});

test('an error leaves it usable', async () => {
  const sandbox = new Sandbox('strict');
  await assert.rejects(sandbox.run(['no-such-command']), mxc.CommandNotFound);
  assert.throws(() => sandbox.runSync(['no-such-command']), mxc.CommandNotFound);
  await assert.rejects(sandbox.run(['false'], { check: true }), mxc.CommandError);
  assert.equal((await sandbox.run(['echo', 'on'])).stdoutText, 'on\n');
  sandbox.close();
});

test('several at once', async () => {
  const sandbox = new Sandbox('strict');
  const results = await Promise.all(Array.from({ length: 12 }, (_, i) => sandbox.run(['sh', '-c', `sleep 0.1; echo ${i}`])));
  assert.deepEqual(results.map((result) => Number(result.stdoutText)), Array.from({ length: 12 }, (_, i) => i));
  sandbox.close();
});

test('what a command leaves behind is ended', async () => {
  const marker = new Marker();
  const sandbox = new Sandbox('strict');
  await sandbox.run(['sh', '-c', `sleep ${marker.seconds} & exit 0`]);
  assert.equal(marker.count(), 0);
  sandbox.close();
});

test('kill', async () => {
  const marker = new Marker();
  const sandbox = new Sandbox('strict');
  const waits = [1, 2].map(() => sandbox.run(['sleep', marker.seconds]));
  assert.ok(await marker.becomes(2));
  sandbox.kill();
  sandbox.kill();
  assert.deepEqual((await Promise.all(waits)).map((result) => result.signalName), ['SIGKILL', 'SIGKILL']);
  assert.ok(await marker.becomes(0));
  await assert.rejects(sandbox.run(['true']), mxc.ClosedError);
  sandbox.close();
});

test('close ends everything, and those who wait are told', async () => {
  const marker = new Marker();
  const sandbox = new Sandbox('strict');
  const process = sandbox.spawn(['sleep', marker.seconds]);
  assert.ok(await marker.becomes(1));
  sandbox.close();
  assert.equal(marker.count(), 0);
  assert.equal((await process.wait()).signalName, 'SIGKILL');
});

test('dispose', async () => {
  const marker = new Marker();
  const sandbox = new Sandbox('strict');
  const process = sandbox.spawn(['sleep', marker.seconds]);
  await sandbox[Symbol.asyncDispose]();
  assert.ok(sandbox.closed && process.closed && process.signalCode === 'SIGKILL' && marker.count() === 0);
  await sandbox[Symbol.asyncDispose]();
  const other = new Sandbox('strict');
  other[Symbol.dispose]();
  assert.ok(other.closed);
});

test('a closed sandbox', async () => {
  const sandbox = new Sandbox('strict');
  assert.ok(!sandbox.closed && sandbox.fd > 2);
  sandbox.close();
  sandbox.close();
  assert.ok(sandbox.closed);
  await assert.rejects(sandbox.run(['true']), mxc.ClosedError);
  for (const use of [() => sandbox.runSync(['true']), () => sandbox.spawn(['true']), () => sandbox.kill(), () => sandbox.fd]) {
    assert.throws(use, (error) => error instanceof mxc.ClosedError && /sandbox is closed/.test(error.message));
  }
});

test('the collector closes a sandbox that nobody refers to', async () => {
  const before = await descriptorsBecome(descriptors(), 100);
  const open = () => { for (let i = 0; i < 5; i++) new Sandbox('strict').runSync(['true']); };
  open();
  await collectGarbage();
  assert.equal(await descriptorsBecome(before), before);
});

test('a running command keeps its sandbox', async () => {
  const started = () => new Sandbox('strict').spawn(['sh', '-c', 'sleep 0.3; echo alive']);
  const process = started();
  await sleep(50);
  await collectGarbage();
  assert.equal((await process.wait()).stdoutText, 'alive\n');
});

test('a policy that cannot hold', () => {
  assert.throws(() => new Sandbox({ filesystem: { readonlyPaths: ['/nowhere'] } }), mxc.PathError);
  assert.rejects(Sandbox.create({ filesystem: { readonlyPaths: ['/nowhere'] } }), mxc.PathError);
});

test('the network of an open sandbox, and records of connections', async () => {
  const sandbox = new Sandbox({ network: { egress: { allow: [
    { to: [{ host: 'example.org' }, { host: 'example.com' }], ports: [{ protocol: 'tcp', port: 443 }] }] } } });
  const granting = (host) => new mxc.Policy({ allow: [`${host}:443`] });
  const asked = ['python3', '-c', 'import socket; socket.getaddrinfo("example.com", 443)'];
  assert.ok(sandbox.runSync(asked).ok);
  sandbox.updateNetwork(granting('example.org'));
  const { connections, connectionsDropped } = await sandbox.run(asked);
  assert.equal(connectionsDropped, 0);
  assert.deepEqual(connections.map(({ durationMs, count, ...one }) => one), [{ name: 'example.com', address: '', protocol: '',
    port: 0,
    direction: 'out', outcome: 'unknown_name', rule: '', bytesIn: 0, bytesOut: 0 }]);
  assert.ok(Object.isFrozen(connections[0]) && connections[0].count >= 1 && connections[0].durationMs === 0);
  assert.throws(() => sandbox.updateNetwork(granting('example.net')),
    (error) => error instanceof mxc.PolicyError && error.origin === '/network/egress/allow/0');
  sandbox.updateNetwork(granting('example.com'));
  assert.ok(sandbox.runSync(asked).ok);
  sandbox.close();
  assert.throws(() => sandbox.updateNetwork('strict'), mxc.ClosedError);
});

test('a published port', () => {
  const sandbox = new Sandbox({ network: { publish: [{ port: 8080 }] } });
  assert.ok(sandbox.publishedPort(8080) > 1023);
  assert.equal(sandbox.publishedPort(1), 0);
  assert.throws(() => sandbox.publishedPort('8080'), TypeError);
  sandbox.close();
});
