/* import and require: the same objects, in one process one state. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';

import { mxc, packageFolder } from './support.mjs';

const require = createRequire(import.meta.url);
const common = require(packageFolder);

test('the same names and objects', () => {
  const names = Object.keys(mxc).filter((name) => name !== 'default' && name !== 'module.exports');
  assert.deepEqual(names.filter((name) => name !== '__esModule').sort(), Object.keys(common).sort());
  for (const name of names) assert.equal(mxc[name], common[name], name);
  assert.equal(mxc.default, common);
});

test('instanceof and handles go across', () => {
  const policy = new common.Policy({ memory: '100M' });
  assert.ok(policy instanceof mxc.Policy);
  assert.throws(() => common.runSync(['no-such-command'], policy), mxc.CommandNotFound);
  assert.equal(mxc.runSync(['echo', 'x'], policy).stdoutText, 'x\n');
});

test('a copy of the package that is loaded again has a state of its own', () => {
  for (const name of Object.keys(require.cache)) if (name.startsWith(packageFolder)) delete require.cache[name];
  const again = require(packageFolder);
  assert.notEqual(again.Policy, common.Policy);
  assert.equal(again.runSync(['echo', 'again'], 'strict').stdoutText, 'again\n');
  assert.throws(() => again.runSync(['true'], { a: 1 }), again.PolicyError);
  assert.ok(!(new again.Policy() instanceof common.Policy));
  assert.ok(common.runSync(['true'], new again.Policy()).ok); // by its JSON
});

test('what is in the package', () => {
  const description = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  assert.equal(description.version, common.version());
  assert.deepEqual([description.scripts, description.dependencies, description.devDependencies], [undefined, undefined, undefined]);
  const addressed = [description.main, description.types, ...Object.values(description.exports['.'].import),
    ...Object.values(description.exports['.'].require)];
  for (const file of addressed) assert.ok(fs.existsSync(path.join(packageFolder, file)), file);
});
