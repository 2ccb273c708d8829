import { describe, expect, it } from 'vitest';
import { unsafePattern } from './pattern-safety.js';

describe('A16: patterns of contracts', () => {
  it.each([
    '^[a-z0-9-]+$',
    '^\\d{3}-\\d{2}$',
    '^(?:abc)?d+$',
    '^[^\\s@]+@[^\\s@]+\\.[a-z]{2,}$',
    '^\\p{Lu}.*$',
    '(foo|bar)',
    '^(\\d{3})+$',
  ])('runs %s', (pattern) => {
    expect(unsafePattern(pattern)).toBeUndefined();
  });

  it.each(['(a+)+$', '^(a*)*$', '(a|aa)+$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(.*){5}', '((a?)b?)*', '(?:x+){2,}'])(
    'does not run %s, which can take exponential time',
    (pattern) => {
      expect(unsafePattern(pattern)).toMatch(/exponential/);
    },
  );

  it('does not run what refers back, what is too long, and what is no expression', () => {
    expect(unsafePattern('(a)\\1')).toMatch(/refers back/);
    expect(unsafePattern('a'.repeat(1_001))).toMatch(/1000 characters/);
    expect(unsafePattern('([')).toMatch(/ECMA-262/);
  });
});
