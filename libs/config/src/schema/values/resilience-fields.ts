import { z } from 'zod';
import { field, required, variable, within } from './fields.js';
import { durationPattern, readDuration, renderDuration, type ScalarReading } from './scalars.js';

/** A fixed time within the range, or a quantile of measured times: `50ms` or `p95`. */
export function durationOrQuantile(description: string, min: string, max: string) {
  const least = required(min, readDuration);
  const most = required(max, readDuration);
  const expected = `a duration from ${renderDuration(least)} to ${renderDuration(most)}, or p50 to p99`;
  const read = (found: unknown): ScalarReading<{ readonly ms: number } | { readonly quantile: number }> => {
    const quantile = typeof found === 'string' ? /^p([5-9]\d)$/.exec(found)?.[1] : undefined;
    if (quantile !== undefined) return { value: { quantile: Number(quantile) / 100 } };
    const reading = within(readDuration(found), least, most, expected);
    return 'value' in reading ? { value: { ms: reading.value } } : { ...reading, expected };
  };
  return field(read, {
    description,
    type: 'string',
    pattern: `^(${durationPattern}|p[5-9]\\d|${variable})$`,
    'x-written': `duration, ${renderDuration(least)} to ${renderDuration(most)}, or \`p50\` to \`p99\``,
  });
}

/** A whole number within the range, or one word instead of it. */
export function wholeOr<const Word extends string>(word: Word, description: string, min: number, max: number) {
  const read = (found: unknown): ScalarReading<number | Word> => {
    if (found === word) return { value: word };
    if (typeof found === 'number' && Number.isInteger(found) && found >= min && found <= max) return { value: found };
    return { expected: `a whole number from ${min} to ${max}, or ${word}` };
  };
  return field(read, {
    description,
    anyOf: [
      { type: 'integer', minimum: min, maximum: max },
      { type: 'string', pattern: `^(${word}|${variable})$` },
    ],
    'x-written': `whole number, ${min} to ${max}, or \`${word}\``,
  });
}

const statusForm = /^(?:[1-5]xx|[1-5]\d\d)$/;

/** A list of statuses, ranges of them, and words: `[5xx, 429, reset]`; gives texts. */
export function statuses(description: string, words: readonly string[] = []) {
  const others = words.map((word) => `, ${word}`).join('');
  const expected = `a status such as 429, or 5xx${others}`;
  const read = (found: unknown): ScalarReading<string> => {
    const text = String(found);
    return statusForm.test(text) || words.includes(text) ? { value: text } : { expected };
  };
  const one = field(read, {
    anyOf: [
      { type: 'integer', minimum: 100, maximum: 599 },
      { type: 'string', pattern: `^([1-5](xx|[0-9][0-9])|${variable})$` },
      ...(words.length === 0 ? [] : [{ enum: words }]),
    ],
  });
  return z
    .array(one)
    .min(1)
    .meta({ description, 'x-written': `list of \`429\`, \`5xx\`${words.map((word) => `, \`${word}\``).join('')}` });
}
