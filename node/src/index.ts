/* index.ts: what the package exports.
 *
 *     import { run } from 'mxc';
 *     const result = await run('print(6*7)', 'strict');
 *     result.check().stdoutText
 */
export type {
  Code, CommonOptions, Input, Language, RunOptions, RunSyncOptions, SpawnOptions, Stdio,
} from './command';
export {
  AbortError, ClosedError, CommandError, CommandNotExecutable, CommandNotFound, InternalError, InterpreterError,
  InvalidArgumentError, MxcError, NoMemoryError, PathError, PolicyError, SetupError, SystemCallError, TimeoutExpired,
  UnsupportedError, VerifyError, WaitTimeout,
} from './errors';
export type { ErrorParts } from './errors';
export type { LimitName, StatusName } from './generated/constants';
export { doctor, explain, plan, schema, version } from './host';
export type { Feature, HostReport } from './host';
export { Policy } from './policy';
export type { Environment, PathLike, PolicyJson, PolicyLike, PolicyOptions, Preset } from './policy';
export { Pool } from './pool';
export type { PoolOptions, PoolStats } from './pool';
export { SandboxProcess } from './process';
export type { SandboxProcessEvents } from './process';
export { Result } from './result';
export type { Connection, Denial, ReceiptItem } from './result';
export { run, runSync, Sandbox, sandbox, spawn } from './sandbox';
