/* host.ts: looking before running: what this host can do, and what a policy will come to here. */
import { native } from './native';
import { nativePolicy, type PolicyLike, policyOf } from './policy';
import type { ReceiptItem } from './result';
import * as runtime from './runtime';

/** One thing that a host can or cannot do. */
export interface Feature {
  readonly name: string;
  readonly available: boolean;
  readonly detail: string;
  /** The command that enables it; `''` when it is available or cannot be had. */
  readonly remedy: string;
}

export interface HostReport {
  readonly features: readonly Feature[];
  readonly [more: string]: unknown;
}

/** The version of the library, "major.minor.patch". */
export function version(): string {
  return native.version();
}

/** What this host can do. Starts nothing. */
export function doctor(): HostReport {
  return JSON.parse(native.probe()) as HostReport;
}

/** The receipt beforehand: for every item of the policy, what would enforce it here. Throws what a start would.
 *
 * As for `Sandbox`, this includes the calling Node where it lies outside /usr. */
export function explain(policy?: PolicyLike): ReceiptItem[] {
  return JSON.parse(native.explain(nativePolicy(policyOf(policy)), runtime.node().paths)) as ReceiptItem[];
}

/** The plan: one operation a line, each with the item of the policy that it serves. */
export function plan(policy?: PolicyLike): string {
  return native.planText(nativePolicy(policyOf(policy)), runtime.node().paths);
}

/** The JSON Schema of the policy language. */
export function schema(): Record<string, unknown> {
  return JSON.parse(native.schema()) as Record<string, unknown>;
}
