import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBadKey } from './json-keys.js';

/** Objects as lists of members, so that a key may stand twice. */
type Tree = string | readonly Tree[] | { readonly members: readonly (readonly [string, Tree])[] };

const key = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('a', 'b', 'c', '"', '\\', '\\"', '{', ',', ':', 'ä', ''),
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.string(), fc.constantFrom('\\', '"', '{"a":1', '[,]')),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 14 }).map((members) => ({ members })),
  ),
}));

function write(of: Tree): string {
  if (typeof of === 'string') return JSON.stringify(of);
  if (!('members' in of)) return `[ ${of.map(write).join(' ,')}]`;
  return `{${of.members.map(([name, value]) => `${JSON.stringify(name)} : ${write(value)}`).join(', ')} }`;
}

function standsTwice(of: Tree): boolean {
  if (typeof of === 'string') return false;
  if (!('members' in of)) return of.some(standsTwice);
  const names = of.members.map(([name]) => name);
  return new Set(names).size < names.length || of.members.some(([, value]) => standsTwice(value));
}

describe('keys of a JSON text', () => {
  it('are reported when they are repeated, in any surroundings', () => {
    fc.assert(
      fc.property(tree, (made) => {
        const text = write(made);
        expect(() => JSON.parse(text) as unknown).not.toThrow();
        fc.pre(!text.includes('__proto__') && !text.includes('prototype'));
        expect(findBadKey(text) !== undefined).toBe(standsTwice(made));
      }),
      { numRuns: 500 },
    );
  });

  it('are told apart from other texts, and from those of other objects', () => {
    expect(findBadKey('{"a":{"a":[{"a":"a"},{"a":"a"}]},"b":["a","a"],"prototype":{"constructor":1}}')).toBeUndefined();
    expect(findBadKey('[0,{"x":{"y":1,"y":2}}]')?.path).toEqual([1, 'x', 'y']);
  });
});
