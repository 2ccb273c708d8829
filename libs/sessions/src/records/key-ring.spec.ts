import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyRing } from './key-ring.js';

const [old, next] = ['o'.repeat(44), 'n'.repeat(44)];
const bytes = fc.uint8Array({ maxLength: 300 }).map((one) => Buffer.from(one));

describe('a key ring', () => {
  it('opens what it has sealed, for the same purpose only', () => {
    const ring = new KeyRing([old], 'shop');
    fc.assert(
      fc.property(bytes, fc.string(), fc.string(), (plain, purpose, other) => {
        const sealed = ring.seal(plain, purpose);
        expect(ring.open(sealed, purpose)).toEqual(plain);
        if (other !== purpose) expect(ring.open(sealed, other)).toBeUndefined();
      }),
    );
  });

  it('does not open bytes of which one bit was changed, or that were cut, or made up', () => {
    const ring = new KeyRing([old], 'shop');
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (plain, at, bit) => {
        const sealed = ring.seal(plain, 'p');
        const changed = Buffer.from(sealed);
        const index = at % sealed.length;
        changed[index] = (changed[index] ?? 0) ^ (1 << bit);
        expect(ring.open(changed, 'p')).toBeUndefined();
        expect(ring.open(sealed.subarray(0, index), 'p')).toBeUndefined();
        expect(ring.open(plain, 'p')).toBeUndefined();
      }),
    );
  });

  it('seals with its first key, and opens with each of them: a rotation', () => {
    const before = new KeyRing([old, next], 'shop');
    const after = new KeyRing([next, old], 'shop');
    const end = new KeyRing([next], 'shop');
    const sealed = { before: before.seal(Buffer.from('a'), 'p'), after: after.seal(Buffer.from('b'), 'p') };
    expect([after.open(sealed.before, 'p'), before.open(sealed.after, 'p')].map(String)).toEqual(['a', 'b']);
    expect([end.open(sealed.before, 'p'), String(end.open(sealed.after, 'p'))]).toEqual([undefined, 'b']);
  });

  it('is of one app, and never seals the same bytes in the same way', () => {
    const ring = new KeyRing([old], 'shop');
    const sealed = ring.seal(Buffer.from('a'), 'p');
    expect(new KeyRing([old], 'other').open(sealed, 'p')).toBeUndefined();
    expect(KeyRing.random('shop').open(sealed, 'p')).toBeUndefined();
    expect(ring.seal(Buffer.from('a'), 'p')).not.toEqual(sealed);
  });

  it('needs a key', () => {
    expect(() => new KeyRing([], 'shop')).toThrow('there is no session key');
  });
});
