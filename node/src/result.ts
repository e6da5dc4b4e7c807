/* result.ts: what a command did: `Result`, and its parts. */
import { constants } from 'node:os';
import { inspect } from 'node:util';

import type { Code } from './command';
import { CommandError } from './errors';
import { type ConnectionOutcomeName, type LimitName, Stream } from './generated/constants';
import { native, type NativeResult } from './native';

/** Something the command tried and was not allowed to do. */
export interface Denial {
  /** "syscall" */
  readonly kind: string;
  /** Such as "unshare". */
  readonly what: string;
  /** What denied it: "seccomp". */
  readonly mechanism: string;
  /** How often. */
  readonly count: number;
  /** When first, milliseconds after the start of the command. */
  readonly firstMs: number;
}

/** A connection that the command made or was refused, or a name that it asked for in vain. */
export interface Connection {
  /** The host name; "" when asked for by address. */
  readonly name: string;
  /** The address that was dialled or refused; "" when there was none. */
  readonly address: string;
  /** "" for a question for a name. */
  readonly protocol: 'tcp' | 'udp' | '';
  /** 0 for a question for a name. */
  readonly port: number;
  /** "in": from the host to a published port. */
  readonly direction: 'out' | 'in';
  readonly outcome: ConnectionOutcomeName | 'unknown';
  /** JSON pointer to the rule that granted or denied it; "" when no rule did. */
  readonly rule: string;
  /** How often: more than 1 for equal refusals. */
  readonly count: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
}

/** How one item of the policy was enforced. */
export interface ReceiptItem {
  /** JSON pointer into the policy. */
  readonly item: string;
  /** The item in words. */
  readonly rule: string;
  /** What enforces it: "mount", "landlock", "cgroup memory", ... */
  readonly mechanism: readonly string[];
  readonly level: 'kernel' | 'supervisor' | 'none';
  readonly note?: string;
}

const signalNames = new Map<number, NodeJS.Signals>(
  Object.entries(constants.signals).reverse().map(([name, number]) => [number, name as NodeJS.Signals]));
const signalNumbers: Readonly<Record<string, number>> = constants.signals;

export function signalName(number: number): NodeJS.Signals | undefined {
  return signalNames.get(number);
}

export function signalNumber(signal: unknown): number {
  const number = typeof signal === 'string' ? signalNumbers[signal] : signal;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 64) {
    throw new TypeError(`'${String(signal)}' is no signal; give a name such as 'SIGTERM', or a number of 1 to 64`);
  }
  return number;
}

/** What a command did. Times are milliseconds, sizes are bytes. */
export class Result {
  /** The code or arguments that were run. */
  readonly args: Code;
  /** 0 to 255; null when a signal ended it. */
  readonly exitCode: number | null;
  /** The number of the signal that ended it; null when it exited. */
  readonly signal: number | null;
  /** The name of that signal. */
  readonly signalName: NodeJS.Signals | null;
  /** The deadline ended it. */
  readonly timedOut: boolean;
  /** The first limit that was hit: "memory", "cpu_time", "wall_time", "processes", "file_size", "output". */
  readonly limitHit: LimitName | 'unknown' | null;
  /** All of them. */
  readonly limitsHit: readonly (LimitName | 'unknown')[];
  /** Bytes written in all, captured or not. */
  readonly stdoutLength: number;
  readonly stderrLength: number;
  /** The middle is missing in stdout. */
  readonly stdoutTruncated: boolean;
  readonly stderrTruncated: boolean;
  /** From the start of the command to its end. */
  readonly wallTimeMs: number;
  /** User and system time of the command and all it started. */
  readonly cpuTimeMs: number;
  readonly peakMemoryBytes: number;

  readonly #native: NativeResult;
  #stdout: Buffer | undefined;
  #stderr: Buffer | undefined;
  #denials: readonly Denial[] | undefined;
  #connections: readonly Connection[] | undefined;
  #receipt: readonly ReceiptItem[] | undefined;

  /* Programs get results from run() and wait(). */
  private constructor(made: NativeResult, args: Code) {
    const numbers = native.resultNumbers(made);
    this.#native = made;
    this.args = args;
    this.exitCode = numbers.signal ? null : numbers.exitCode;
    this.signal = numbers.signal || null;
    this.signalName = signalName(numbers.signal) ?? null;
    this.timedOut = numbers.timedOut;
    this.limitHit = numbers.limitHit as LimitName | null;
    this.limitsHit = numbers.limitsHit as LimitName[];
    this.stdoutLength = numbers.stdoutLength;
    this.stderrLength = numbers.stderrLength;
    this.stdoutTruncated = numbers.stdoutTruncated;
    this.stderrTruncated = numbers.stderrTruncated;
    this.wallTimeMs = numbers.wallTimeNs / 1e6;
    this.cpuTimeMs = numbers.cpuTimeNs / 1e6;
    this.peakMemoryBytes = numbers.peakMemoryBytes;
  }

  /** @internal Takes the native result over. */
  static of(made: NativeResult, args: Code): Result {
    return new Result(made, args);
  }

  /** What was captured: everything, or head and tail when `stdoutTruncated`. */
  get stdout(): Buffer {
    return this.#stdout ??= native.resultOutput(this.#native, Stream.Stdout);
  }

  /** As stdout. */
  get stderr(): Buffer {
    return this.#stderr ??= native.resultOutput(this.#native, Stream.Stderr);
  }

  /** stdout as UTF-8; bytes that are none become U+FFFD. */
  get stdoutText(): string {
    return this.stdout.toString('utf8');
  }

  /** stderr as UTF-8; bytes that are none become U+FFFD. */
  get stderrText(): string {
    return this.stderr.toString('utf8');
  }

  /** What it was not allowed to do, one entry for each distinct thing. */
  get denials(): readonly Denial[] {
    return this.#denials ??= native.resultDenials(this.#native)
      .map(({ firstNs, ...denial }) => Object.freeze({ ...denial, firstMs: firstNs / 1e6 }));
  }

  /** What it connected to, and what it was refused; of commands at the same time in one sandbox, all of theirs. */
  get connections(): readonly Connection[] {
    return this.#connections ??= native.resultConnections(this.#native)
      .map(({ durationNs, ...one }) => Object.freeze({ ...one, durationMs: durationNs / 1e6 }) as Connection);
  }

  /** How many more connections there were than are kept. */
  get connectionsDropped(): number {
    return native.resultConnectionsDropped(this.#native);
  }

  /** For every item of the policy: which mechanism enforced it, and at which level. */
  get receipt(): readonly ReceiptItem[] {
    return this.#receipt ??= JSON.parse(native.resultReceipt(this.#native)) as ReceiptItem[];
  }

  /** It exited with 0 and in time. */
  get ok(): boolean {
    return this.exitCode === 0 && !this.timedOut;
  }

  /** Gives itself when `ok`, else throws `CommandError`. */
  check(): this {
    if (!this.ok) throw new CommandError(this);
    return this;
  }

  /** How it ended, one line. */
  describe(): string {
    let how = `the command exited with ${this.exitCode}`;
    if (this.signal !== null) how = `the command was ended by ${this.signalName ?? `signal ${this.signal}`}`;
    if (this.timedOut) how = `the command timed out after ${this.wallTimeMs.toFixed(0)} ms`;
    if (this.limitHit !== null && !this.timedOut) how += ` (limit: ${this.limitHit})`;
    const last = this.stderrText.trim().split('\n').pop()?.trim() ?? '';
    return last !== '' && !this.ok ? `${how}: ${last.slice(0, 200)}` : how;
  }

  /** Everything, as the object that `mxc run --json` prints. */
  toJSON(): Record<string, unknown> {
    return JSON.parse(native.resultToJson(this.#native)) as Record<string, unknown>;
  }

  [inspect.custom](_depth: number, options: object): string {
    const { exitCode, signalName: signal, timedOut, limitsHit, stdoutText, stderrText, wallTimeMs } = this;
    const denials = this.denials.map((denial) => denial.what);
    return `Result ${inspect({ exitCode, signal, timedOut, limitsHit, stdoutText, stderrText, denials, wallTimeMs },
      { ...options, maxStringLength: 200 })}`;
  }
}
