// Made from core/include/mxc/mxc.h by `make bindings`; do not edit.

/** A number of a list that only grows. What this version does not know has the name 'unknown' and keeps its number. */
export interface Coded<Name extends string> {
  readonly code: number;
  readonly name: Name | 'unknown';
}

/** mxc_access in mxc.h. */
export const Access = Object.freeze({
  /** Hidden, also below a granted path. */
  Deny: 0,
  /** Readable. */
  Read: 1,
  /** Readable and writable. */
  Write: 2,
} as const);
export type Access = (typeof Access)[keyof typeof Access];

/** mxc_connection_outcome in mxc.h. */
export const ConnectionOutcome = Object.freeze({
  /** Still, when the command had ended. */
  ConnectionOpen: 1,
  /** By both sides. */
  ConnectionClosed: 2,
  /** Broken off by one side. */
  ConnectionReset: 3,
  /** Allowed, and nobody answered. */
  ConnectionUnreachable: 4,
  /** Allowed, and the name has no address. */
  ConnectionUnresolved: 5,
  /** No rule grants it, or one denies it. */
  ConnectionDenied: 6,
  /** It leads to a private, local or metadata address that no rule names. */
  ConnectionGuarded: 7,
  /** A question for a name that no rule grants; never sent out. */
  ConnectionUnknownName: 8,
  /** More at once than one sandbox may have. */
  ConnectionTooMany: 9,
  /** It was open when other rules came, and these do not grant it. */
  ConnectionCut: 10,
} as const);
export type ConnectionOutcome = (typeof ConnectionOutcome)[keyof typeof ConnectionOutcome];

/** Names of ConnectionOutcome as the library prints them, by number. */
export const connectionOutcomeNames = Object.freeze({
  [1]: 'open',
  [2]: 'closed',
  [3]: 'reset',
  [4]: 'unreachable',
  [5]: 'unresolved',
  [6]: 'denied',
  [7]: 'guarded',
  [8]: 'unknown_name',
  [9]: 'too_many',
  [10]: 'cut',
} as const);
export type ConnectionOutcomeName = (typeof connectionOutcomeNames)[keyof typeof connectionOutcomeNames];

/** What a number of mxc_connection_outcome means; 'unknown', with the number, when this version does not know it. */
export function connectionOutcomeOf(code: number): Coded<ConnectionOutcomeName> {
  return Object.freeze({ code, name: (connectionOutcomeNames as Readonly<Record<number, ConnectionOutcomeName>>)[code] ?? 'unknown' });
}

/** The number for a name, undefined when this version has no such name. */
export function connectionOutcomeCode(name: string): number | undefined {
  const found = Object.entries(connectionOutcomeNames).find(([, known]) => known === name);
  return found === undefined ? undefined : Number(found[0]);
}

/** mxc_limit in mxc.h. */
export const Limit = Object.freeze({
  /** No limit. */
  None: 0,
  /** Bytes. */
  Memory: 1,
  /** Processes and threads. */
  Processes: 2,
  /** Milliseconds over the whole sandbox. */
  CpuTime: 3,
  /** Milliseconds per command. */
  WallTime: 4,
  /** Bytes captured per stream. */
  Output: 5,
  /** Bytes per file. */
  FileSize: 6,
  /** Descriptors per process. */
  OpenFiles: 7,
  /** Bytes. */
  Swap: 8,
  /** Thousandths of a processor: 1500 is 1.5. */
  Cpus: 9,
  /** Bytes per private tmpfs. */
  Tmp: 10,
  /** Bytes written below the writable paths. */
  Disk: 11,
} as const);
export type Limit = (typeof Limit)[keyof typeof Limit];

/** Names of Limit as the library prints them, by number. */
export const limitNames = Object.freeze({
  [0]: 'none',
  [1]: 'memory',
  [2]: 'processes',
  [3]: 'cpu_time',
  [4]: 'wall_time',
  [5]: 'output',
  [6]: 'file_size',
  [7]: 'open_files',
  [8]: 'swap',
  [9]: 'cpus',
  [10]: 'tmp',
  [11]: 'disk',
} as const);
export type LimitName = (typeof limitNames)[keyof typeof limitNames];

/** What a number of mxc_limit means; 'unknown', with the number, when this version does not know it. */
export function limitOf(code: number): Coded<LimitName> {
  return Object.freeze({ code, name: (limitNames as Readonly<Record<number, LimitName>>)[code] ?? 'unknown' });
}

/** The number for a name, undefined when this version has no such name. */
export function limitCode(name: string): number | undefined {
  const found = Object.entries(limitNames).find(([, known]) => known === name);
  return found === undefined ? undefined : Number(found[0]);
}

/** mxc_mechanism in mxc.h. */
export const Mechanism = Object.freeze({
  /** Users and capabilities of its own. */
  UserNamespace: 1,
  /** Mounts of its own. */
  MountNamespace: 2,
  /** Processes of its own. */
  PidNamespace: 3,
  /** System V and POSIX IPC of its own. */
  IpcNamespace: 4,
  /** Host name of its own. */
  UtsNamespace: 5,
  /** No view of the host's cgroups. */
  CgroupNamespace: 6,
  /** Network interfaces of its own. */
  NetworkNamespace: 7,
  /** What is mounted, and its flags. */
  Mount: 8,
  /** Landlock rules. */
  Landlock: 9,
  /** The system-call filter. */
  Seccomp: 10,
  /** None are left, none can be gained. */
  Capabilities: 11,
  /** set-user-ID programs have no effect. */
  NoNewPrivs: 12,
  /** A session of its own, without a terminal. */
  Session: 13,
  /** An empty session keyring. */
  Keyring: 14,
  /** Descriptors closed before exec. */
  CloseRange: 15,
  /** Memory controller. */
  CgroupMemory: 16,
  /** Pids controller. */
  CgroupPids: 17,
  /** Cpu controller. */
  CgroupCpu: 18,
  /** Resource limit of a process. */
  Rlimit: 19,
  /** The keeper watches and acts. */
  Keeper: 20,
  /** Pid 1 inside arranges it. */
  Init: 21,
  /** The relay carries only what a rule grants. */
  Relay: 22,
} as const);
export type Mechanism = (typeof Mechanism)[keyof typeof Mechanism];

/** Names of Mechanism as the library prints them, by number. */
export const mechanismNames = Object.freeze({
  [1]: 'user namespace',
  [2]: 'mount namespace',
  [3]: 'pid namespace',
  [4]: 'ipc namespace',
  [5]: 'uts namespace',
  [6]: 'cgroup namespace',
  [7]: 'network namespace',
  [8]: 'mount',
  [9]: 'landlock',
  [10]: 'seccomp',
  [11]: 'capabilities',
  [12]: 'no_new_privs',
  [13]: 'session',
  [14]: 'keyring',
  [15]: 'close_range',
  [16]: 'cgroup memory',
  [17]: 'cgroup pids',
  [18]: 'cgroup cpu',
  [19]: 'rlimit',
  [20]: 'keeper',
  [21]: 'init',
  [22]: 'relay',
} as const);
export type MechanismName = (typeof mechanismNames)[keyof typeof mechanismNames];

/** What a number of mxc_mechanism means; 'unknown', with the number, when this version does not know it. */
export function mechanismOf(code: number): Coded<MechanismName> {
  return Object.freeze({ code, name: (mechanismNames as Readonly<Record<number, MechanismName>>)[code] ?? 'unknown' });
}

/** The number for a name, undefined when this version has no such name. */
export function mechanismCode(name: string): number | undefined {
  const found = Object.entries(mechanismNames).find(([, known]) => known === name);
  return found === undefined ? undefined : Number(found[0]);
}

/** mxc_pool_counter in mxc.h. */
export const PoolCounter = Object.freeze({
  /** Sandboxes that stand and wait now. */
  PoolReady: 1,
  /** As many as it tries to have ready now: between `min` and `max`. */
  PoolWanted: 2,
  /** Commands so far that were given a sandbox that stood. */
  PoolTaken: 3,
  /** Commands so far that found none ready, and got one that was still to be built. */
  PoolCold: 4,
  /** Sandboxes so far that ended while they waited, or could not be built. */
  PoolFailed: 5,
  /** Sandboxes so far that the pool has ended unused: idle, too many, or the host has changed. */
  PoolDropped: 6,
} as const);
export type PoolCounter = (typeof PoolCounter)[keyof typeof PoolCounter];

/** mxc_status in mxc.h. */
export const Status = Object.freeze({
  /** Success. */
  Ok: 0,
  /** Out of memory. */
  NoMemory: -1,
  /** A call was made wrongly (NULL, struct_size, closed handle, ...). */
  InvalidArgument: -2,
  /** The text is not strict JSON; message has line and column. */
  PolicySyntax: -3,
  /** Unknown field, wrong type, value out of range; origin says which. */
  PolicyInvalid: -4,
  /** Contract version this library does not read. */
  PolicyVersion: -5,
  /** Two layers or two fields cannot both hold. */
  PolicyConflict: -6,
  /** A path of the policy is missing, of the wrong kind, or forbidden. */
  Path: -7,
  /** This host or this version cannot enforce a rule; hint has the remedy. */
  Unsupported: -8,
  /** Building the walls failed; nothing was started. */
  Setup: -9,
  /** Init found a wall missing before exec; nothing was started. */
  Verify: -10,
  /** The command does not exist inside. */
  CommandNotFound: -11,
  /** It exists inside and cannot be executed. */
  CommandNotExecutable: -12,
  /** No interpreter for the language, or the policy hides it. */
  Interpreter: -13,
  /** A wait with a timeout ran out; the process goes on. */
  Timeout: -14,
  /** The sandbox has ended (killed, keeper died). */
  Closed: -15,
  /** A system call failed in the host process; sys_errno says which way. */
  System: -16,
  /** A bug in mxc. */
  Internal: -17,
} as const);
export type Status = (typeof Status)[keyof typeof Status];

/** Names of Status as the library prints them, by number. */
export const statusNames = Object.freeze({
  [0]: 'ok',
  [-1]: 'no_memory',
  [-2]: 'invalid_argument',
  [-3]: 'policy_syntax',
  [-4]: 'policy_invalid',
  [-5]: 'policy_version',
  [-6]: 'policy_conflict',
  [-7]: 'path',
  [-8]: 'unsupported',
  [-9]: 'setup',
  [-10]: 'verify',
  [-11]: 'command_not_found',
  [-12]: 'command_not_executable',
  [-13]: 'interpreter',
  [-14]: 'timeout',
  [-15]: 'closed',
  [-16]: 'system',
  [-17]: 'internal',
} as const);
export type StatusName = (typeof statusNames)[keyof typeof statusNames];

/** What a number of mxc_status means; 'unknown', with the number, when this version does not know it. */
export function statusOf(code: number): Coded<StatusName> {
  return Object.freeze({ code, name: (statusNames as Readonly<Record<number, StatusName>>)[code] ?? 'unknown' });
}

/** The number for a name, undefined when this version has no such name. */
export function statusCode(name: string): number | undefined {
  const found = Object.entries(statusNames).find(([, known]) => known === name);
  return found === undefined ? undefined : Number(found[0]);
}

/** mxc_stdio in mxc.h. */
export const Stdio = Object.freeze({
  /** Stdin: `input`, or empty; stdout and stderr: captured, bounded. */
  Default: 0,
  /** A pipe whose other end mxc_process_take_stdin() and siblings give. */
  Pipe: 1,
  /** The caller's descriptor in the *_fd field; it is duplicated. */
  Fd: 2,
  /** Nothing: reads end at once, writes vanish. */
  Null: 3,
} as const);
export type Stdio = (typeof Stdio)[keyof typeof Stdio];

/** mxc_stream in mxc.h. */
export const Stream = Object.freeze({
  /** Standard output. */
  Stdout: 1,
  /** Standard error. */
  Stderr: 2,
} as const);
export type Stream = (typeof Stream)[keyof typeof Stream];
