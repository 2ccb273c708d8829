import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directivesOf, targetedDirectivesOf, type Directives } from './directives.js';

const read = (...lines: readonly string[]): Directives => directivesOf({ 'cache-control': lines });

const tokenText = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,12}$/);
const quoted = fc
  .stringMatching(/^[\t !#-~]{0,12}$/)
  .map((text) => ({ text, written: `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"` }));
const argument = fc.oneof(
  tokenText.map((text) => ({ text, written: text })),
  quoted,
);
const directive = fc.record({ name: tokenText, argument: fc.option(argument, { nil: undefined }) });
const written = ({ name, argument }: { name: string; argument: { written: string } | undefined }): string =>
  argument === undefined ? name : `${name}=${argument.written}`;

describe('the directives of a message (RFC 9111 section 5.2)', () => {
  it('are read from any list of tokens and quoted strings, over any number of lines', () => {
    fc.assert(
      fc.property(fc.array(fc.array(directive)), fc.constantFrom(',', ', ', ' ,\t', ',,'), (lines, comma) => {
        const all = lines.flat();
        const found = read(...lines.map((line) => line.map(written).join(comma)));
        expect(found.isBroken).toBe(false);
        for (const { name } of all) {
          expect(found.restricts(name.toUpperCase().toLowerCase())).toBe(true);
          const same = all.filter((one) => one.name.toLowerCase() === name.toLowerCase());
          expect(found.permits(name.toLowerCase())).toBe(same.every((one) => one.argument === undefined));
          const numbers = new Set(same.map((one) => (/^\d+$/.test(one.argument?.text ?? '') ? Number(one.argument?.text) : 'none'))); // prettier-ignore
          const [only] = numbers;
          const isNumber = numbers.size === 1 && only !== 'none';
          expect(found.seconds(name.toLowerCase())).toBe(isNumber ? Math.min(only ?? 0, 2 ** 31) : 'invalid');
        }
        expect(found.seconds('not-there')).toBeUndefined();
      }),
    );
  });

  it('grant nothing in any text, and end in time', () => {
    const pieces = fc.constantFrom(
      ',',
      '=',
      '"',
      '\\',
      ' ',
      '\t',
      'max-age',
      'private',
      '60',
      '\u{e9}',
      ';',
      '"a, no-store"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        const found = read(parts.join(''));
        if (!found.isBroken) return;
        expect([found.permits('private'), found.seconds('max-age')]).not.toContain(true);
        expect(typeof found.seconds('max-age')).not.toBe('number');
      }),
    );
    const started = performance.now();
    for (const text of [
      '"'.repeat(8_000),
      '\\'.repeat(8_000),
      ' '.repeat(8_000),
      'a='.repeat(4_000),
      '"\\'.repeat(4_000),
    ])
      read(`x=${text}`);
    expect(performance.now() - started).toBeLessThan(200);
  });

  it.each([
    ['max-age=60', 60],
    ['MaX-aGe=60', 60],
    ['max-age="60"', 60],
    ['max-age=0060', 60],
    ['max-age=99999999999', 2 ** 31],
    ['max-age=60, max-age=60', 60],
    ['ext="max-age=99", max-age=60', 60],
    ['max-age=60, max-age=30', 'invalid'],
    ['max-age', 'invalid'],
    ['max-age=-1', 'invalid'],
    ['max-age=1.5', 'invalid'],
    ["max-age='60'", 'invalid'],
  ])('%s is %s', (text, seconds) => {
    expect(read(text).seconds('max-age')).toBe(seconds);
  });

  it.each(['max-age=', 'max-age =60', 'max-age= 60', 'max-age=60; public', 'max-age=60, private="', '=60', 'a b'])(
    '%s is no list of directives, and grants nothing beside others',
    (text) => {
      const found = read('max-age=60, public', text);
      expect(found).toMatchObject({ isBroken: true });
      expect([found.seconds('max-age'), found.permits('public')]).toEqual(['invalid', false]);
    },
  );

  it('restrict with any argument, and permit without one alone', () => {
    const found = read('private="", no-store=x, public=yes, immutable');
    expect([found.restricts('private'), found.restricts('no-store')]).toEqual([true, true]);
    expect([found.permits('public'), found.permits('immutable')]).toEqual([false, true]);
  });

  it('of a field that is too long are not read', () => {
    expect(read(`max-age=60, x=${'a'.repeat(8_192)}`)).toMatchObject({ isBroken: true });
  });
});

describe('the directives of a field for one kind of cache (RFC 9213)', () => {
  const targets = ['bff-cache-control', 'cdn-cache-control'];
  const target = (value: string, other?: string) =>
    targetedDirectivesOf(
      { 'cdn-cache-control': value, ...(other !== undefined && { 'bff-cache-control': other }) },
      targets,
    );

  it('are those of the first field that is a dictionary with members', () => {
    expect(target('max-age=60')?.seconds('max-age')).toBe(60);
    expect(target('max-age=60', 'max-age=30, no-store')?.seconds('max-age')).toBe(30);
    expect(target('max-age=60', '')?.seconds('max-age')).toBe(60);
    expect(target('max-age=60', 'max-age=30, &')?.seconds('max-age')).toBe(60);
    expect(target('MAX-AGE=60')).toBeUndefined();
    expect(targetedDirectivesOf({}, targets)).toBeUndefined();
  });

  it('have the types of structured fields', () => {
    const found = target('max-age="60", s-maxage=1.5, private;a=1, no-store=?0, public=(a b)');
    expect([found?.seconds('max-age'), found?.seconds('s-maxage')]).toEqual(['invalid', 'invalid']);
    expect([found?.restricts('private'), found?.restricts('no-store'), found?.permits('public')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
