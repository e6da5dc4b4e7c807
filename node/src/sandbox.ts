/* sandbox.ts: running things: run(), runSync(), spawn() and `Sandbox`. */
import {
  checkOptions, type Code, layOut, type RunOptions, runOptions, type RunSyncOptions, runSyncOptions, type SpawnOptions,
  spawnOptions,
} from './command';
import { AbortError, closed } from './errors';
import { native, type NativeProcess, type NativeSandbox } from './native';
import { nativePolicy, type Policy, type PolicyLike, policyOf } from './policy';
import { SandboxProcess } from './process';
import { Result } from './result';
import * as runtime from './runtime';

/** The result, when it has ended. */
export async function ended(process: SandboxProcess, check = false): Promise<Result> {
  const result = await process.wait();
  return check ? result.check() : result;
}

/** Throws when the signal was given already. */
export function notAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortError(signal.reason);
}

/** The process of a native one; `over` is told of its end. */
export function started(handle: NativeProcess, args: Code, options: SpawnOptions,
  over: (process: SandboxProcess) => void): SandboxProcess {
  return SandboxProcess.of({ handle, args, signal: options.signal, ended: over });
}

/** Starts one command in a sandbox of its own, which ends with it, and returns at once.
 *
 * code: a string is source code, an array is arguments (no shell).
 * policy: a `Policy`, an object, the path of a JSON file, the name of a preset; undefined: "workspace" here. */
export function spawn(code: Code, policy?: PolicyLike, options: SpawnOptions = {}): SandboxProcess {
  checkOptions(options, spawnOptions);
  notAborted(options.signal);
  const allowed = nativePolicy(policyOf(policy));
  const { command, runtimePaths } = layOut(code, options);
  return started(native.spawn(allowed, command, runtimePaths), code, options, () => {});
}

/** Runs one command in a sandbox of its own. What it did is in the result; a rejection means that nothing of it ran, or
 * that `signal` ended it. Arguments as for spawn(). */
export async function run(code: Code, policy?: PolicyLike, options: RunOptions = {}): Promise<Result> {
  checkOptions(options, runOptions);
  const { check, ...rest } = options;
  return ended(spawn(code, policy, rest), check);
}

/** The same, and blocks this thread until the command has ended. */
export function runSync(code: Code, policy?: PolicyLike, options: RunSyncOptions = {}): Result {
  checkOptions(options, runSyncOptions);
  const allowed = nativePolicy(policyOf(policy));
  const { command, runtimePaths } = layOut(code, options);
  const result = Result.of(native.run(allowed, command, runtimePaths), code);
  return options.check ? result.check() : result;
}

/** An open sandbox: one set of walls, several commands, one after the other or at once.
 *
 * Files in its private places (/tmp, ...) live until it is closed. Closing, the end of this object (the garbage collector
 * found it, with nothing running in it), of this thread and of this program kill everything inside. */
export class Sandbox {
  readonly policy: Policy;
  #handle: NativeSandbox | null;
  readonly #running = new Set<SandboxProcess>();

  /** Builds the walls and waits until they stand: about 2 ms. */
  constructor(policy?: PolicyLike) {
    this.policy = policyOf(policy);
    this.#handle = native.sandboxOpen(nativePolicy(this.policy), runtime.node().paths);
  }

  /** The same as the constructor, with a rejection instead of an exception. */
  static async create(policy?: PolicyLike): Promise<Sandbox> {
    return new Sandbox(policy);
  }

  get #open(): NativeSandbox {
    if (this.#handle === null) throw closed('this sandbox is closed');
    return this.#handle;
  }

  /** Starts a command and returns at once; several may run at the same time. */
  spawn(code: Code, options: SpawnOptions = {}): SandboxProcess {
    const handle = this.#open;
    checkOptions(options, spawnOptions);
    notAborted(options.signal);
    const { command } = layOut(code, options);
    const process = started(native.sandboxSpawn(handle, command), code, options,
      (over) => { this.#running.delete(over); });
    this.#running.add(process);
    return process;
  }

  /** Runs a command; what it left running is ended with it. Arguments as for the function run(), without policy. */
  async run(code: Code, options: RunOptions = {}): Promise<Result> {
    checkOptions(options, runOptions);
    const { check, ...rest } = options;
    return ended(this.spawn(code, rest), check);
  }

  /** The same, and blocks this thread until the command has ended. */
  runSync(code: Code, options: RunSyncOptions = {}): Result {
    const handle = this.#open;
    checkOptions(options, runSyncOptions);
    const result = Result.of(native.sandboxRun(handle, layOut(code, options).command), code);
    return options.check ? result.check() : result;
  }

  /** Ends everything inside at once. Commands that were running get results with signal 9. */
  kill(): void {
    native.sandboxKill(this.#open);
  }

  /** What it may reach from now on: the network of `policy`, within what it was opened with. Connections that are not
   * granted any more are cut. Nothing else of `policy` is read. */
  updateNetwork(policy: PolicyLike): void {
    native.sandboxUpdateNetwork(this.#open, nativePolicy(policyOf(policy)));
  }

  /** The port of the host's 127.0.0.1 at which a port inside is published; 0 when it is not. */
  publishedPort(port: number): number {
    return native.sandboxPublishedPort(this.#open, port);
  }

  /** Becomes readable when the sandbox has ended: for poll in native code. Do not read or close it. */
  get fd(): number {
    return native.sandboxFd(this.#open);
  }

  get closed(): boolean {
    return this.#handle === null;
  }

  /** Kills what still runs and waits until nothing is left (about a millisecond). May be called again. */
  close(): void {
    if (this.#handle === null) return;
    const handle = this.#handle;
    this.#handle = null;
    native.sandboxFree(handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Kills what still runs, and waits until those commands have ended and nothing is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle === null) return;
    native.sandboxKill(this.#handle);
    await Promise.allSettled([...this.#running].map((process) => process.ref().wait()));
    this.close();
  }
}

/** The functions for one run, under a name to import. */
export const sandbox = Object.freeze({ run, runSync, spawn, create: Sandbox.create });
