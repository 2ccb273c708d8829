import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unsafePattern } from './pattern-safety.js';

describe('A16: patterns of contracts', () => {
  it.each([
    '^[a-z0-9-]+$',
    '^\\d{3}-\\d{2}$',
    '^(?:abc)?d+$',
    '^[^\\s@]+@[^\\s@]+\\.[a-z]{2,}$',
    '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$',
    '^\\p{Lu}.*$',
    '(foo|bar)',
    '^(\\d{3})+$',
    '^[a-z]([a-z0-9-]*[a-z0-9])?$',
    '^[a-z0-9]+(?:-[a-z0-9]+)*$',
    '^([a-z0-9-]+\\.)+[A-Z]{2}$',
    '^([a-z0-9-]+\\.)+[a-z]{2,}$',
    '^[a-z]+(\\.[a-z]+)*@[a-z]+(\\.[a-z]+)+$',
    '^\\+?[1-9]\\d{1,14}$',
    '^-?\\d+(\\.\\d{1,4})?$',
    '^https?://[^\\s/]+(/[^\\s]*)?$',
    '^(?=.*[A-Z])(?=.*\\d).{8,}$',
    '^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$',
    '^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$',
    '^(ORD|INV)-\\d+$|^$',
    '[0-9]+',
    '\\S',
    '^[\\u0020-\\u{10ffff}]*$',
    '',
  ])('runs %s', (pattern) => {
    expect(unsafePattern(pattern)).toBeUndefined();
  });

  it.each(['(a+)+$', '^(a*)*$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*){5}', '((a?)b?)*', '(?:x+){2,}'])(
    'does not run %s, which can take exponential time',
    (pattern) => {
      expect(unsafePattern(pattern)).toMatch(/exponential/);
    },
  );

  it.each([
    '^a*a*a*a*a*b$',
    '^a*a*$',
    '^\\s*(.*)\\s*$',
    '^.*@.*$',
    '^\\d+.*x$',
    '^(?:a*a*|c)d',
    '^a*(?:b|a)*a$',
    '^a*a{500}b',
    '^\\w+\\d+$',
    '^[^a]*\\p{L}*$',
    '[a-z]+$',
    '\\s+$',
    'a.*b.*c',
    'x[a-z]*y[a-z]*z',
    'a*(?=.*b)',
    '^(?:-a*a*)+$',
    `^${'a?'.repeat(30)}${'a'.repeat(30)}$`,
    `^${'(?:a|a)'.repeat(30)}b$`,
    `${'(?:a|ab)'.repeat(10)}c`,
    '(?:a|b)*(?:a|c)*d',
    '(?i:a)',
    '(?:a*?-){1,3}$',
    '(?:a*-){2}$',
    '^a*(?:a*-){2}$',
    '^a*(?:b?a)*c',
    '^(?:a-)*(?:a-)*c',
    '^(?:a*-)*(?:-a*)*c',
  ])('does not run %s, which can take more than linear time', (pattern) => {
    expect(unsafePattern(pattern)).toBeDefined();
  });

  it('does not run a pattern with a back reference, one that is too long, or a text that is no regular expression', () => {
    expect(unsafePattern('(a)\\1')).toMatch(/refers back/);
    expect(unsafePattern('a'.repeat(1_001))).toMatch(/1000 characters/);
    expect(unsafePattern('([')).toMatch(/ECMA-262/);
  });

  it('runs no pattern that takes long for 50 kB of hostile text', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '-',
      '[ab]',
      '[^a]',
      '.',
      '\\w',
      '\\d',
      '[a-c-]',
      '\\s',
      '(?:ab)',
      '(?:a|b)',
      '\\u0061',
    );
    const count = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,3}', '{0,9}', '{2,}', '*?');
    const piece = fc.tuple(atom, count).map(([what, times]) => what + times);
    const { pattern } = fc.letrec<{ pattern: string; group: string }>((tie) => ({
      group: fc.oneof(
        { maxDepth: 3 },
        piece,
        fc
          .tuple(tie('pattern'), fc.constantFrom('(?:', '(', '(?=', '(?!'), count)
          .map(([inner, open, times]) => open + inner + ')' + (open.length === 3 && open !== '(?:' ? '' : times)),
        fc.tuple(tie('pattern'), tie('pattern')).map(([one, other]) => `(?:${one}|${other})`),
      ),
      pattern: fc.array(tie('group'), { minLength: 1, maxLength: 5 }).map((groups) => groups.join('')),
    }));
    const whole = fc
      .tuple(fc.constantFrom('^', '^', ''), pattern, fc.constantFrom('$', '', 'x$'))
      .map((parts) => parts.join(''));
    const texts = ['a', 'b', 'ab', 'a-', '-', 'aab', 'ba-', '1', ' '].flatMap((unit) => {
      const text = unit.repeat(50_000 / unit.length);
      return [text, `${text}!`, `!${text}\n`];
    });
    let run = 0;
    fc.assert(
      fc.property(whole, (source) => {
        if (unsafePattern(source) !== undefined) return;
        run++;
        const expression = new RegExp(source, 'u');
        for (const text of texts) {
          // The least of three: the machine may be busy.
          let least = Infinity;
          for (let i = 0; i < 3 && least > 30; i++) {
            const before = performance.now();
            expression.test(text);
            least = Math.min(least, performance.now() - before);
          }
          expect(least, `${source} on ${JSON.stringify(text.slice(0, 10))}`).toBeLessThan(50);
        }
      }),
      { numRuns: 1_500 },
    );
    expect(run).toBeGreaterThan(100);
  });
});
