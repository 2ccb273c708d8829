import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownHeaders, type KnownHeader } from './known-headers.js';
import { lasting } from './proof.js';

const entry = (header: string): KnownHeader => {
  const caller = { subject: header, scopes: [], roles: [] };
  const proof = { caller, facts: { subject: header }, credential: '', until: 1, ground: lasting, generation: 0 };
  return { header, known: { proof, epoch: 0 }, token: header };
};

describe('known headers', () => {
  it('are found by all of their text, also where their ends are the same', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.boolean()), { maxLength: 100 }), (steps) => {
        const headers = new KnownHeaders(20);
        const end = 'e'.repeat(32);
        for (const [start, isKept] of steps) {
          const header = `Bearer ${start}${end}`;
          if (isKept) headers.set(entry(header), 0);
          const found = headers.get(header, 0);
          if (isKept || found !== undefined) expect(found?.token).toBe(header);
        }
      }),
    );
  });

  it('never number more than the bound, and those in use stay', () => {
    const headers = new KnownHeaders(10);
    headers.set(entry('Bearer in use'), 0);
    for (let index = 0; index < 1_000; index++) {
      headers.set(entry(`Bearer ${index}`), 0);
      expect(headers.get('Bearer in use', 0)?.token).toBe('Bearer in use');
      expect(headers.size).toBeLessThanOrEqual(10);
    }
    expect(headers.get('Bearer 999', 0)?.token).toBe('Bearer 999');
    expect(headers.get('Bearer 0', 0)).toBeUndefined();
  });

  it('are forgotten two minutes after their last use, and at once after a quiet time', () => {
    const headers = new KnownHeaders(10);
    headers.set(entry('Bearer a'), 0);
    headers.set(entry('Bearer b'), 0);
    for (const at of [59_999, 60_000, 119_999, 120_000]) headers.get('Bearer a', at);
    expect(headers.get('Bearer b', 120_001)).toBeUndefined();
    expect(headers.get('Bearer a', 120_001)?.token).toBe('Bearer a');
    expect(headers.get('Bearer a', 400_000)).toBeUndefined();
    expect(headers.size).toBe(0);
  });

  it('of more than 2,048 characters are not kept', () => {
    const headers = new KnownHeaders(10);
    headers.set(entry(`Bearer ${'a'.repeat(2_042)}`), 0);
    expect(headers.size).toBe(0);
    headers.set(entry(`Bearer ${'a'.repeat(2_041)}`), 0);
    expect(headers.size).toBe(1);
  });
});
