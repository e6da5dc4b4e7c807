/* support.mjs: what the tests share: the package of the build, folders, processes of the host, programs of their own. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
export const packageFolder = path.resolve(process.env.MXC_NODE_PACKAGE ?? path.join(here, '../../build/node/mxc'));
export const entry = path.join(packageFolder, 'dist', 'index.mjs');
export const mxc = await import(pathToFileURL(entry));
/** Under ASan everything is slower and memory means nothing. */
export const sanitized = process.env.MXC_NODE_SANITIZED === '1';

/** A folder of the test's own, removed at its end. */
export function folder() {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'mxc-node-'));
  after(() => fs.rmSync(made, { recursive: true, force: true }));
  return made;
}

export function workspace() {
  return mxc.Policy.preset('workspace', folder());
}

let markers = process.pid * 1000;

/** An argument that no other process has: `sleep <seconds>` is found on the host by it. */
export class Marker {
  seconds = `${markers++}.5`;

  count() {
    return fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).filter((name) => {
      try {
        return fs.readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(this.seconds);
      } catch {
        return false; // it has just ended
      }
    }).length;
  }

  /** Waits until there are so many of these processes. */
  async becomes(number, within = 5000) {
    for (const limit = Date.now() + within; Date.now() < limit; await sleep(20)) {
      if (this.count() === number) return true;
    }
    return false;
  }
}

export function descriptors() {
  return fs.readdirSync('/proc/self/fd').length;
}

export function threads() {
  return fs.readdirSync('/proc/self/task').length;
}

/** The number of descriptors once it is what it was: keepers that have just ended are reaped by a later start. */
export async function descriptorsBecome(number, within = 5000) {
  let found = -1;
  for (const limit = Date.now() + within; Date.now() < limit && found !== number; await sleep(20)) {
    new mxc.Sandbox('strict').close();
    globalThis.gc?.();
    found = descriptors();
  }
  return found;
}

/** Runs a program of its own that has `mxc`; gives its exit code, signal and output. */
export function program(source, { args = [], env = {}, type = 'module' } = {}) {
  const head = type === 'module' ? `import * as mxc from ${JSON.stringify(pathToFileURL(entry).href)};\n` : '';
  const child = spawn(process.execPath, [...args, `--input-type=${type}`, '-e', head + source],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env } });
  const out = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => { out[name] += text; });
  const ended = new Promise((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, ...out }));
  });
  return { child, ended };
}

/** Collects everything that nobody refers to any more, finalizers included. */
export async function collectGarbage() {
  for (let round = 0; round < 6; round++) {
    globalThis.gc();
    await sleep(5);
  }
}
