/* command.ts: what to run: the arguments of run() and spawn(), checked and laid out for the addon. */
import { Stdio as Mode } from './generated/constants';
import type { NativeCommand } from './native';
import { type Environment, environment, type PathLike, pathOf, text } from './policy';
import * as runtime from './runtime';
import { deadline, milliseconds, typeOf } from './units';

/** A string is source code; an array is arguments, without a shell. */
export type Code = string | readonly (string | Uint8Array | URL)[];
export type Language = 'python' | 'bash' | 'node';
export type Input = string | NodeJS.ArrayBufferView | ArrayBuffer;
/** undefined: captured (stdin: `input`, or nothing). A number or something with an `fd` is an open descriptor. */
export type Stdio = 'pipe' | 'ignore' | 'inherit' | number | { readonly fd: number } | undefined;

/** What run() and runSync() take. */
export interface CommonOptions {
  /** Of source code; default "python". */
  language?: Language;
  /** What the command reads from stdin; a string as UTF-8. Default nothing. */
  input?: Input;
  /** Milliseconds, or "500ms", "30s", "2m", "1h"; then SIGTERM, `grace`, SIGKILL. Default what the policy says; the
   * smaller of the two holds. */
  timeout?: number | string;
  /** Variables on top of the policy's; the caller's own are never passed. */
  env?: Environment;
  /** Folder inside, absolute; default the policy's, else the first writable path, else /tmp. */
  cwd?: PathLike;
  /** Milliseconds between SIGTERM and SIGKILL, or as `timeout`; default 1000, at least 1. */
  grace?: number | string;
}

export interface RunSyncOptions extends CommonOptions {
  /** Throw `CommandError` unless the result is ok. */
  check?: boolean;
}

export interface RunOptions extends RunSyncOptions {
  /** Kills the command and rejects with an `AbortError` whose cause is the signal's reason. */
  signal?: AbortSignal;
}

export interface SpawnOptions extends CommonOptions {
  stdin?: Stdio;
  stdout?: Stdio;
  stderr?: Stdio;
  /** Kills the command; 'error' and wait() give an `AbortError`. */
  signal?: AbortSignal;
}

export interface LaidOut {
  readonly command: NativeCommand;
  readonly runtimePaths: readonly string[];
}

const common = ['language', 'input', 'timeout', 'env', 'cwd', 'grace'];
export const runOptions: ReadonlySet<string> = new Set([...common, 'check', 'signal']);
export const runSyncOptions: ReadonlySet<string> = new Set([...common, 'check']);
export const spawnOptions: ReadonlySet<string> = new Set([...common, 'stdin', 'stdout', 'stderr', 'signal']);

/** A misspelt option would be one that does not hold. */
export function checkOptions(options: unknown, allowed: ReadonlySet<string>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`options must be an object, not ${typeOf(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !allowed.has(key));
  if (unknown !== undefined) throw new TypeError(`there is no option '${unknown}'; there are ${[...allowed].join(', ')}`);
}

/** `language`: of source code, unless the options say another. */
export function layOut(code: Code, options: SpawnOptions, language: string = 'python'): LaidOut {
  const command: NativeCommand = {};
  const runtimePaths = typeof code === 'string' ? source(command, code, options.language ?? language)
    : argumentsOf(command, code, options);
  surroundings(command, options);
  streams(command, options);
  return { command, runtimePaths };
}

function source(command: NativeCommand, code: string, language: string): readonly string[] {
  command.code = code;
  command.language = text(language, 'language');
  if (language !== 'node') return [];
  const own = runtime.node();
  if (own.interpreter !== undefined) command.interpreter = own.interpreter;
  return own.paths;
}

function argumentsOf(command: NativeCommand, argv: Exclude<Code, string>, options: SpawnOptions): readonly string[] {
  if (!Array.isArray(argv)) {
    throw new TypeError(`what to run must be source code (a string) or an array of arguments, not ${typeOf(argv)}`);
  }
  if (options.language !== undefined) throw new TypeError('language is for source code; an array of arguments has none');
  command.argv = argv.map(argument);
  const own = runtime.node();
  return own.interpreter !== undefined && command.argv[0] === own.interpreter ? own.paths : [];
}

function argument(item: unknown): string | Uint8Array {
  if (item instanceof URL) return pathOf(item, 'an argument');
  if (typeof item === 'string' || item instanceof Uint8Array) return item;
  throw new TypeError(`an argument must be a string, bytes or a file URL, not ${typeOf(item)}`);
}

function surroundings(command: NativeCommand, options: SpawnOptions): void {
  if (options.env !== undefined) command.env = environment(options.env);
  if (options.cwd !== undefined) command.cwd = pathOf(options.cwd, 'cwd');
  if (options.timeout !== undefined) command.timeoutMs = deadline(options.timeout, 'timeout');
  // 0 is the default to the library
  if (options.grace !== undefined) command.graceMs = Math.max(1, milliseconds(options.grace, 'grace'));
  if (options.input !== undefined) command.input = bytes(options.input);
}

function bytes(input: unknown): Uint8Array {
  if (typeof input === 'string') return Buffer.from(input, 'utf8');
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  throw new TypeError(`input must be a string or bytes, not ${typeOf(input)}`);
}

function streams(command: NativeCommand, options: SpawnOptions): void {
  if (options.input !== undefined && options.stdin !== undefined) {
    throw new TypeError("input and stdin cannot both be given; with 'pipe' write to process.stdin");
  }
  for (const [number, name] of (['stdin', 'stdout', 'stderr'] as const).entries()) {
    const given = options[name];
    if (given !== undefined) command[name] = streamOf(given, name, number);
  }
}

function streamOf(given: unknown, name: string, number: number): [number, number] {
  if (given === 'pipe') return [Mode.Pipe, -1];
  if (given === 'ignore') return [Mode.Null, -1];
  if (given === 'inherit') return [Mode.Fd, number];
  const descriptor = typeof given === 'object' && given !== null ? (given as { fd?: unknown }).fd : given;
  if (typeof descriptor !== 'number') {
    throw new TypeError(`${name} must be 'pipe', 'ignore', 'inherit', a descriptor or something open with an fd`);
  }
  if (!Number.isInteger(descriptor) || descriptor < 0 || descriptor > 0x7fffffff) {
    throw new RangeError(`${name}: ${descriptor} is no descriptor`);
  }
  return [Mode.Fd, descriptor];
}
