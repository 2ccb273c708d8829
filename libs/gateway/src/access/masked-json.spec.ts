import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskedJson, type Mask } from './masked-json.js';

const names = ['a', 'b', 'é', 'x"y', '__proto__'];
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(null, true, 1.5, -3, 'text', '{"a":[1,2]}', 'q"\\', 'é'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.constantFrom(...names), tie('value')), { selector: ([name]) => name, maxLength: 4 })
      .map(objectOf),
  ),
})).value;
const masks = fc.letrec<{ mask: Mask }>((tie) => ({
  mask: fc
    .array(
      fc.tuple(
        fc.constantFrom(...names),
        fc.oneof({ maxDepth: 3 }, fc.constantFrom('remove' as const, 'null' as const), tie('mask')),
      ),
      {
        maxLength: 3,
      },
    )
    .map((entries): Mask => new Map(entries)),
})).mask;

/** `__proto__` is a member like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  const made = {};
  for (const [name, value] of entries)
    Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  return made;
}

/** The same on values: the model. */
function masked(value: unknown, mask: Mask | undefined): unknown {
  if (mask === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => masked(item, mask));
  return objectOf(
    Object.entries(value).flatMap(([name, member]) => {
      const how = mask.get(name);
      if (how === 'remove') return [];
      return [[name, how === 'null' ? null : masked(member, how)] as const];
    }),
  );
}

const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const fromBytes = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

describe('a masked response', () => {
  it('is the response without these members, whatever it holds, as text and as bytes', () => {
    fc.assert(
      fc.property(json, masks, fc.constantFrom(undefined, 2), (value, mask, indent) => {
        const text = JSON.stringify(value, null, indent);
        const expected = masked(JSON.parse(text), mask);
        expect(JSON.parse(maskedJson(text, mask, 'utf8'))).toEqual(expected);
        expect(JSON.parse(fromBytes(maskedJson(asBytes(text), mask, 'latin1')))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  const mask: Mask = new Map([
    [
      'user',
      new Map([
        ['email', 'remove' as const],
        ['phone', 'null' as const],
      ]),
    ],
  ]);

  it('keeps every other byte: numbers, spellings, blanks in texts', () => {
    const text =
      '{"n":1.50e+3,"big":12345678901234567890,"user":{"name":"A\\u0064a","email":"x","phone":"1"},"t":"a , }"}';
    expect(maskedJson(text, mask, 'utf8')).toBe(
      '{"n":1.50e+3,"big":12345678901234567890,"user":{"name":"A\\u0064a","phone":null},"t":"a , }"}',
    );
  });

  it('knows a name that is spelled with escapes, and one that stands twice', () => {
    expect(maskedJson('{"user":{"\\u0065mail":"x","email":"y","name":"Ada"}}', mask, 'utf8')).toBe(
      '{"user":{"name":"Ada"}}',
    );
  });
});
