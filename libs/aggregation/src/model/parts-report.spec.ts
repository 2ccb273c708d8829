import fc from 'fast-check';
import { DisplayString, parseDictionary, Token } from 'structured-headers';
import { describe, expect, it } from 'vitest';
import { headerKey, toHeader } from './parts-report.js';

/** The key of an item, as a client reads it from the bare item. */
function keyOf(item: unknown): string | undefined {
  if (item instanceof ArrayBuffer) return Buffer.from(item).toString('utf8');
  if (item instanceof DisplayString || typeof item === 'number') return item.toString();
  return typeof item === 'string' ? item : undefined;
}

describe('the header Frontage-Parts', () => {
  it.each([
    ['a tab', 'a\tb', ':YQli:'],
    ['a line break', '\r\nx: y', ':DQp4OiB5:'],
    ['a control character of Latin-1', '\u0085', ':woU=:'],
    ['nothing', '', '""'],
    ['a leading zero', '007', '"007"'],
    ['more digits than an Integer may have', '1234567890123456', '"1234567890123456"'],
    ['a percent sign beside other letters', '100 % ü', '%"100 %25 %c3%bc"'],
    ['half of a surrogate pair', '\ud800', '%"%ef%bf%bd"'],
  ])('names a key with %s', (_, key, item) => {
    expect(toHeader({ stock: { items: { [key]: 'error' } } })).toBe(`stock=(${item};status=error)`);
  });

  it('is read back by a parser of RFC 9651 for any keys, and has no line break in it', () => {
    const status = fc.constantFrom('timeout' as const, 'error' as const, 'skipped' as const);
    const key = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.nat().map(String));
    const items = fc.dictionary(
      key.filter((one) => one.isWellFormed()),
      status,
    );
    const part = fc.string({ unit: fc.constantFrom('a', 'B', '1'), maxLength: 5 }).map((end) => `p${end}`);
    const missing = fc.record({ status, source: fc.constant('last_good' as const), ageMs: fc.nat(), from: fc.nat() });
    const report = fc.dictionary(
      part,
      fc.oneof(
        items.map((one) => ({ items: one })),
        missing,
      ),
    );
    fc.assert(
      fc.property(report, (one) => {
        const header = toHeader(one);
        expect(header).toMatch(/^[ -~]*$/);
        const read = parseDictionary(header);
        for (const [name, expected] of Object.entries(one)) {
          const [value, parameters] = read.get(headerKey(name)) ?? [];
          if ('items' in expected) {
            const found = Array.isArray(value) ? value.map(([item, of]) => [keyOf(item), of.get('status')]) : [];
            expect(found).toEqual(Object.entries(expected.items).map(([key, status]) => [key, new Token(status)]));
          } else {
            expect(value).toEqual(new Token(expected.status));
            expect(parameters).toEqual(
              new Map<string, unknown>([
                ['source', new Token('last_good')],
                ['age-ms', expected.ageMs],
                ['from', expected.from],
              ]),
            );
          }
        }
      }),
    );
  });
});
