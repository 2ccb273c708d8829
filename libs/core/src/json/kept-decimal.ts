/** 2^27 + 1 parts a double into two halves (Veltkamp). */
const SPLIT = 2 ** 27 + 1;
/** Powers of ten that a double holds. */
const POWERS = Array.from({ length: 23 }, (_, power) => Number(`1e${power}`));
/** A half, less far more than what the sums below may be off. */
const NEARLY_HALF = 0.499;

/**
 * True if a double certainly rounds to the decimal `(whole + rest) / 10 ** scale` when it is written with as many digits. Arithmetic alone:
 * ten times as fast as to read and write the number. False where that is not so, or is not known.
 * @param whole an integer below 10^17 that a double holds
 * @param rest an integer from 0 to less than 10^8
 */
export function keepsDecimal(whole: number, rest: number, scale: number): boolean {
  const power = POWERS[scale];
  if (power === undefined) return false;
  const sum = whole + rest;
  const lost = rest - (sum - whole);
  const near = sum / power;
  const off = distance(near, power, sum, lost);
  // The nearest double is this one, or the one that the distance leads to.
  return Math.abs(off) < NEARLY_HALF || Math.abs(distance(near - off / power, power, sum, lost)) < NEARLY_HALF;
}

/** `value * power - (sum + lost)`, with the error of the multiple (Dekker). */
function distance(value: number, power: number, sum: number, lost: number): number {
  const multiple = value * power;
  const valueHigh = high(value);
  const valueLow = value - valueHigh;
  const powerHigh = high(power);
  const powerLow = power - powerHigh;
  const error = valueHigh * powerHigh - multiple + valueHigh * powerLow + valueLow * powerHigh + valueLow * powerLow;
  return multiple - sum + (error - lost);
}

function high(value: number): number {
  const large = value * SPLIT;
  return large - (large - value);
}
