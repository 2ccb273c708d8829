import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryStore, type MemoryEntry } from './memory-store.js';

const response = (text: string) => ({ ok: true, value: text }) as const;

const entry = (made: ReturnType<typeof response>, expiresAt: number) => ({
  response: made,
  expiresAt,
  keptUntil: expiresAt,
  loadMs: 0,
  marks: [],
});

const textOf = (found: MemoryEntry | undefined): unknown =>
  found?.response.ok === true ? found.response.value : undefined;

/** Bytes of a one-letter key and of a text, as the store estimates them. */
const sizeOf = (text: string): number => 200 + 2 + 16 + 2 * text.length;

describe('the memory of a response cache', () => {
  it('evicts the least recently used response when it has more entries than its bound', () => {
    const store = new MemoryStore(2, 10_000);
    store.set('a', entry(response('1'), 100));
    store.set('b', entry(response('2'), 100));
    expect(store.find('a', 0)?.response).toEqual(response('1'));
    store.set('c', entry(response('3'), 100));
    expect(['a', 'b', 'c'].map((key) => textOf(store.find(key, 0)))).toEqual(['1', undefined, '3']);
  });

  it('evicts as many responses as a larger one needs, and never itself for a value that fits', () => {
    const store = new MemoryStore(10, 1_000);
    for (const key of ['a', 'b', 'c']) store.set(key, entry(response(key), 100));
    store.set('a', entry(response('x'.repeat(391)), 100));
    expect(store.bytes).toBe(sizeOf('x'.repeat(391)));
    expect(['a', 'b', 'c'].map((key) => store.find(key, 0) !== undefined)).toEqual([true, false, false]);
  });

  it('has no entry for a value above the bound, and forgets the value that it replaces', () => {
    const store = new MemoryStore(10, 1_000);
    store.set('a', entry(response('small'), 100));
    store.set('b', entry(response('small'), 100));
    store.set('a', entry(response('x'.repeat(1_000)), 100));
    expect(store.find('a', 0)).toBeUndefined();
    expect(store.find('b', 0)?.response).toEqual(response('small'));
    expect([store.size, store.bytes]).toEqual([1, sizeOf('small')]);
  });

  it('removes an expired response when it is looked up, with its bytes', () => {
    const store = new MemoryStore(10, 1_000);
    store.set('a', entry(response('1'), 100));
    expect(store.find('a', 99)?.response).toEqual(response('1'));
    expect(store.find('a', 100)).toBeUndefined();
    expect([store.size, store.bytes]).toEqual([0, 0]);
  });

  it.each([
    [0, 1_000, 'maxEntries: found 0; write a whole number from 1'],
    [1.5, 1_000, 'maxEntries: found 1.5'],
    [-1, 1_000, 'maxEntries: found -1'],
    [10, 0, 'maxBytes: found 0'],
    [10, Number.POSITIVE_INFINITY, 'maxBytes: found Infinity'],
    [10, Number.NaN, 'maxBytes: found NaN'],
  ])('is not made with %d entries and %d bytes, because it would have no bound', (entries, bytes, message) => {
    expect(() => new MemoryStore(entries, bytes)).toThrow(message);
  });

  it('holds the same responses and bytes as a slow model, after each of many sets and lookups', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const set = fc.record({ key, length: fc.integer({ min: 0, max: 500 }), ttl: fc.integer({ min: 1, max: 20 }) });
    const step = fc.record({ by: fc.oneof(set, key), wait: fc.integer({ min: 0, max: 5 }) });
    const bounds = [fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 2_000 })] as const;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), ...bounds, (steps, maxEntries, maxBytes) => {
        const store = new MemoryStore(maxEntries, maxBytes);
        // The least recently used entry comes first.
        let model: { key: string; text: string; expiresAt: number }[] = [];
        const bytesOf = (): number => model.reduce((sum, { text }) => sum + sizeOf(text), 0);
        let now = 0;
        for (const { by, wait } of steps) {
          now += wait;
          const name = typeof by === 'string' ? by : by.key;
          const present = model.find((entry) => entry.key === name);
          model = model.filter((entry) => entry !== present);
          if (typeof by === 'string') {
            const expected = present !== undefined && present.expiresAt > now ? present : undefined;
            if (expected !== undefined) model.push(expected);
            expect(textOf(store.find(name, now))).toBe(expected?.text);
          } else {
            const text = 'x'.repeat(by.length);
            store.set(name, entry(response(text), now + by.ttl));
            if (sizeOf(text) <= maxBytes) model.push({ key: name, text, expiresAt: now + by.ttl });
            while (model.length > maxEntries || bytesOf() > maxBytes) model.shift();
          }
          expect([store.size, store.bytes]).toEqual([model.length, bytesOf()]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
