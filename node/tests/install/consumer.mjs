import { CommandError, run, sandbox } from 'mxc';

const hello = await run('print("hello from inside")', 'strict');
console.log(hello.check().stdoutText.trim());
const refused = await sandbox.run(['unshare', '--user', 'true'], 'strict');
console.log('denied:', refused.denials[0].what);
try {
  refused.check();
} catch (error) {
  console.log(error instanceof CommandError, error.code);
}
