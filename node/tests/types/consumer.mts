/* consumer.mts: what TypeScript must accept, and what it must refuse (@ts-expect-error: a line without an error fails).
 * For `import`; consumer.cts is the same package by `require`. Compiled, never run. */
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import mxc, {
  type Code, type Denial, doctor, explain, MxcError, PathError, plan, Policy, type PolicyOptions, type ReceiptItem, Result,
  run, runSync, Sandbox, sandbox, SandboxProcess, schema, spawn, type SpawnOptions, TimeoutExpired, version,
} from 'mxc';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}

// ---- Running
const result: Result = await run('print(1)', 'strict', { language: 'python', input: 'x', timeout: '30s', grace: 5,
  env: { A: 'b', C: undefined }, cwd: '/tmp', check: true, signal: AbortSignal.timeout(5) });
const now: Result = runSync(['ls', Buffer.from('-l'), new URL('file:///')], new Policy());
same<typeof result.exitCode, number | null>();
same<typeof result.stdout, Buffer>();
same<typeof result.denials, readonly Denial[]>();
same<typeof result.receipt, readonly ReceiptItem[]>();
same<ReturnType<typeof result.check>, Result>();
const level: 'kernel' | 'supervisor' | 'none' | undefined = now.receipt[0]?.level;
await sandbox.run('1');
await mxc.run('1');
const code: Code = ['a'] as const;
await run(code, { filesystem: { readonlyPaths: ['/data'] } });
await run(code, process.argv[2]);

// @ts-expect-error a number is no command
await run(42);
// @ts-expect-error no such language
await run('1', 'strict', { language: 'cobol' });
// @ts-expect-error no such option
await run('1', 'strict', { timeuot: 5 });
// @ts-expect-error nothing can be piped in a run
await run('1', 'strict', { stdin: 'pipe' });
// @ts-expect-error a run that blocks cannot be aborted
runSync('1', 'strict', { signal: AbortSignal.timeout(5) });
// @ts-expect-error it is a promise
run('1').stdout;
// @ts-expect-error results do not change
result.exitCode = 0;
// @ts-expect-error programs get results, they make none
new Result();

// ---- Processes
const options: SpawnOptions = { stdin: 'pipe', stdout: 1, stderr: 'ignore' };
const child: SandboxProcess = spawn('1', 'strict', options);
same<typeof child.stdin, Writable | null>();
same<typeof child.stdout, Readable | null>();
same<typeof child.pid, undefined>();
child.on('exit', (exitCode, signal) => { same<typeof exitCode, number | null>(); same<typeof signal, NodeJS.Signals | null>(); });
child.once('close', () => {}).on('error', (error) => error.message).on('spawn', () => {});
const alike: Pick<ChildProcess, 'exitCode' | 'signalCode' | 'spawnargs' | 'killed' | 'kill'> =
  { ...child, spawnargs: [...child.spawnargs], kill: () => child.kill('SIGTERM') };
const ended: Promise<Result> = child.wait(500);
const both: [Buffer, Buffer] = await child.communicate('x');
child.ref().unref().kill(9);

// @ts-expect-error no such event
child.on('exti', () => {});
// @ts-expect-error no such signal
child.kill('SIGNOPE');
// @ts-expect-error no such stream
spawn('1', 'strict', { stdout: 'pip' });

// ---- Sandboxes
const opened = await Sandbox.create({});
const other = new Sandbox('workspace');
const inside: Result = await opened.run(['true'], { timeout: 5 });
same<typeof opened.closed, boolean>();
same<typeof opened.policy, Policy>();
opened.kill();
{
  await using one = new Sandbox();
  using two = one.spawn(['true']);
  await two.wait();
}
// @ts-expect-error a policy is the sandbox's
await opened.run(['true'], 'strict', {});

// ---- Policies
const wanted: PolicyOptions = { read: ['/a', new URL('file:///b')], write: [], deny: [], allow: ['a.b:443'], memory: '1G',
  timeout: 500, env: {}, processes: 5, cpus: 1.5, cpuTime: '1m', output: 5n, preset: 'workspace' };
const text: string = new Policy(wanted).intersect(Policy.load('p.json')).toString();
Policy.fromJSON('{}', '/base').equals(Policy.preset('read-only', '/data'));
// @ts-expect-error no such option
new Policy({ reed: [] });
// @ts-expect-error no such preset
Policy.preset('sloppy');
// @ts-expect-error a list
new Policy({ read: '/data' });

// ---- Looking, errors
const lines: ReceiptItem[] = explain('strict');
const words: string[] = [plan(), version(), doctor().features[0]?.name ?? ''];
const json: Record<string, unknown> = schema();
const error = new TimeoutExpired(5);
const parts: [string, number, string, string] = [error.code, error.status, error.statusName, error.hint];
const kinds: (typeof MxcError)[] = [PathError];

export { alike, both, ended, inside, json, kinds, level, lines, other, parts, text, words };
