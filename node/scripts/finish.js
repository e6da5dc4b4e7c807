/* finish.js SOURCE PACKAGE: makes the compiled files in PACKAGE a package: its package.json, with the version of the
 * whole project and without what only this source tree needs, the part for `import`, and the texts. */
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const [source, target] = process.argv.slice(2);
const here = path.join(source, 'node');

function copy(from, to) {
  fs.copyFileSync(path.join(source, from), path.join(target, to));
}

const { devDependencies, scripts, ...description } = JSON.parse(fs.readFileSync(path.join(here, 'package.json'), 'utf8'));
description.version = fs.readFileSync(path.join(source, 'VERSION'), 'utf8').trim();
copy('node/src/index.mjs', 'dist/index.mjs');
copy('node/src/index.d.mts', 'dist/index.d.mts');
copy('node/src/generated/native.d.ts', 'dist/generated/native.d.ts');
copy('node/README.md', 'README.md');
copy('LICENSE', 'LICENSE');
copy('NOTICE', 'NOTICE');
fs.writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);
