const mxc = require('mxc');

console.log(mxc.runSync(['echo', 'hello from inside'], 'strict').check().stdoutText.trim());
console.log('denied:', mxc.runSync(['unshare', '--user', 'true'], 'strict').denials[0].what);
import('mxc').then((same) => console.log(same.Policy === mxc.Policy, mxc.version() === require('mxc/package.json').version));
