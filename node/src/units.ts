/* units.ts: sizes and durations as people write them: 512M, 1.5G, 30s, 500ms. Numbers are bytes and milliseconds. */

const sizes: Readonly<Record<string, bigint>> = { '': 1n, K: 1n << 10n, M: 1n << 20n, G: 1n << 30n, T: 1n << 40n };
const times: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const most = (1n << 64n) - 1n;
const number = '([0-9]{1,20}(?:\\.[0-9]{1,20})?)';
const sizePattern = new RegExp(`^${number}\\s*([KMGT]?)(?:iB)?$`, 'i');
const timePattern = new RegExp(`^${number}\\s*(ms|s|m|h)?$`);

/** As a number where that is exact, else as a bigint; `what` names it in messages. */
function inRange(value: bigint, what: string): number | bigint {
  if (value < 0n || value > most) throw new RangeError(`${what} is out of range: ${value}`);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function finite(value: unknown, what: string): number {
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number or a string, not ${typeOf(value)}`);
  if (!Number.isFinite(value) || value < 0) {
    throw new RangeError(`${what} must be a finite number, not negative: ${value}`);
  }
  return value;
}

/** What a value is, for messages. */
export function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  return Array.isArray(value) ? 'an array' : value.constructor?.name ?? 'an object';
}

/** A whole number, not negative. */
export function count(value: unknown, what: string): number | bigint {
  if (typeof value === 'bigint') return inRange(value, what);
  const given = finite(value, what);
  if (!Number.isInteger(given)) throw new RangeError(`${what} must be a whole number: ${given}`);
  return inRange(BigInt(given), what);
}

/** Bytes: a number, or "512M" with K, M, G or T (powers of 1024; "MiB" is the same as "M"). */
export function size(value: unknown, what: string): number | bigint {
  if (typeof value !== 'string') return count(value, what);
  const found = sizePattern.exec(value.trim());
  if (!found) throw new RangeError(`${what}: '${value}' is no size; write bytes, or 64K, 512M, 1.5G`);
  const [, digits = '', letter = ''] = found;
  const unit = sizes[letter.toUpperCase()] ?? 1n;
  if (!digits.includes('.')) return inRange(BigInt(digits) * unit, what);
  return inRange(BigInt(Math.trunc(Number(digits) * Number(unit))), what);
}

/** A duration: milliseconds as a number, or "500ms", "30s", "2m", "1h". More than nothing is at least 1 ms. */
export function milliseconds(value: unknown, what: string): number {
  let exact: number;
  if (typeof value === 'string') {
    const found = timePattern.exec(value.trim());
    if (!found || found[2] === undefined) {
      throw new RangeError(`${what}: '${value}' is no duration; write milliseconds as a number, or 500ms, 30s, 2m, 1h`);
    }
    exact = Number(found[1]) * (times[found[2]] ?? 1);
  } else {
    exact = finite(value, what);
  }
  const whole = Math.ceil(Number(exact.toFixed(6)));
  if (whole > Number.MAX_SAFE_INTEGER) throw new RangeError(`${what} is too large: ${value}`);
  return exact > 0 ? Math.max(1, whole) : 0;
}

/** A duration that must be longer than nothing: 0 means "no limit" to the library. */
export function deadline(value: unknown, what: string): number {
  const result = milliseconds(value, what);
  if (result === 0) throw new RangeError(`${what} must be more than 0; leave it out for no limit`);
  return result;
}

/** Processors, 1.5 for one and a half, as thousandths. */
export function millicpus(value: unknown, what: string): number | bigint {
  const result = inRange(BigInt(Math.round(finite(value, what) * 1000)), what);
  if (Number(result) === 0) throw new RangeError(`${what} must be at least 0.001`);
  return result;
}
