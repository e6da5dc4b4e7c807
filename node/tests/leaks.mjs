/* leaks.mjs: every kind of call once, with success and failure; run by tests/leaks under LeakSanitizer. */
import { createRequire } from 'node:module';
import path from 'node:path';
import { Worker } from 'node:worker_threads';

import { collectGarbage, entry, mxc, packageFolder } from './support.mjs';

const { native } = createRequire(import.meta.url)(path.join(packageFolder, 'dist', 'native.js'));

async function all() {
  const policy = new mxc.Policy({ read: ['/usr'], env: { A: 'b' }, memory: '1G' }).intersect(mxc.Policy.preset('workspace'));
  mxc.explain(policy);
  mxc.plan(policy);
  mxc.doctor();
  for (const wrong of ['{', '{"a": 1}', '{"filesystem": {"readonlyPaths": ["/nowhere"]}}']) {
    try { mxc.runSync(['true'], mxc.Policy.fromJSON(wrong)); } catch { /* it must */ }
  }
  const result = await mxc.run(['sh', '-c', 'echo x; unshare -U true'], policy, { input: 'x'.repeat(100_000) });
  [result.stdout, result.denials, result.receipt, result.toJSON()].toString();
  await mxc.run(['no-such-command'], policy).catch(() => {});
  const sandbox = new mxc.Sandbox(policy);
  await sandbox.spawn(['cat'], { stdin: 'pipe', stdout: 'pipe' }).communicate('x');
  sandbox.spawn(['sleep', '9'], { stdout: 'pipe' }).close();
  for (const wrong of [{}, { argv: ['a', 1] }, { argv: ['true'], stdin: [9, 9] }, { code: 'x', input: 5 }]) {
    try { native.sandboxRun(native.sandboxOpen(native.policyPreset('strict', null), []), wrong); } catch { /* it must */ }
  }
  await sandbox[Symbol.asyncDispose]();
}

await all();
const worker = new Worker(`import(${JSON.stringify(entry)}).then((mxc) => {
  globalThis.kept = [new mxc.Sandbox('strict'), mxc.runSync(['true'], 'strict'), mxc.spawn(['sleep', '9'], 'strict')];
  require('worker_threads').parentPort.postMessage('');
});`, { eval: true });
await new Promise((resolve) => { worker.once('message', resolve); });
await worker.terminate();
await all();
await collectGarbage();
console.log('done');
