import type { SchemaObject } from '../model/schema-view.js';
import type { Random } from '../patterns/random.js';

/** A number for the limits, the step and the format of a schema together. */
export function numberSample(flat: SchemaObject, random: Random, isInteger: boolean): number {
  const rules = rulesOf(flat, isInteger);
  const { step, min, max } = rules;
  const start = startOf(min, max, step);
  const first = Math.ceil(start / step);
  const last = Math.max(first, Math.floor(Math.min(max / step, first + 1000)));
  const made = Array.from({ length: 20 }, () => multiple(random.integer(first, last), step));
  const edges = [first, first + 1, last, last - 1].map((count) => multiple(count, step));
  // Closer limits than a step: a value on a limit or between them.
  const narrow = [min, max, (min + max) / 2].filter(Number.isFinite);
  const candidates = [...made, ...edges, ...narrow];
  return candidates.find((value) => fits(value, rules)) ?? narrow[0] ?? 1;
}

interface NumberRules {
  readonly min: number;
  readonly max: number;
  readonly above: number;
  readonly below: number;
  readonly step: number;
  readonly isInteger: boolean;
  readonly multipleOf: number | undefined;
}

function rulesOf(flat: SchemaObject, isIntegerType: boolean): NumberRules {
  const bound = (keyword: string, otherwise: number): number => {
    const value = flat[keyword];
    return typeof value === 'number' ? value : otherwise;
  };
  const format = typeof flat['format'] === 'string' ? flat['format'] : '';
  const [least, most] = integerFormats.get(format) ?? [-Infinity, Infinity];
  const isInteger = isIntegerType || integerFormats.has(format);
  const [above, below] = [bound('exclusiveMinimum', -Infinity), bound('exclusiveMaximum', Infinity)];
  const declared = bound('multipleOf', 0);
  const multipleOf = declared > 0 ? declared : undefined;
  return {
    min: Math.max(bound('minimum', -Infinity), above, least),
    max: Math.min(bound('maximum', Infinity), below, most),
    above,
    below,
    step: multipleOf === undefined ? (isInteger ? 1 : 0.01) : isInteger ? wholeStep(multipleOf) : multipleOf,
    isInteger,
    multipleOf,
  };
}

const integerFormats: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['int8', [-(2 ** 7), 2 ** 7 - 1]],
  ['int16', [-(2 ** 15), 2 ** 15 - 1]],
  ['int32', [-(2 ** 31), 2 ** 31 - 1]],
  // A double holds these exactly.
  ['int64', [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER]],
  ['uint8', [0, 2 ** 8 - 1]],
  ['uint16', [0, 2 ** 16 - 1]],
  ['uint32', [0, 2 ** 32 - 1]],
  ['uint64', [0, Number.MAX_SAFE_INTEGER]],
]);

/** The least whole number that is a multiple of a step with decimals. */
function wholeStep(step: number): number {
  for (let whole = 1; whole <= 1000; whole += 1) if (Number.isInteger(whole / step)) return whole;
  return step;
}

/** Small positive numbers where the limits allow them. */
function startOf(min: number, max: number, step: number): number {
  if (min >= 0 && Number.isFinite(min)) return min;
  if (max >= 1) return 1;
  return Number.isFinite(max) ? Math.max(min, max - 1000 * step) : 1;
}

/** Twelve digits, so that 0.1 * 3 is not sent as 0.30000000000000004. */
const multiple = (count: number, step: number): number =>
  Number.isInteger(step) ? count * step : Number((count * step).toPrecision(12));

function fits(value: number, { min, max, above, below, isInteger, multipleOf }: NumberRules): boolean {
  if (value < min || value > max || value <= above || value >= below) return false;
  if (isInteger && !Number.isInteger(value)) return false;
  // Validators divide: 0.07 is no multiple of 0.01 to them.
  return multipleOf === undefined || Number.isInteger(value / multipleOf);
}
