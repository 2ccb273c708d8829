/** @throws RangeError unless `value` is a whole number from 1 */
export function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${name} must be a whole number from 1, not ${value}`);
}

/** @throws RangeError unless `value` is above 0 and at most 1 */
export function requireRatio(name: string, value: number): void {
  if (!(value > 0 && value <= 1)) throw new RangeError(`${name} must be above 0 and at most 1, not ${value}`);
}

/** @throws RangeError unless `value` is at least `least` */
export function requireAtLeast(name: string, value: number, least: number): void {
  if (!(value >= least)) throw new RangeError(`${name} must be at least ${least}, not ${value}`);
}
