/* The error classes, and that the generated lists are the addon's. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { mxc, packageFolder } from './support.mjs';

const require = createRequire(import.meta.url);
const constants = require(path.join(packageFolder, 'dist', 'generated', 'constants.js'));
const { native } = require(path.join(packageFolder, 'dist', 'native.js'));

test('what an error has', () => {
  const error = caught(() => mxc.runSync(['true'], { filesystem: { readonlyPaths: ['/nowhere'] } }));
  assert.ok(error instanceof mxc.PathError && error instanceof mxc.MxcError && error instanceof Error);
  assert.deepEqual([error.name, error.code, error.status, error.statusName], ['PathError', 'MXC_E_PATH', -7, 'path']);
  assert.equal(error.origin, '/filesystem/readonlyPaths/0');
  assert.match(error.message, /\/nowhere.* does not exist/);
  assert.match(String(error), /^PathError: path \/filesystem\/readonlyPaths\/0: .*\(hint: .+\)$/);
  assert.match(inspect(error), /hint: '/);
  const { error: json } = JSON.parse(JSON.stringify(error));
  assert.deepEqual(Object.keys(json), ['status', 'message', 'operation', 'origin', 'hint', 'errno']);
});

function caught(act) {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

test('every status has a class; one that is not known keeps its number', () => {
  const classes = Object.values(mxc).filter((item) => item?.prototype instanceof mxc.MxcError);
  assert.equal(classes.length, 16);
  for (const [number, name] of Object.entries(constants.statusNames)) {
    assert.equal(native.statusName(Number(number)), name);
  }
  const unknown = new mxc.MxcError('from the future', { status: -99 });
  assert.deepEqual([unknown.status, unknown.statusName, unknown.code], [-99, 'unknown', 'MXC_E_UNKNOWN']);
});

test('the lists of the addon are those of TypeScript', () => {
  const lists = native.constants();
  for (const name of Object.keys(lists)) {
    assert.deepEqual(lists[name], { ...constants[name[0].toUpperCase() + name.slice(1)] }, name);
  }
  assert.equal(Object.keys(lists).length, 6);
});

test('limits have the library\'s names', () => {
  for (const [number, name] of Object.entries(constants.limitNames)) assert.equal(native.limitName(Number(number)), name);
  assert.equal(native.limitName(99), 'unknown');
});

test('the error classes carry what they are made from', () => {
  const error = new mxc.TimeoutExpired(1500);
  assert.deepEqual([error.timeout, error.code, error.name], [1500, 'MXC_E_TIMEOUT', 'TimeoutExpired']);
  assert.match(error.message, /1500 ms/);
});

test('the package needs nothing but the C library', () => {
  const [folder] = fs.readdirSync(path.join(packageFolder, 'prebuilds'));
  const binary = fs.readFileSync(path.join(packageFolder, 'prebuilds', folder, 'mxc.node'), 'latin1');
  assert.ok(!binary.includes('libmxc.so') && !binary.includes('libseccomp.so') && !binary.includes('libjansson.so'));
});
