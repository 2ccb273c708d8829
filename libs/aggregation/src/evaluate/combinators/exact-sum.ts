/** A number as its shortest spelling says it: a whole number of units, each 10 to the power of `exponent`. */
interface Decimal {
  readonly units: bigint;
  readonly exponent: number;
}

/**
 * The sum of numbers as their shortest spellings say them: 0.1 and 0.2 are 0.3.
 * @returns undefined where a double cannot hold it: whole numbers beyond 2^53 - 1, and a sum beyond the largest double
 */
export function exactSum(numbers: readonly number[]): number | undefined {
  let sum = 0;
  for (const number of numbers) {
    sum += number;
    if (!Number.isSafeInteger(number) || !Number.isSafeInteger(sum)) return decimalSum(numbers);
  }
  // -0 and -0 are 0.
  return sum + 0;
}

function decimalSum(numbers: readonly number[]): number | undefined {
  const decimals = numbers.map(decimalOf);
  const exponent = decimals.reduce((least, one) => Math.min(least, one.exponent), 0);
  let units = 0n;
  for (const one of decimals) units += one.units * 10n ** BigInt(one.exponent - exponent);
  const sum = Number(`${units}e${exponent}`);
  if (!Number.isFinite(sum)) return undefined;
  // A double may round a fraction, and a number that was one already, but no count.
  if (numbers.every(Number.isSafeInteger) && !Number.isSafeInteger(sum)) return undefined;
  return sum;
}

function decimalOf(number: number): Decimal {
  const [mantissa = '0', power = '0'] = String(number).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { units: BigInt(whole + fraction), exponent: Number(power) - fraction.length };
}
