// turns.c in Node.js: turns.mjs PACKAGE FOLDER.
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [, , folderOfPackage, folder] = process.argv;
const { Policy, run } = await import(pathToFileURL(path.join(folderOfPackage, 'dist', 'index.mjs')));

process.chdir(folder);
const policy = Policy.preset('workspace', folder);

async function timeOfRun() {
  const start = process.hrtime.bigint();
  (await run(['/bin/true'], policy)).check();
  return process.hrtime.bigint() - start;
}

for await (const line of createInterface({ input: process.stdin })) {
  const times = [];
  for (let left = Number(line); left > 0; left -= 1) times.push(await timeOfRun());
  console.log(times.join('\t'));
}
