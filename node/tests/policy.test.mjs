/* Policies, and looking before running. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';

import { folder, mxc, workspace } from './support.mjs';

const { Policy } = mxc;

test('nothing said is strict', () => {
  assert.equal(String(new Policy()), String(Policy.preset('strict')));
});

test('paths', () => {
  const dir = folder();
  const policy = new Policy({ read: ['/usr'], write: [dir], deny: [pathToFileURL(path.join(dir, 'private'))] });
  assert.deepEqual(policy.toJSON().filesystem,
    { readonlyPaths: ['/usr'], readwritePaths: [dir], deniedPaths: [path.join(dir, 'private')] });
});

test('limits, in all their forms', () => {
  const { limits } = new Policy({ memory: '512M', timeout: '30s', processes: 7, cpuTime: 1500, output: '64K' }).toJSON();
  assert.deepEqual(limits, { memoryBytes: 512 << 20, processes: 7, cpuTimeMs: 1500, wallTimeMs: 30000, outputBytes: 65536 });
  const same = [new Policy({ memory: 1610612736 }), new Policy({ memory: '1.5G' }), new Policy({ memory: 1610612736n }),
    new Policy({ memory: '1536MiB' })].map(String);
  assert.equal(new Set(same).size, 1);
  assert.deepEqual(['500ms', 500, '0.5s'].map((timeout) => new Policy({ timeout }).toJSON().limits.wallTimeMs),
    [500, 500, 500]);
  assert.deepEqual(['2m', '1h', 0.2].map((timeout) => new Policy({ timeout }).toJSON().limits.wallTimeMs),
    [120_000, 3_600_000, 1]);
});

test('env, preset, json', () => {
  assert.deepEqual(new Policy({ env: { A: 'b', C: undefined } }).toJSON().process.env, ['A=b']);
  const json = { limits: { processes: 5 } };
  assert.equal(new Policy({ json, memory: '1G' }).toJSON().limits.processes, 5);
  assert.equal(new Policy({ json: JSON.stringify(json) }).toJSON().limits.processes, 5);
  assert.equal(new Policy({ json: Buffer.from(JSON.stringify(json)) }).toJSON().limits.processes, 5);
  assert.throws(() => new Policy({ json, preset: 'strict' }), TypeError);
  assert.ok(JSON.stringify(new Policy({ preset: 'workspace' })).includes(process.cwd()));
});

test('a file, and relative paths', () => {
  const dir = folder();
  fs.mkdirSync(path.join(dir, 'data'));
  fs.writeFileSync(path.join(dir, 'p.json'), '{"filesystem": {"readonlyPaths": ["data"]}}');
  const wanted = [path.join(dir, 'data')];
  for (const policy of [Policy.load(path.join(dir, 'p.json')), Policy.load(pathToFileURL(path.join(dir, 'p.json'))),
    Policy.fromJSON({ filesystem: { readonlyPaths: ['data'] } }, dir)]) {
    assert.deepEqual(policy.toJSON().filesystem.readonlyPaths, wanted);
  }
  assert.throws(() => Policy.load(path.join(dir, 'none.json')), mxc.MxcError);
});

test('the canonical form goes round', () => {
  const policy = new Policy({ write: [folder()], memory: '512M', env: { A: 'b' } });
  const again = Policy.fromJSON(policy.toJSON());
  assert.ok(again.equals(policy) && !again.equals(Policy.preset('strict')) && !again.equals(null));
  assert.equal(String(Policy.fromJSON(String(policy))), String(policy));
  assert.deepEqual(JSON.parse(JSON.stringify({ policy })).policy, policy.toJSON());
  assert.match(inspect(policy), /^Policy \{/);
});

test('intersect', () => {
  const dir = folder();
  const both = new Policy({ read: ['/usr'], write: [dir] }).intersect(new Policy({ read: [dir], memory: '100M' }));
  assert.deepEqual(both.toJSON().filesystem, { readonlyPaths: [dir] });
  assert.equal(both.toJSON().limits.memoryBytes, 100 << 20);
  for (const wrong of [undefined, {}, 'strict', 5]) assert.throws(() => new Policy().intersect(wrong), TypeError);
});

test('what may stand for a policy', () => {
  const dir = folder();
  const file = path.join(dir, 'p.json');
  fs.writeFileSync(file, '{}');
  for (const given of [new Policy(), {}, file, pathToFileURL(file), 'strict', 'read-only', 'workspace', null, undefined]) {
    assert.ok(mxc.explain(given).length > 0, inspect(given));
  }
});

test('wrong JSON is named', () => {
  const wrong = [['{', '', 'policy_syntax'], ['{"a": 1}', '/a', 'policy_invalid'], ['', '', 'policy_syntax'],
    ['{"limits": {"memoryBytes": "x"}}', '/limits/memoryBytes', 'policy_invalid'],
    ['{"version": "99.0.0"}', '/version', 'policy_version']];
  for (const [text, origin, statusName] of wrong) {
    assert.throws(() => Policy.fromJSON(text),
      (error) => error instanceof mxc.PolicyError && error.origin === origin && error.statusName === statusName, text);
  }
});

test('wrong options', () => {
  const wrong = [
    [null, TypeError], ['strict', TypeError], [{ reed: [] }, TypeError], [{ read: '/usr' }, TypeError],
    [{ read: [5] }, TypeError], [{ read: ['a\0b'] }, TypeError], [{ allow: 'a.b' }, TypeError], [{ memory: -1 }, RangeError],
    [{ memory: 1.5 }, RangeError], [{ memory: 'much' }, RangeError], [{ memory: {} }, TypeError],
    [{ memory: 1n << 64n }, RangeError], [{ timeout: 0 }, RangeError], [{ timeout: Infinity }, RangeError],
    [{ processes: '5' }, TypeError], [{ cpus: 0 }, RangeError], [{ cpus: '1' }, TypeError], [{ env: 'A=b' }, TypeError],
    [{ preset: 'sloppy' }, mxc.MxcError], [{ preset: 5 }, TypeError], [{ json: 5 }, TypeError], [{ json: [] }, mxc.MxcError],
    [{ write: ['/'] }, mxc.PathError],
  ];
  for (const [options, kind] of wrong) assert.throws(() => new Policy(options), kind, inspect(options));
});

test('doctor, explain, plan, schema, version', async () => {
  const names = mxc.doctor().features.map((feature) => feature.name);
  assert.ok(names.includes('user-namespaces') && new Set(names).size === names.length);
  const policy = workspace();
  const items = (lines) => lines.map((line) => line.item).filter((item) => !item.startsWith('/runtime'));
  assert.deepEqual(items(mxc.explain(policy)), items((await mxc.run(['true'], policy)).receipt));
  assert.throws(() => mxc.explain({ filesystem: { readonlyPaths: ['/nowhere'] } }), mxc.PathError);
  assert.match(mxc.plan(policy), /^pivot .*# \/containment$/m);
  assert.equal(mxc.schema().type, 'object');
  assert.match(mxc.version(), /^\d+\.\d+\.\d+$/);
});
