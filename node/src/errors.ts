/* errors.ts: the error classes, one for each kind of status in mxc.h. A number that this version does not know is an
 * MxcError that keeps the number. */
import { Status, type StatusName } from './generated/constants';
import { native } from './native';
import type { Result } from './result';

/** The parts of an error, as the library gives them. */
export interface ErrorParts {
  status?: number;
  statusName?: string;
  operation?: string;
  origin?: string;
  hint?: string;
  errno?: number;
}

/** Something that mxc could not do. When a run throws it, nothing of the command ran.
 *
 * What a command did (exit code, signal, timeout, limits) is no error: see `Result`. */
export class MxcError extends Error {
  /** `'MXC_E_PATH'`, `'MXC_E_POLICY_INVALID'`, ... */
  readonly code: string;
  /** The number, MXC_E_* in mxc.h; 0 in `CommandError`. */
  readonly status: number;
  /** The same in words: `'path'`, `'policy_invalid'`, ... */
  readonly statusName: string;
  /** What failed, such as `'move_mount'`; `''` when there is nothing to name. */
  readonly operation: string;
  /** JSON pointer into the policy; `''` when it is not about one item. */
  readonly origin: string;
  /** What to do about it; `''`. */
  readonly hint: string;
  /** errno of the operation, 0 when there is none. */
  readonly errno: number;

  /** message: what was wrong, one line. */
  constructor(message: string, parts: ErrorParts = {}) {
    super(message);
    this.status = parts.status ?? Status.Internal;
    this.statusName = parts.statusName ?? native.statusName(this.status);
    this.code = `MXC_E_${this.statusName.toUpperCase()}`;
    this.operation = parts.operation ?? '';
    this.origin = parts.origin ?? '';
    this.hint = parts.hint ?? '';
    this.errno = parts.errno ?? 0;
  }

  static {
    Object.defineProperty(this.prototype, 'name', {
      configurable: true,
      get(this: MxcError): string { return this.constructor.name; },
    });
  }

  /** `name: status origin: message (hint: ...)` */
  override toString(): string {
    const head = this.origin ? `${this.statusName} ${this.origin}` : this.statusName;
    return `${this.name}: ${head}: ${this.message}${this.hint ? ` (hint: ${this.hint})` : ''}`;
  }

  /** What `mxc run --json` prints for it. */
  toJSON(): { error: Record<string, string | number> } {
    const { statusName: status, message, operation, origin, hint, errno } = this;
    return { error: { status, message, operation, origin, hint, errno } };
  }
}

/** Out of memory. */
export class NoMemoryError extends MxcError {}
/** The call itself was wrong. Plain `TypeError` and `RangeError` say so too. */
export class InvalidArgumentError extends MxcError {}
/** The policy's text is broken, says something unknown or contradictory, or has an unknown version. */
export class PolicyError extends MxcError {}
/** A path of the policy is missing, of the wrong kind, or forbidden. */
export class PathError extends MxcError {}
/** This host or this version cannot enforce a rule; `hint` has the remedy. */
export class UnsupportedError extends MxcError {}
/** Building the walls failed; nothing was started. */
export class SetupError extends MxcError {}
/** A wall was missing when it was checked before the start; nothing was started. */
export class VerifyError extends MxcError {}
/** The command does not exist inside. */
export class CommandNotFound extends MxcError {}
/** The command exists inside and cannot be executed. */
export class CommandNotExecutable extends MxcError {}
/** There is no interpreter for the language, or the policy hides it. */
export class InterpreterError extends MxcError {}
/** A wait with a timeout ran out; the process goes on. */
export class WaitTimeout extends MxcError {}
/** The sandbox or process has been closed or killed. */
export class ClosedError extends MxcError {}
/** A system call failed in this process; `errno` says which way. */
export class SystemCallError extends MxcError {}
/** A bug in mxc. */
export class InternalError extends MxcError {}

/** `SandboxProcess.wait(timeout)` ran out; the process goes on. */
export class TimeoutExpired extends WaitTimeout {
  /** What was waited for, milliseconds. */
  readonly timeout: number;

  constructor(timeout: number) {
    super(`the command has not ended after ${timeout} ms`, { status: Status.Timeout });
    this.timeout = timeout;
  }
}

/** `Result.check()`: the command failed. `result` has everything it did. */
export class CommandError extends MxcError {
  readonly result: Result;

  constructor(result: Result) {
    super(result.describe(), { status: Status.Ok, statusName: 'command_failed' });
    this.result = result;
    // a result printed with every error would be long; it is there all the same
    Object.defineProperty(this, 'result', { enumerable: false });
  }
}

/** An AbortSignal ended it. `cause` is the signal's reason. */
export class AbortError extends Error {
  readonly code = 'ABORT_ERR';

  constructor(cause?: unknown) {
    super('The operation was aborted', { cause });
    Object.defineProperty(this, 'name', { value: 'AbortError', configurable: true });
  }
}

type ErrorClass = new (message: string, parts?: ErrorParts) => MxcError;

const classes: Readonly<Record<Exclude<StatusName, 'ok'>, ErrorClass>> = {
  no_memory: NoMemoryError,
  invalid_argument: InvalidArgumentError,
  policy_syntax: PolicyError,
  policy_invalid: PolicyError,
  policy_version: PolicyError,
  policy_conflict: PolicyError,
  path: PathError,
  unsupported: UnsupportedError,
  setup: SetupError,
  verify: VerifyError,
  command_not_found: CommandNotFound,
  command_not_executable: CommandNotExecutable,
  interpreter: InterpreterError,
  timeout: WaitTimeout,
  closed: ClosedError,
  system: SystemCallError,
  internal: InternalError,
};

export function closed(message: string, hint = ''): ClosedError {
  return new ClosedError(message, { status: Status.Closed, hint });
}

native.setErrorMaker((status, statusName, message, operation, origin, hint, errno) => {
  const made = (classes as Readonly<Record<string, ErrorClass>>)[statusName] ?? MxcError;
  return new made(message, { status, statusName, operation, origin, hint, errno });
});
