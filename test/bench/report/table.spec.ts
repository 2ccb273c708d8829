import { describe, expect, it } from 'vitest';
import { fixed, table } from './table.js';

describe('a table', () => {
  it('is as wide as it needs to be, numbers to the right, nothing at the ends of lines', () => {
    expect(
      table(
        ['', 'ratio', ''],
        [
          ['bare', '1.00', ''],
          ['everything-on', '1.02', 'noisy'],
        ],
      ),
    ).toBe('               ratio\nbare            1.00\neverything-on   1.02  noisy\n');
  });

  it('shows a dash where there is no number', () => {
    expect([fixed(1.255, 1), fixed(undefined, 1), fixed(Number.NaN, 1)]).toEqual(['1.3', '-', '-']);
  });
});
