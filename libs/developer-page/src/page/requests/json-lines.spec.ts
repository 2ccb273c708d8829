import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonLines, maxLines } from './json-lines.js';

describe('the lines of a response', () => {
  it('name each member as `frontage why` takes it', () => {
    const lines = jsonLines({ user: { name: 'Ada' }, orders: [{ total: 1 }], none: [], gone: null });
    expect(lines.map(({ depth, name, member, text }) => [depth, name, member, text])).toEqual([
      [0, undefined, '', '{'],
      [1, 'user', 'user', '{'],
      [2, 'name', 'user.name', '"Ada"'],
      [1, undefined, 'user', '}'],
      [1, 'orders', 'orders', '['],
      [2, '0', 'orders[0]', '{'],
      [3, 'total', 'orders[0].total', '1'],
      [2, undefined, 'orders[0]', '}'],
      [1, undefined, 'orders', ']'],
      [1, 'none', 'none', '[]'],
      [1, 'gone', 'gone', 'null'],
      [0, undefined, '', '}'],
    ]);
  });

  it('open and close in pairs, and are bounded', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const lines = jsonLines(value);
        const count = (kind: string): number => lines.filter((line) => line.kind === kind).length;
        expect(count('open')).toBe(count('close'));
        expect(lines.at(-1)?.depth).toBe(0);
      }),
    );
    expect(jsonLines(Array.from({ length: 5_000 }, () => 1)).length).toBeLessThanOrEqual(maxLines + 1);
  });
});
