/* policy.ts: what a sandbox may do: `Policy`, immutable, and the short forms that stand for one. */
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { Access, Limit } from './generated/constants';
import { native, type NativeAddition, type NativePolicy } from './native';
import { count, deadline, millicpus, size, typeOf } from './units';

/** A path: absolute, or relative to the current folder; or a `file:` URL. */
export type PathLike = string | URL;
/** Variables; those that are undefined are left out. */
export type Environment = Readonly<Record<string, string | undefined>>;
/** The JSON language of docs/policy.md. */
export type PolicyJson = Readonly<Record<string, unknown>>;
export type Preset = 'strict' | 'read-only' | 'workspace';

const presets: readonly string[] = ['strict', 'read-only', 'workspace'];

/** What a policy allows beyond what it starts from. */
export interface PolicyOptions {
  /** Paths that are readable. The most specific path wins. */
  read?: readonly PathLike[];
  /** Paths that are readable and writable. */
  write?: readonly PathLike[];
  /** Paths that are hidden. */
  deny?: readonly PathLike[];
  /** Hosts for TCP: "HOST", "HOST:PORT", "*.SUFFIX:PORT", "CIDR", "CIDR:PORT". */
  allow?: readonly string[];
  /** Bytes, or "512M", "1.5G" (powers of 1024). */
  memory?: number | bigint | string;
  /** Milliseconds for each command, or "500ms", "30s", "2m". */
  timeout?: number | string;
  /** Variables, on top of the clean default. */
  env?: Environment;
  /** How many processes and threads. */
  processes?: number;
  /** Processors: 1.5 is one and a half. */
  cpus?: number;
  /** Milliseconds of all processes together, or as `timeout`. */
  cpuTime?: number | string;
  /** Bytes captured of each stream, or as `memory`. */
  output?: number | bigint | string;
  /** What to start from; default "strict". "read-only" and "workspace" are about the current folder. */
  preset?: Preset;
  /** What to start from: the JSON language, as an object or text. Not together with `preset`. */
  json?: PolicyJson | string | Uint8Array;
}

const known: ReadonlySet<string> = new Set(['read', 'write', 'deny', 'allow', 'memory', 'timeout', 'env', 'processes',
  'cpus', 'cpuTime', 'output', 'preset', 'json']);

/* The native object, where only this package finds it; a structured clone of a policy has none. */
const natives = new WeakMap<Policy, NativePolicy>();

export function nativePolicy(policy: Policy): NativePolicy {
  const found = natives.get(policy);
  if (found === undefined) throw new TypeError('this is not a Policy of this thread');
  return found;
}

function of(made: NativePolicy): Policy {
  const policy = Object.create(Policy.prototype) as Policy;
  natives.set(policy, made);
  return policy;
}

/** A policy. Nothing is allowed unless it says so. Policies do not change; they belong to the thread that made them. */
export class Policy {
  constructor(options: PolicyOptions = {}) {
    natives.set(this, fromOptions(options));
  }

  /** Reads a policy file; relative paths in it are taken from its folder. */
  static load(path: PathLike): Policy {
    return of(native.policyLoad(pathOf(path, 'path')));
  }

  /** A preset: "strict", "read-only" (`dir` readable), "workspace" (`dir` writable); dir: the current folder. */
  static preset(name: Preset, dir?: PathLike): Policy {
    return of(presetOf(name, dir));
  }

  /** Reads the JSON language from an object or text; relative paths are taken from baseDir (the current folder). */
  static fromJSON(json: PolicyJson | string | Uint8Array, baseDir?: PathLike): Policy {
    return of(parsed(json, baseDir));
  }

  /** What both allow. */
  intersect(other: Policy): Policy {
    if (!(other instanceof Policy)) throw new TypeError(`intersect needs a Policy, not ${typeOf(other)}`);
    return of(native.policyIntersect(nativePolicy(this), nativePolicy(other)));
  }

  /** The same canonical JSON. */
  equals(other: Policy): boolean {
    return other instanceof Policy && String(this) === String(other);
  }

  /** The canonical JSON as text: fixed order, defaults left out, absolute paths. */
  toString(): string {
    return native.policyToJson(nativePolicy(this));
  }

  /** The canonical JSON as an object. */
  toJSON(): Record<string, unknown> {
    return JSON.parse(native.policyToJson(nativePolicy(this))) as Record<string, unknown>;
  }

  [inspect.custom](_depth: number, options: object): string {
    return `Policy ${inspect(this.toJSON(), { ...options, depth: null })}`;
  }
}

/** What may be given where a policy is asked for: a `Policy`, the JSON language as an object, the path of a file (ends in
 * .json or contains a /), the name of a preset; undefined: "workspace", on the current folder. */
export type PolicyLike = Policy | PolicyJson | Preset | string | URL | null | undefined;

export function policyOf(value: PolicyLike): Policy {
  if (value instanceof Policy) return value;
  if (value === undefined || value === null) return Policy.preset('workspace');
  if (value instanceof URL) return Policy.load(value);
  if (typeof value === 'object' && !Array.isArray(value)) return Policy.fromJSON(value as PolicyJson);
  if (typeof value !== 'string') {
    throw new TypeError(`policy must be a Policy, an object, a path or the name of a preset, not ${typeOf(value)}`);
  }
  if (presets.includes(value)) return Policy.preset(value as Preset);
  if (value.endsWith('.json') || value.includes('/')) return Policy.load(value);
  throw new RangeError(`policy: '${value}' is neither a preset (${presets.join(', ')}) nor a path (ends in .json or ` +
    'contains a /); JSON text goes into new Policy({ json })');
}

// ---- From options

function fromOptions(options: PolicyOptions): NativePolicy {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`the options of a policy must be an object, not ${typeOf(options)}`);
  }
  const unknown = Object.keys(options).find((key) => !known.has(key));
  if (unknown !== undefined) {
    throw new TypeError(`a policy has no option '${unknown}'; it has ${[...known].join(', ')}`);
  }
  if (options.preset !== undefined && options.json !== undefined) {
    throw new TypeError('preset and json: a policy starts from one of them');
  }
  const additions = additionsOf(options);
  let base: NativePolicy | null = null;
  if (options.preset !== undefined) base = presetOf(options.preset);
  if (options.json !== undefined) base = parsed(options.json);
  // as it was given when nothing is added: errors and receipts then name items by their place in `json`
  if (base !== null && additions.length === 0) return base;
  // read back: errors and receipts then name each item by its place in toJSON()
  return parsed(native.policyToJson(native.policyBuild(base, additions)));
}

function additionsOf(options: PolicyOptions): NativeAddition[] {
  return [
    ...paths(options.read, Access.Read, 'read'),
    ...paths(options.write, Access.Write, 'write'),
    ...paths(options.deny, Access.Deny, 'deny'),
    ...listed(options.allow, 'allow').map((target) => ['allow', text(target, 'allow')] as const),
    ...limits(options),
    ...environment(options.env).map((entry) => ['env', entry] as const),
  ];
}

function listed<T>(items: readonly T[] | undefined, what: string): readonly T[] {
  if (items === undefined) return [];
  if (!Array.isArray(items)) throw new TypeError(`${what} must be an array, not ${typeOf(items)}`);
  return items;
}

function paths(items: readonly PathLike[] | undefined, access: number, what: string): NativeAddition[] {
  return listed(items, what).map((item) => ['path', access, pathOf(item, what)] as const);
}

function limits(options: PolicyOptions): NativeAddition[] {
  const table = [
    ['memory', Limit.Memory, size],
    ['timeout', Limit.WallTime, deadline],
    ['processes', Limit.Processes, count],
    ['cpus', Limit.Cpus, millicpus],
    ['cpuTime', Limit.CpuTime, deadline],
    ['output', Limit.Output, size],
  ] as const;
  return table.filter(([name]) => options[name] !== undefined)
    .map(([name, limit, read]) => ['limit', limit, read(options[name], name)] as const);
}

function presetOf(name: string, dir?: PathLike): NativePolicy {
  return native.policyPreset(text(name, 'preset'), dir === undefined ? null : absolute(pathOf(dir, 'dir')));
}

function parsed(json: PolicyJson | string | Uint8Array, baseDir?: PathLike): NativePolicy {
  let given: unknown = json;
  if (typeof given === 'object' && given !== null && !(given instanceof Uint8Array)) given = JSON.stringify(given);
  const bytes = typeof given === 'string' ? Buffer.from(given, 'utf8') : given;
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`json must be an object, a string or bytes, not ${typeOf(json)}`);
  }
  return native.policyParse(bytes, baseDir === undefined ? null : absolute(pathOf(baseDir, 'baseDir')));
}

// ---- Shared with command.ts

export function text(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string, not ${typeOf(value)}`);
  return value;
}

export function pathOf(value: PathLike, what: string): string {
  if (value instanceof URL) return fileURLToPath(value);
  if (typeof value !== 'string') throw new TypeError(`${what} must be a path, not ${typeOf(value)}`);
  return value;
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `${process.cwd()}/${path}`;
}

/** { NAME: 'VALUE' } as NAME=VALUE entries. */
export function environment(variables: Environment | undefined): string[] {
  if (variables === undefined) return [];
  if (typeof variables !== 'object' || variables === null || Array.isArray(variables)) {
    throw new TypeError(`env must be an object, not ${typeOf(variables)}`);
  }
  const entries: string[] = [];
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) continue;
    if (typeof value !== 'string') throw new TypeError(`env must map to strings; ${name} is ${typeOf(value)}`);
    if (name === '' || name.includes('=')) throw new RangeError(`env: '${name}' is no name of a variable`);
    entries.push(`${name}=${value}`);
  }
  return entries;
}
