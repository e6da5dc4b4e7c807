/* native.ts: finds and loads the addon of this platform. The only file that knows where it lies. */
import { existsSync } from 'node:fs';
import * as path from 'node:path';

import type { NativeConstants } from './generated/native';

declare const policyBrand: unique symbol;
declare const sandboxBrand: unique symbol;
declare const poolBrand: unique symbol;
declare const processBrand: unique symbol;
declare const resultBrand: unique symbol;

/* Values of the addon; opaque, and useless in another thread. */
export interface NativePolicy { readonly [policyBrand]: never }
export interface NativeSandbox { readonly [sandboxBrand]: never }
export interface NativePool { readonly [poolBrand]: never }
export interface NativeProcess { readonly [processBrand]: never }
export interface NativeResult { readonly [resultBrand]: never }

/** A command as the addon takes it; undefined is the library's default. */
export interface NativeCommand {
  argv?: readonly (string | Uint8Array)[];
  code?: string;
  language?: string;
  interpreter?: string;
  cwd?: string;
  env?: readonly string[];
  input?: Uint8Array;
  timeoutMs?: number | bigint;
  graceMs?: number | bigint;
  stdin?: readonly [mode: number, descriptor: number];
  stdout?: readonly [mode: number, descriptor: number];
  stderr?: readonly [mode: number, descriptor: number];
}

export type NativeAddition =
  | readonly ['path', access: number, path: string]
  | readonly ['limit', limit: number, value: number | bigint]
  | readonly ['allow', target: string]
  | readonly ['env', entry: string];

export interface NativeNumbers {
  exitCode: number;
  signal: number;
  timedOut: boolean;
  limitHit: string | null;
  limitsHit: string[];
  stdoutLength: number;
  stderrLength: number;
  stdoutTruncated: boolean;
  stderrTruncated: boolean;
  wallTimeNs: number;
  cpuTimeNs: number;
  peakMemoryBytes: number;
}

export interface NativeDenial {
  kind: string;
  what: string;
  mechanism: string;
  count: number;
  firstNs: number;
}

export interface NativeConnection {
  name: string;
  address: string;
  protocol: string;
  port: number;
  direction: string;
  outcome: string;
  rule: string;
  count: number;
  bytesIn: number;
  bytesOut: number;
  durationNs: number;
}

export type ErrorMaker = (status: number, statusName: string, message: string, operation: string, origin: string,
  hint: string, errno: number) => Error;

export interface Native {
  version(): string;
  schema(): string;
  constants(): NativeConstants;
  statusName(status: number): string;
  limitName(limit: number): string;
  probe(): string;
  explain(policy: NativePolicy, runtimePaths: readonly string[]): string;
  planText(policy: NativePolicy, runtimePaths: readonly string[]): string;
  setErrorMaker(make: ErrorMaker): void;

  policyParse(json: Uint8Array, baseDir: string | null): NativePolicy;
  policyLoad(path: string): NativePolicy;
  policyPreset(name: string, dir: string | null): NativePolicy;
  policyIntersect(a: NativePolicy, b: NativePolicy): NativePolicy;
  policyToJson(policy: NativePolicy): string;
  policyBuild(base: NativePolicy | null, additions: readonly NativeAddition[]): NativePolicy;

  run(policy: NativePolicy, command: NativeCommand, runtimePaths: readonly string[]): NativeResult;
  spawn(policy: NativePolicy, command: NativeCommand, runtimePaths: readonly string[]): NativeProcess;
  sandboxOpen(policy: NativePolicy, runtimePaths: readonly string[]): NativeSandbox;
  sandboxRun(sandbox: NativeSandbox, command: NativeCommand): NativeResult;
  sandboxSpawn(sandbox: NativeSandbox, command: NativeCommand): NativeProcess;
  sandboxKill(sandbox: NativeSandbox): void;
  sandboxUpdateNetwork(sandbox: NativeSandbox, policy: NativePolicy): void;
  sandboxPublishedPort(sandbox: NativeSandbox, port: number): number;
  sandboxFd(sandbox: NativeSandbox): number;
  sandboxFree(sandbox: NativeSandbox): void;

  poolNew(policy: NativePolicy, runtimePaths: readonly string[], sizes: readonly (number | bigint | undefined)[],
    language?: string, preload?: readonly string[], interpreter?: string, fresh?: string): NativePool;
  poolRun(pool: NativePool, command: NativeCommand): NativeResult;
  poolSpawn(pool: NativePool, command: NativeCommand): NativeProcess;
  poolCount(pool: NativePool, counter: number): number;
  poolFree(pool: NativePool): void;

  processLook(process: NativeProcess): NativeResult | null;
  processKill(process: NativeProcess, signal: number): void;
  processStop(process: NativeProcess, graceMs: number | bigint): void;
  processStatusFd(process: NativeProcess): number;
  processEndFd(process: NativeProcess): number;
  processTake(process: NativeProcess, stream: 0 | 1 | 2): number;
  processFree(process: NativeProcess): void;

  resultNumbers(result: NativeResult): NativeNumbers;
  resultOutput(result: NativeResult, stream: number): Buffer;
  resultDenials(result: NativeResult): NativeDenial[];
  resultConnections(result: NativeResult): NativeConnection[];
  resultConnectionsDropped(result: NativeResult): number;
  resultReceipt(result: NativeResult): string;
  resultToJson(result: NativeResult): string;
}

/* glibc or musl: the wrong one does not load, so both are tried. */
function load(): Native {
  const platform = `${process.platform}-${process.arch}`;
  const failures: string[] = [];
  for (const libc of ['glibc', 'musl']) {
    const file = path.join(__dirname, '..', 'prebuilds', `${platform}-${libc}`, 'mxc.node');
    if (!existsSync(file)) continue;
    try {
      return require(file) as Native;
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  if (process.platform !== 'linux') throw new Error(`mxc works on Linux only, not on ${process.platform}`);
  throw new Error(failures.length > 0 ? `mxc: its addon cannot be loaded: ${failures.join('; ')}`
    : `mxc: there is no addon for ${platform}; build one in the source tree with: npm run build:native`);
}

export const native = load();
