/* bench_node.mjs: times of the Node.js package against the bare thing, taking turns in one process.
 *
 *     bench_node.mjs ROUNDS FOLDER
 *
 * Prints for each row its name and every sample in nanoseconds, as bench_run does. The package: that of the build
 * ($MXC_BUILD/node/mxc), or $MXC_NODE_PACKAGE. */
import { execFile, spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const WARM_UP = 3;
const here = path.dirname(fileURLToPath(import.meta.url));
const build = process.env.MXC_BUILD ?? path.join(here, '../../build');
const folderOfPackage = path.resolve(process.env.MXC_NODE_PACKAGE ?? path.join(build, 'node/mxc'));
const { Policy, run, runSync } = await import(pathToFileURL(path.join(folderOfPackage, 'dist/index.mjs')));

function rows(policy) {
  const execute = promisify(execFile);
  return {
    'spawnSync true': () => spawnSync('/bin/true'),
    'runSync true': () => runSync(['/bin/true'], policy).check(),
    'execFile true': () => execute('/bin/true'),
    'await run true': async () => (await run(['/bin/true'], policy)).check(),
  };
}

const rounds = Number(process.argv[2]);
const folder = path.resolve(process.argv[3]);
process.chdir(folder);
const todo = Object.entries(rows(Policy.preset('workspace', folder)));
const samples = Object.fromEntries(todo.map(([name]) => [name, []]));
for (let number = 0; number < rounds + WARM_UP; number++) {
  const shift = number % todo.length;
  for (const [name, act] of [...todo.slice(shift), ...todo.slice(0, shift)]) {
    const start = process.hrtime.bigint();
    await act();
    const taken = process.hrtime.bigint() - start;
    if (number >= WARM_UP) samples[name].push(taken);
  }
}
for (const [name, values] of Object.entries(samples)) console.log([name, ...values].join('\t'));
