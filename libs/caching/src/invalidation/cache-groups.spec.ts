import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupMarks } from './cache-groups.js';
import { groupMark, isMark } from './marks.js';

const read = (field: string) => groupMarks('shop', field);
const marks = (...groups: readonly string[]) => groups.map((group) => groupMark('shop', group));
const written = (group: string) => `"${group.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

describe('a field with groups', () => {
  it.each([
    ['"one"', ['one']],
    ['"one", "two"', ['one', 'two']],
    ['"one";a=1;b,"two";c="d"', ['one', 'two']],
    ['"one", "one"', ['one']],
    [String.raw`"a \"b\" \\"`, [String.raw`a "b" \ `.trim()]],
    ['""', ['']],
    ['', []],
  ])('%s is a List of Strings, whose parameters mean nothing', (field, groups) => {
    expect(read(field)).toEqual(marks(...groups));
  });

  it.each(['one', '"one', '"one",', '"one", two', '("one")', '"one" "two"', '1', '?1', ':YQ==:', '"\u00e4"', '"a\tb"'])(
    '%s is ignored as a whole',
    (field) => {
      expect(read(field)).toEqual([]);
    },
  );

  it('tells upper and lower case and upstreams apart', () => {
    const all = [groupMarks('shop', '"a", "A"'), groupMarks('carts', '"a", "A"')].flat();
    expect(new Set(all).size).toBe(4);
    expect(all.every((mark) => mark !== undefined && isMark(mark))).toBe(true);
  });

  it('gives back all of 32 groups of 32 characters, as RFC 9875 asks, and of 100 of 256', () => {
    for (const [count, length] of [
      [32, 32],
      [100, 150],
      [50, 256],
    ] as const) {
      const groups = Array.from({ length: count }, (_, at) => String(at).padStart(length, 'g'));
      expect(read(groups.map(written).join(', '))).toEqual(marks(...groups));
    }
  });

  it.each([
    ['101 groups', Array.from({ length: 101 }, (_, at) => `"${at}"`).join(',')],
    ['a group of 257 characters', `"${'g'.repeat(257)}"`],
    ['16,385 characters', `"one"${' '.repeat(16_380)}`],
  ])('with %s is more than is read', (_, field) => {
    expect(read(field)).toBeUndefined();
  });

  it('gives what was written, and nothing throws whatever arrives', () => {
    const group = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) });
    fc.assert(
      fc.property(fc.uniqueArray(group, { maxLength: 20 }), (groups) => {
        expect(read(groups.map(written).join(', '))).toEqual(marks(...groups));
      }),
    );
    const noise = fc.string({ unit: fc.constantFrom('"', '\\', ',', ' ', ';', '(', ')', 'a', '=', ':', '*') });
    fc.assert(fc.property(noise, (field) => Array.isArray(read(field))));
  });
});
