import { nearest } from '@frontage/core';
import { z } from 'zod';
import { didYouMean, shown } from './wording.js';
import {
  durationPattern,
  ratioPattern,
  readDuration,
  readRatio,
  readSize,
  renderDuration,
  renderSize,
  sizePattern,
  type Reading,
} from './scalars.js';

/*
 * The kinds of values that a policy has. Each carries its description for editors and for the reference: `x-written` says in words what
 * to write, `writeOnly` marks a secret (JSON Schema validation, section 9.4), whose value no message may repeat.
 */

/** Matches any text with a variable in it: what the variable holds is checked at start, an editor cannot know it. */
const variable = '.*\\$\\{.*';

function field<T>(read: (found: unknown) => Reading<T>, meta: Record<string, unknown>) {
  const secret = meta['writeOnly'] === true;
  return z
    .unknown()
    .transform((found, context): T => {
      const reading = read(found);
      if ('value' in reading) return reading.value;
      const what = secret && found !== null ? 'a value that is not shown' : shown(found);
      context.addIssue({
        code: 'custom',
        message: `expected ${reading.expected}, found ${what}${didYouMean(reading.meant)}`,
      });
      return z.NEVER;
    })
    .meta(meta);
}

function within(reading: Reading<number>, min: number, max: number, expected: string): Reading<number> {
  return 'value' in reading && (reading.value < min || reading.value > max) ? { expected } : reading;
}

function required(value: string, read: (found: unknown) => Reading<number>): number {
  const reading = read(value);
  if ('value' in reading) return reading.value;
  throw new TypeError(`"${value}" is not ${reading.expected}`);
}

/** A duration within the range, both ends included; gives milliseconds. */
export function duration(description: string, min: string, max: string) {
  const least = required(min, readDuration);
  const most = required(max, readDuration);
  const range = `${renderDuration(least)} to ${renderDuration(most)}`;
  return field((found) => within(readDuration(found), least, most, `a duration from ${range}`), {
    description,
    type: 'string',
    pattern: `^(${durationPattern}|${variable})$`,
    'x-written': `duration, ${range}`,
  });
}

/** A size within the range, both ends included; gives bytes. */
export function size(description: string, min: string, max: string) {
  const least = required(min, readSize);
  const most = required(max, readSize);
  const range = `${renderSize(least)} to ${renderSize(most)}`;
  return field((found) => within(readSize(found), least, most, `a size from ${range}`), {
    description,
    type: 'string',
    pattern: `^(${sizePattern}|${variable})$`,
    'x-written': `size, ${range}`,
  });
}

/** A share of `max` at most; `above: true` leaves 0 out. */
export function ratio(description: string, { max = 1, above = false }: { max?: number; above?: boolean } = {}) {
  const range = `${above ? 'above 0, up' : '0'} to ${max * 100}%`;
  const read = (found: unknown): Reading<number> => {
    const reading = readRatio(found);
    if (!('value' in reading)) return reading;
    return reading.value > max || (above && reading.value === 0)
      ? { expected: `a share ${above ? '' : 'from '}${range}` }
      : reading;
  };
  return field(read, {
    description,
    type: ['string', 'number'],
    pattern: `^(${ratioPattern}|${variable})$`,
    minimum: 0,
    maximum: max,
    'x-written': `share, ${range}`,
  });
}

export function whole(description: string, min: number, max: number) {
  const read = (found: unknown): Reading<number> =>
    typeof found === 'number' && Number.isInteger(found) && found >= min && found <= max
      ? { value: found }
      : { expected: `a whole number from ${min} to ${max}` };
  return field(read, {
    description,
    type: ['integer', 'string'],
    pattern: `^${variable}$`,
    minimum: min,
    maximum: max,
    'x-written': `whole number, ${min} to ${max}`,
  });
}

export function flag(description: string) {
  const read = (found: unknown): Reading<boolean> =>
    typeof found === 'boolean' ? { value: found } : { expected: 'true or false' };
  return field(read, {
    description,
    type: ['boolean', 'string'],
    pattern: `^${variable}$`,
    'x-written': 'true or false',
  });
}

interface TextOptions {
  /** What to write, after "expected". */
  readonly expected?: string;
  readonly matches?: RegExp;
  readonly lowerCase?: boolean;
}

export function text(description: string, { expected = 'text', matches = /\S/, lowerCase = false }: TextOptions = {}) {
  const read = (found: unknown): Reading<string> => {
    if (typeof found !== 'string' || !matches.test(found)) return { expected };
    return { value: lowerCase ? found.toLowerCase() : found };
  };
  return field(read, { description, type: 'string', 'x-written': expected });
}

/** Text that is never printed. */
export function secret(description: string) {
  const read = (found: unknown): Reading<string> =>
    typeof found === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(found)
      ? { value: found }
      : { expected: 'visible ASCII text' };
  return field(read, { description, type: 'string', writeOnly: true, 'x-written': 'secret; write `${VARIABLE}`' });
}

/** One of a few words. */
export function choice<const T extends string>(
  description: string,
  words: readonly T[],
  refused: Record<string, string> = {},
) {
  const read = (found: unknown): Reading<T> => {
    const word = words.find((candidate) => candidate === found);
    if (word !== undefined) return { value: word };
    if (typeof found !== 'string') return { expected: `one of ${words.join(', ')}` };
    const reason = refused[found];
    const meant = reason === undefined ? nearest(found, words) : undefined;
    return { expected: `one of ${words.join(', ')}${reason === undefined ? '' : ` (${reason})`}`, meant };
  };
  return field(read, {
    description,
    type: 'string',
    anyOf: [{ enum: words }, { pattern: `^${variable}$` }],
    'x-written': words.map((word) => `\`${word}\``).join(', '),
  });
}

interface AddressOptions {
  readonly protocols: readonly string[];
  /** Whether a user name and a password may stand in it; it is a secret then. */
  readonly userInfo?: boolean;
  /** Whether paths are appended to it: then nothing follows its path, and a trailing slash is dropped. */
  readonly base?: boolean;
}

/** An absolute URL. */
export function address(description: string, { protocols, userInfo = false, base = false }: AddressOptions) {
  const expected = `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  const read = (found: unknown): Reading<string> => {
    const url = typeof found === 'string' && URL.canParse(found) ? new URL(found) : undefined;
    if (typeof found !== 'string' || url === undefined || !protocols.includes(url.protocol) || url.hostname === '')
      return { expected };
    if (!userInfo && (url.username !== '' || url.password !== ''))
      return { expected: `${expected} and has no user name and password in it` };
    if (base && (url.search !== '' || url.hash !== ''))
      return { expected: `${expected} and ends with its path, without "?" and "#"` };
    return { value: base ? found.replace(/\/+$/, '') : found };
  };
  return field(read, { description, type: 'string', ...(userInfo ? { writeOnly: true } : {}), 'x-written': expected });
}

/** A block that can be switched off where a base policy switches it on. */
export function offOr<S extends z.ZodType>(block: S) {
  return z.union([z.literal('off'), block]);
}
