/* process.ts: a running command: `SandboxProcess`, in the shape of child_process.ChildProcess, with promises. */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

import type { Code, Input } from './command';
import { AbortError, closed, MxcError, TimeoutExpired } from './errors';
import { Status } from './generated/constants';
import { native, type NativeProcess } from './native';
import { Result, signalName, signalNumber } from './result';
import { atEnd, collect, letRunOut, readable, writable } from './streams';
import { milliseconds } from './units';

type Signal = NodeJS.Signals | number;

export interface SandboxProcessEvents {
  /** It was handed to the sandbox. Whether it could be executed inside is known at its end. */
  spawn: [];
  /** It has ended. Not when it could not be started. */
  exit: [code: number | null, signal: NodeJS.Signals | null];
  /** It has ended, and so have its streams. */
  close: [code: number | null, signal: NodeJS.Signals | null];
  /** It could not be started, or was aborted. Without a listener it is thrown, unless somebody waits. */
  error: [error: Error];
}

/** @internal What a process is told by whoever starts it. */
export interface Start {
  readonly handle: NativeProcess;
  readonly args: Code;
  readonly signal: AbortSignal | undefined;
  /** Called at the end. Keeps a sandbox alive as long as a command of it runs. */
  readonly ended: (process: SandboxProcess) => void;
}

/** A command that was started with spawn(). It goes on until it ends, whether anybody refers to it or not; it does not
 * outlive this program or, when it was started in a worker, that worker. */
export class SandboxProcess extends EventEmitter {
  /** With 'pipe': where to write. */
  readonly stdin: Writable | null;
  /** With 'pipe': where to read. */
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
  readonly stdio: readonly [Writable | null, Readable | null, Readable | null];
  /** Always undefined: its number is one inside the sandbox, and means nothing outside. */
  readonly pid: undefined = undefined;
  /** The code or arguments. */
  readonly args: Code;
  readonly spawnfile: string;
  readonly spawnargs: readonly string[];
  /** null while it runs, and when a signal ended it. */
  exitCode: number | null = null;
  /** The signal that ended it. */
  signalCode: NodeJS.Signals | null = null;
  /** kill() and the like reached it. */
  killed = false;

  #handle: NativeProcess | null;
  #end: Socket;
  #open: number;
  #awaited = false;
  #aborted: AbortError | undefined;
  #settle!: { resolve: (result: Result) => void; reject: (error: Error) => void };
  readonly #outcome: Promise<Result>;
  readonly #start: Omit<Start, 'handle'>;
  readonly #onAbort = (): void => this.#abort();

  /* Programs get processes from spawn(). */
  private constructor({ handle, ...start }: Start) {
    super();
    this.#handle = handle;
    this.#start = start;
    this.args = start.args;
    this.spawnargs = typeof start.args === 'string' ? [] : start.args.map(String);
    this.spawnfile = this.spawnargs[0] ?? '';
    this.#end = atEnd(native.processEndFd(handle), () => this.#ended());
    this.stdin = writable(native.processTake(handle, 0));
    this.stdout = readable(native.processTake(handle, 1));
    this.stderr = readable(native.processTake(handle, 2));
    this.stdio = [this.stdin, this.stdout, this.stderr];
    this.#open = 1; // the command itself
    for (const stream of this.stdio) this.#watch(stream);
    this.#outcome = new Promise((resolve, reject) => { this.#settle = { resolve, reject }; });
    this.#outcome.catch(() => {}); // whoever waits gets a promise of their own
    start.signal?.addEventListener('abort', this.#onAbort, { once: true });
    process.nextTick(() => this.emit('spawn'));
  }

  /** @internal Takes the native process over. */
  static of(start: Start): SandboxProcess {
    return new SandboxProcess(start);
  }

  // ---- The end

  #watch(stream: Readable | Writable | null): void {
    if (stream === null) return;
    this.#open += 1;
    stream.once('close', () => this.#closedOne());
  }

  #closedOne(): void {
    this.#open -= 1;
    if (this.#open === 0) this.emit('close', this.exitCode, this.signalCode);
  }

  #ended(): void {
    if (this.#handle === null) return;
    try {
      const made = native.processLook(this.#handle);
      if (made === null) throw new MxcError('the end was told of before its record', { status: Status.Internal });
      this.#finish(Result.of(made, this.args));
    } catch (error) {
      this.#finish(error as Error);
    }
  }

  #finish(outcome: Result | Error): void {
    const handle = this.#handle as NativeProcess;
    this.#handle = null;
    native.processFree(handle);
    this.#start.signal?.removeEventListener('abort', this.#onAbort);
    this.#start.ended(this);
    this.stdin?.destroy();
    if (outcome instanceof Result) {
      this.exitCode = outcome.exitCode;
      this.signalCode = outcome.signalName;
    }
    const failure = this.#aborted ?? (outcome instanceof Error ? outcome : undefined);
    if (failure !== undefined) this.#settle.reject(failure);
    else this.#settle.resolve(outcome as Result);
    this.#tell(outcome);
  }

  #tell(outcome: Result | Error): void {
    process.nextTick(() => {
      letRunOut(this.stdout);
      letRunOut(this.stderr);
      this.#closedOne();
    });
    if (outcome instanceof Result) this.emit('exit', this.exitCode, this.signalCode);
    else if (this.#aborted === undefined) this.#fail(outcome);
  }

  /** 'error', as an EventEmitter: without a listener it is thrown, unless a promise has it already. */
  #fail(error: Error): void {
    if (!this.#awaited || this.listenerCount('error') > 0) this.emit('error', error);
  }

  #abort(): void {
    if (this.#handle === null) return;
    this.#aborted = new AbortError(this.#start.signal?.reason);
    this.kill('SIGKILL');
    this.#fail(this.#aborted);
  }

  /** The result. Rejects when the command could not be started, and with `AbortError`.
   *
   * timeout: milliseconds, or "30s"; then it rejects with `TimeoutExpired`, and the command goes on. */
  wait(timeout?: number | string): Promise<Result> {
    this.#awaited = true;
    if (timeout === undefined) return this.#outcome.then((result) => result);
    const limit = milliseconds(timeout, 'timeout');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new TimeoutExpired(limit)), limit);
      this.#outcome.finally(() => clearTimeout(timer)).then(resolve, reject);
    });
  }

  /** The same as wait(). */
  result(): Promise<Result> {
    return this.wait();
  }

  /** Writes input to stdin (with 'pipe') and ends it, reads what is piped to the end, waits. Gives [stdout, stderr]: what
   * came through the pipe, or what was captured. */
  async communicate(input?: Input): Promise<[Buffer, Buffer]> {
    if (input !== undefined && this.stdin === null) throw new TypeError("input needs stdin: 'pipe'");
    // a command that does not read its input is no failure
    this.stdin?.on('error', () => {}).end(input === undefined ? undefined : chunk(input));
    const [stdout, stderr, result] = await Promise.all([
      this.stdout && collect(this.stdout), this.stderr && collect(this.stderr), this.wait()]);
    return [stdout ?? result.stdout, stderr ?? result.stderr];
  }

  // ---- Signals

  /** Sends a signal to the command itself; SIGKILL ends all it started too. 0 only looks whether it runs.
   * False when it has ended. */
  kill(signal: Signal = 'SIGTERM'): boolean {
    const number = signalNumber(signal);
    if (this.#handle === null) return false;
    if (number === 0) return true;
    native.processKill(this.#handle, number);
    this.killed = true;
    return true;
  }

  /** The same as kill(signal). */
  sendSignal(signal: Signal): boolean {
    return this.kill(signal);
  }

  /** SIGTERM to the command itself. */
  terminate(): boolean {
    return this.kill('SIGTERM');
  }

  /** As the deadline does: SIGTERM to the command and all it started, SIGKILL after `grace`: milliseconds, or "2s". */
  stop(grace: number | string = 1000): boolean {
    const limit = milliseconds(grace, 'grace');
    if (this.#handle === null) return false;
    native.processStop(this.#handle, limit);
    this.killed = true;
    return true;
  }

  // ---- Descriptors, closing

  /** Becomes readable when the command has ended: for poll in native code. Do not read or close it; -1 after the end. */
  get statusFd(): number {
    return this.#handle === null ? -1 : native.processStatusFd(this.#handle);
  }

  /** It runs no more, and holds nothing. */
  get closed(): boolean {
    return this.#handle === null;
  }

  /** Lets this program end while the command runs; it is then ended too. */
  unref(): this {
    this.#end.unref();
    return this;
  }

  ref(): this {
    this.#end.ref();
    return this;
  }

  /** Kills the command if it still runs, and waits for that (about a millisecond). Whoever waits for a result then gets a
   * `ClosedError`. May be called again. */
  close(): void {
    for (const stream of this.stdio) stream?.destroy();
    if (this.#handle === null) return;
    this.#end.destroy();
    this.killed = true;
    this.signalCode = signalName(signalNumber('SIGKILL')) ?? null;
    this.#awaited = true;
    this.#finish(closed('this process is closed'));
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Kills the command if it still runs, and waits until it and its streams have ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#handle === null) return;
    this.ref().kill('SIGKILL');
    await this.wait().catch(() => {});
    for (const stream of this.stdio) stream?.destroy();
  }
}

function chunk(input: Input): string | Uint8Array {
  if (typeof input === 'string') return input;
  return input instanceof ArrayBuffer ? new Uint8Array(input)
    : new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
}

/* The events with their types. */
export interface SandboxProcess {
  on<Name extends keyof SandboxProcessEvents>(name: Name, listener: (...args: SandboxProcessEvents[Name]) => void): this;
  once<Name extends keyof SandboxProcessEvents>(name: Name, listener: (...args: SandboxProcessEvents[Name]) => void): this;
  off<Name extends keyof SandboxProcessEvents>(name: Name, listener: (...args: SandboxProcessEvents[Name]) => void): this;
  addListener<Name extends keyof SandboxProcessEvents>(name: Name,
    listener: (...args: SandboxProcessEvents[Name]) => void): this;
}
