/* pool.ts: `Pool`: sandboxes that are built before they are needed. */
import {
  checkOptions, type Code, layOut, type RunOptions, runOptions, type RunSyncOptions, runSyncOptions, type SpawnOptions,
  spawnOptions,
} from './command';
import { closed } from './errors';
import { PoolCounter } from './generated/constants';
import { native, type NativePool } from './native';
import { nativePolicy, type Policy, type PolicyLike, policyOf } from './policy';
import type { SandboxProcess } from './process';
import { Result } from './result';
import * as runtime from './runtime';
import { ended, notAborted, started } from './sandbox';
import { count, milliseconds } from './units';

/** How many sandboxes a pool keeps ready. */
export interface PoolOptions {
  /** Ready when the pool has been made; default 1. */
  size?: number;
  /** As few as it shrinks to while little is asked of it; default `size`. */
  min?: number;
  /** As many as it grows to while more is asked of it; default the greater of `size` and 8. */
  max?: number;
  /** Milliseconds, or "5m": a sandbox that was not used for so long ends by itself; default five minutes. */
  idle?: number | string;
  /** 'python', 'node': in each sandbox an interpreter has been started and waits for source code, which is of this language
   * unless a command says another; what else is run gets a cold sandbox. 'bash': only the sandbox is built ahead. */
  language?: string;
  /** Names of modules that it has imported. */
  preload?: readonly string[];
  /** 'interpreter': each run has a whole interpreter of its own, which nothing ran in before. So it is without this as well. */
  fresh?: 'interpreter';
}

/** What a pool has, and has done since it was made. */
export interface PoolStats {
  /** Sandboxes that stand and wait now. */
  readonly ready: number;
  /** As many as it tries to have ready now. */
  readonly wanted: number;
  /** Commands that were given a sandbox that stood. */
  readonly taken: number;
  /** Commands that found none ready, and got one that was still to be built. */
  readonly cold: number;
  /** Sandboxes that ended while they waited, or could not be built. */
  readonly failed: number;
  /** Sandboxes that were ended unused: idle, too many, or the host has changed. */
  readonly dropped: number;
}

const poolOptions: ReadonlySet<string> = new Set(['size', 'min', 'max', 'idle', 'language', 'preload', 'fresh']);
const counters = {
  ready: PoolCounter.PoolReady, wanted: PoolCounter.PoolWanted, taken: PoolCounter.PoolTaken, cold: PoolCounter.PoolCold,
  failed: PoolCounter.PoolFailed, dropped: PoolCounter.PoolDropped,
} as const;

/** 0 is the default to the library. */
function atLeastOne<T extends number | bigint>(value: T | undefined, what: string): T | undefined {
  if (value !== undefined && Number(value) === 0) throw new RangeError(`${what} must be more than 0`);
  return value;
}

function sizesOf(options: PoolOptions): (number | bigint | undefined)[] {
  const { size, min, max, idle } = options;
  const number = (value: number | undefined, what: string): number | bigint | undefined =>
    atLeastOne(value === undefined ? undefined : count(value, what), what);
  return [number(size, 'size'), number(min, 'min'), number(max, 'max'),
    atLeastOne(idle === undefined ? undefined : milliseconds(idle, 'idle'), 'idle')];
}

/** Sandboxes built ahead: each is used for one command, and replaced after its result was given out.
 *
 * A command that finds no sandbox ready gets a cold one, with the same result. Nothing is shared between commands.
 * Closing, the end of this object, of this thread and of this program end what waits; commands that run belong to their
 * processes. */
export class Pool {
  readonly policy: Policy;
  readonly #language: string;
  #handle: NativePool | null;

  /** Builds the first sandboxes and waits until they stand: about 2 ms each. */
  constructor(policy?: PolicyLike, options: PoolOptions = {}) {
    checkOptions(options, poolOptions);
    this.policy = policyOf(policy);
    this.#language = options.language ?? 'python';
    const { paths, interpreter } = runtime.node();
    this.#handle = native.poolNew(nativePolicy(this.policy), paths, sizesOf(options), options.language, options.preload,
      options.language === 'node' ? interpreter : undefined, options.fresh);
  }

  /** The same as the constructor, with a rejection instead of an exception. */
  static async create(policy?: PolicyLike, options: PoolOptions = {}): Promise<Pool> {
    return new Pool(policy, options);
  }

  get #open(): NativePool {
    if (this.#handle === null) throw closed('this pool is closed');
    return this.#handle;
  }

  /** Starts a command in a sandbox of its own, which ends with it, and returns at once. */
  spawn(code: Code, options: SpawnOptions = {}): SandboxProcess {
    const handle = this.#open;
    checkOptions(options, spawnOptions);
    notAborted(options.signal);
    return started(native.poolSpawn(handle, layOut(code, options, this.#language).command), code, options, () => {});
  }

  /** Runs a command in a sandbox of its own. Arguments as for the function run(), without policy. */
  async run(code: Code, options: RunOptions = {}): Promise<Result> {
    checkOptions(options, runOptions);
    const { check, ...rest } = options;
    return ended(this.spawn(code, rest), check);
  }

  /** The same, and blocks this thread until the command has ended. */
  runSync(code: Code, options: RunSyncOptions = {}): Result {
    const handle = this.#open;
    checkOptions(options, runSyncOptions);
    const result = Result.of(native.poolRun(handle, layOut(code, options, this.#language).command), code);
    return options.check ? result.check() : result;
  }

  /** Counted when asked. */
  get stats(): PoolStats {
    const handle = this.#open;
    const found = Object.entries(counters).map(([name, counter]) => [name, native.poolCount(handle, counter)]);
    return Object.freeze(Object.fromEntries(found) as { [name in keyof PoolStats]: number });
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** Ends the sandboxes that wait, and waits until nothing is left of them. May be called again. */
  close(): void {
    if (this.#handle === null) return;
    const handle = this.#handle;
    this.#handle = null;
    native.poolFree(handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}
