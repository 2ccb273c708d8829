import { nearest } from '@frontage/core';
import { z } from 'zod';
import { readUrl, type UrlRule } from './read-url.js';
import { didYouMean, hiddenValue, shown } from './wording.js';
import {
  durationPattern,
  ratioPattern,
  readDuration,
  readRatio,
  readSize,
  renderDuration,
  renderSize,
  sizePattern,
  type ScalarReading,
} from './scalars.js';

/*
 * The kinds of values of a policy. Each has its description for editors and for the reference: `x-written` describes the form in words,
 * `writeOnly` marks a secret (JSON Schema validation, section 9.4), whose value no message may repeat.
 */

/** Matches any text with a variable: its value is checked at start, because an editor cannot know it. */
export const variable = '.*\\$\\{.*';

export function field<T>(read: (found: unknown) => ScalarReading<T>, meta: Record<string, unknown>) {
  const secret = meta['writeOnly'] === true;
  return z
    .unknown()
    .transform((found, context): T => {
      const reading = read(found);
      if ('value' in reading) return reading.value;
      const what = secret && found !== null ? hiddenValue : shown(found);
      const say = (value: string): string => `expected ${reading.expected}, found ${value}${didYouMean(reading.meant)}`;
      // Names of variables are mixed up at times, so a variable may hold a secret at any key.
      context.addIssue({ code: 'custom', message: say(what), params: { ofVariable: say(hiddenValue) } });
      return z.NEVER;
    })
    .meta(meta);
}

export function within(
  reading: ScalarReading<number>,
  min: number,
  max: number,
  expected: string,
): ScalarReading<number> {
  return 'value' in reading && (reading.value < min || reading.value > max) ? { expected } : reading;
}

export function required(value: string, read: (found: unknown) => ScalarReading<number>): number {
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
  const read = (found: unknown): ScalarReading<number> => {
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
  const read = (found: unknown): ScalarReading<number> =>
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
  const read = (found: unknown): ScalarReading<boolean> =>
    typeof found === 'boolean' ? { value: found } : { expected: 'true or false' };
  return field(read, {
    description,
    type: ['boolean', 'string'],
    pattern: `^${variable}$`,
    'x-written': 'true or false',
  });
}

interface TextOptions {
  /** The expected form, after the word "expected". */
  readonly expected?: string;
  readonly matches?: RegExp;
  readonly lowerCase?: boolean;
}

export function text(description: string, { expected = 'text', matches = /\S/, lowerCase = false }: TextOptions = {}) {
  const read = (found: unknown): ScalarReading<string> => {
    if (typeof found !== 'string' || !matches.test(found)) return { expected };
    return { value: lowerCase ? found.toLowerCase() : found };
  };
  return field(read, { description, type: 'string', 'x-written': expected });
}

/** One text, or a list of at least one; gives a list. */
export function texts(description: string, { expected = 'text', matches = /\S/ }: TextOptions = {}) {
  const read = (found: unknown): ScalarReading<readonly string[]> => {
    const list: readonly unknown[] = Array.isArray(found) ? found : [found];
    const value = list.filter((one): one is string => typeof one === 'string' && matches.test(one));
    return list.length > 0 && value.length === list.length ? { value } : { expected: `${expected}, or a list of such` };
  };
  return field(read, {
    description,
    type: ['string', 'array'],
    items: { type: 'string' },
    minItems: 1,
    'x-written': `${expected}, or a list of such`,
  });
}

/** Text that no message prints. */
export function secret(description: string) {
  const read = (found: unknown): ScalarReading<string> =>
    typeof found === 'string' && /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(found)
      ? { value: found }
      : { expected: 'visible ASCII text' };
  return field(read, { description, type: 'string', writeOnly: true, 'x-written': 'secret; write `${VARIABLE}`' });
}

/** One of a list of words. */
export function choice<const T extends string>(
  description: string,
  words: readonly T[],
  refused: Record<string, string> = {},
) {
  const read = (found: unknown): ScalarReading<T> => {
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

/** An absolute URL; a secret where it may hold a user name and a password. */
export function address(description: string, { orOff = false, ...rule }: UrlRule & { readonly orOff?: boolean }) {
  const protocols = rule.protocols.map((protocol) => `${protocol}//`).join(' or ');
  const written = `a URL that begins with ${protocols}${orOff ? ', or `off`' : ''}`;
  const read = (found: unknown): ScalarReading<string> => {
    if (orOff && (found === 'off' || found === false)) return { value: 'off' };
    const reading = readUrl(found, rule);
    return 'value' in reading || !orOff ? reading : { ...reading, expected: `${reading.expected}, or "off"` };
  };
  return field(read, {
    description,
    type: 'string',
    ...(rule.userInfo === true ? { writeOnly: true } : {}),
    'x-written': written,
  });
}

/** A block that can be switched off where a base policy switches it on. */
export function offOr<S extends z.ZodType>(block: S) {
  return z.union([z.literal('off'), block]);
}
