/** The value of a scalar, or the expected form and a suggestion. */
export type ScalarReading<T> =
  { readonly value: T } | { readonly expected: string; readonly meant?: string | undefined };

const durationUnits = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const sizeUnits = { B: 1, kB: 1000, KiB: 1024, MB: 1000 ** 2, MiB: 1024 ** 2, GB: 1000 ** 3, GiB: 1024 ** 3 } as const;

/** `250ms`, `5s`, `1m`, `1h`, `30d`: a whole number and a unit. */
export const durationPattern = '[0-9]{1,12}(ms|s|m|h|d)';
/** `512B`, `64KiB`, `500kB`, `2MiB`: `kB MB GB` are powers of 1000, `KiB MiB GiB` of 1024. */
export const sizePattern = '[0-9]{1,12}(B|kB|KiB|MB|MiB|GB|GiB)';
/** `10%` or `0.1`. */
export const ratioPattern = '[0-9]{1,3}(\\.[0-9]{1,6})?%';

/** Milliseconds of a duration as it is written. */
export function readDuration(found: unknown): ScalarReading<number> {
  return withUnit(found, new RegExp(`^${durationPattern}$`), durationUnits, 'a duration such as 250ms, 5s or 1m');
}

/** Bytes of a size as it is written. */
export function readSize(found: unknown): ScalarReading<number> {
  return withUnit(found, new RegExp(`^${sizePattern}$`), sizeUnits, 'a size such as 64KiB, 500kB or 2MiB');
}

/** A share from 0 to 1, written as a percentage or as a number. */
export function readRatio(found: unknown): ScalarReading<number> {
  const expected = 'a share such as 10% or 0.1';
  if (typeof found === 'string' && new RegExp(`^${ratioPattern}$`).test(found)) {
    // One division of an integer by a power of ten gives the nearest double: 7% is 0.07, not 0.07000000000000001.
    const [whole = '', fraction = ''] = found.slice(0, -1).split('.');
    const value = Number(whole + fraction) / 10 ** (2 + fraction.length);
    return value <= 1 ? { value } : { expected };
  }
  return typeof found === 'number' && found >= 0 && found <= 1 ? { value: found } : { expected };
}

/** The shortest way to write a duration without losing a millisecond. */
export function renderDuration(ms: number): string {
  // A day is usually called 24h.
  return renderWithUnit(ms, durationUnits, ms > durationUnits.d ? ['d', 'h', 'm', 's', 'ms'] : ['h', 'm', 's', 'ms']);
}

/** The shortest way to write a size without losing a byte. */
export function renderSize(bytes: number): string {
  return renderWithUnit(bytes, sizeUnits, ['GiB', 'MiB', 'KiB', 'GB', 'MB', 'kB', 'B']);
}

function withUnit(
  found: unknown,
  pattern: RegExp,
  units: Readonly<Record<string, number>>,
  expected: string,
): ScalarReading<number> {
  const match = typeof found === 'string' ? pattern.exec(found) : null;
  const unit = units[match?.[1] ?? ''];
  if (match === null || unit === undefined) return { expected };
  const value = Number.parseInt(match[0], 10) * unit;
  return Number.isSafeInteger(value) ? { value } : { expected };
}

function renderWithUnit<U extends string>(
  amount: number,
  units: Readonly<Record<U, number>>,
  order: readonly U[],
): string {
  const unit = order.find((candidate) => amount >= units[candidate] && amount % units[candidate] === 0);
  const chosen = unit ?? order.at(-1);
  return chosen === undefined ? String(amount) : `${amount / units[chosen]}${chosen}`;
}
