import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyDeep } from './copy-deep.js';
import { handOut, isHandedOut, share } from './shared-value.js';
import { unknownInstanceIn } from './value-kinds.js';

/** Tries to change everything that can be reached in a value, by every way there is. */
function attack(value: unknown, seen = new Set<object>()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const members: unknown[] = Object.values(value);
  for (const [key, member] of Object.entries(value)) {
    Reflect.set(value, key, 'changed');
    Reflect.deleteProperty(value, key);
    Reflect.defineProperty(value, key, { value: 'changed' });
    members.push(member);
  }
  Reflect.set(value, 'added', true);
  Reflect.setPrototypeOf(value, null);
  if (value instanceof Map) {
    members.push(...value.keys(), ...value.values());
    value.clear();
  }
  if (value instanceof Set) {
    members.push(...value);
    value.clear();
  }
  if (value instanceof Date) value.setTime(0);
  if (ArrayBuffer.isView(value)) new Uint8Array(value.buffer, value.byteOffset, value.byteLength).fill(0xff);
  for (const member of members) attack(member, seen);
}

const data = fc.letrec((tie) => ({
  leaf: fc.oneof(
    fc.jsonValue(),
    fc.constant(undefined),
    fc.bigInt(),
    fc.double(),
    fc.date(),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.uint8Array(),
    fc.float64Array(),
    fc.constant(new Error('broken', { cause: { code: 1 } })),
  ),
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.string(), tie('tree'), { maxKeys: 3 }),
    fc.array(fc.tuple(fc.string(), tie('tree')), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie('tree'), { maxLength: 3 }).map((items) => new Set(items)),
  ),
})).tree;

describe('a shared value', () => {
  it('is the same for the next request, after all changes that the one before made to its value', () => {
    fc.assert(
      fc.property(data, (value) => {
        const expected = copyDeep(value);
        const shared = share(value);
        const first = handOut(shared);
        expect(first).toEqual(expected);
        attack(first);
        expect(handOut(shared)).toEqual(expected);
      }),
    );
  });

  it('costs no copy where it can be frozen whole', () => {
    const value = { list: [{ a: 1 }, []], none: null };
    expect(handOut(share(value))).toBe(value);
    expect(Object.isFrozen(value.list[0])).toBe(true);
  });

  it('is frozen below what its maker froze at the surface', () => {
    const value = Object.freeze({ inner: { list: [1] } });
    share(value);
    expect(() => value.inner.list.push(2)).toThrow(TypeError);
  });

  it('may go round in circles', () => {
    interface Circle {
      self?: Circle;
      at?: Date;
    }
    const frozen: Circle = {};
    frozen.self = frozen;
    expect(handOut(share(frozen)).self).toBe(frozen);
    const copied: Circle = { at: new Date(1) };
    copied.self = copied;
    const copy = handOut(share(copied));
    expect(copy.self).toBe(copy);
    expect(copy).not.toBe(copied);
  });

  it('may be as deep as an upstream likes', () => {
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(handOut(share(deep))).toBe(deep);
  });

  it('keeps a member named __proto__ a member, in a copy too', () => {
    const value: unknown = { at: new Date(1), inner: JSON.parse('{"__proto__":{"admin":true}}') };
    const copy = handOut(share(value));
    expect(JSON.stringify(copy)).toBe(JSON.stringify(value));
    expect(copy).not.toHaveProperty('inner.admin');
  });

  it('knows its copies', () => {
    const shared = share({ at: new Date(1) });
    expect(isHandedOut(handOut(shared), shared)).toBe(true);
    expect(isHandedOut({ at: new Date(1) }, shared)).toBe(false);
    expect(isHandedOut(undefined, undefined)).toBe(true);
  });
});

describe('an instance that can be neither frozen whole nor copied', () => {
  class Purse {
    #coins = 0;
    add(): number {
      return ++this.#coins;
    }
  }
  it.each([
    ['at the root', new Purse(), 'Purse'],
    ['in a list in a map', new Map([['a', [new Purse()]]]), 'Purse'],
    ['in a set', new Set([{ purse: new Purse() }]), 'Purse'],
    ['a promise', Promise.resolve(1), 'Promise'],
    ['nowhere in data', { list: [1n, new Date(), Buffer.from('a'), new Map([[1, /a/]])] }, undefined],
  ])('is found: %s', (_, value, name) => {
    expect(unknownInstanceIn(value)).toBe(name);
  });
});
