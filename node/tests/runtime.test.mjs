/* The Node that runs a program also runs inside, wherever it lies; nothing else of its place is shown. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

import { folder, mxc, packageFolder } from './support.mjs';

const home = folder();
const node = path.join(home, 'opt', 'bin', 'node');
fs.mkdirSync(path.join(home, 'opt', 'lib', 'node_modules', 'greet'), { recursive: true });
fs.mkdirSync(path.dirname(node));
fs.copyFileSync(process.execPath, node);
fs.writeFileSync(path.join(home, 'opt', 'lib', 'node_modules', 'greet', 'index.js'), "module.exports = 'hello';");
fs.writeFileSync(path.join(home, 'opt', 'secret'), 'secret');
fs.symlinkSync('opt/bin/node', path.join(home, 'node'));

function elsewhere(source, program = node) {
  return execFileSync(program, ['-e', `const mxc = require(${JSON.stringify(packageFolder)});\n${source}`],
    { encoding: 'utf8', cwd: home, env: { ...process.env, HOME: home } });
}

test('it is the same Node', () => {
  const inside = mxc.runSync('console.log(process.execPath, process.version)', 'strict', { language: 'node' });
  assert.equal(inside.check().stdoutText, `${process.execPath} ${process.version}\n`);
  assert.ok(mxc.runSync([process.execPath, '-p', '1'], 'strict').ok);
});

test('one outside /usr, with its global packages and no more', () => {
  const code = `
    console.log(process.execPath === ${JSON.stringify(node)}, require(${JSON.stringify(path.join(home, 'opt/lib/node_modules/greet'))}));
    for (const file of ['opt/secret', '.']) try { console.log(fs.readdirSync(${JSON.stringify(home)} + '/' + file)); } catch (e) { console.log(e.code); }`;
  const source = `process.stdout.write(mxc.runSync(${JSON.stringify(code)}, 'strict', { language: 'node' }).check().stdoutText)`;
  const [first, second, third] = elsewhere(source).split('\n');
  assert.deepEqual([first, second], ['true hello', 'ENOENT']);
  assert.match(third, /^\[ 'opt' \]$/);
});

test('a list of arguments that begins with it; no other', () => {
  assert.equal(elsewhere("console.log(mxc.runSync([process.execPath, '-p', '6*7'], 'strict').stdoutText.trim())"), '42\n');
  assert.equal(elsewhere("console.log(mxc.runSync(['test', '-e', process.execPath], 'strict').exitCode)"), '1\n');
});

test('an open sandbox shows it; so does explain', () => {
  assert.equal(elsewhere(`const sandbox = new mxc.Sandbox('strict');
    console.log(sandbox.runSync('console.log(1)', { language: 'node' }).stdoutText.trim(),
      mxc.explain('strict').some((line) => line.rule.includes(process.execPath)));
    sandbox.close();`), '1 true\n');
});

test('through a link', () => {
  const source = "console.log(mxc.runSync('console.log(2)', 'strict', { language: 'node' }).check().stdoutText.trim())";
  assert.equal(elsewhere(source, path.join(home, 'node')), '2\n');
});
