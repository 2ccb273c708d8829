import type { Outcome, Success } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waiter } from '../fixtures/loads.js';
import { KeptBody, OperationCache, readKept, type KeptReader } from '../index.js';

/** A reader that counts, and gives the named member. */
function readerOf(member: string): KeptReader & { reads: number } {
  return {
    reads: 0,
    read(bytes) {
      this.reads++;
      const parsed: unknown = JSON.parse(bytes.toString());
      return { ok: true, value: { got: Reflect.get(Object(parsed), member) } };
    },
  };
}

const lamp = '{"name":"lamp","price":{"amount":1}}';
const responseOf = (body: KeptBody, headers?: Success<unknown>['headers']): Success<unknown> =>
  Object.freeze({ ok: true, value: body, ...(headers && { headers }) });

describe('a body that is kept as it arrived', () => {
  it('is read once by each of its readers, who get a frozen value', () => {
    const response = responseOf(new KeptBody(Buffer.from(lamp)), { 'X-Total-Count': 7 });
    const [name, price] = [readerOf('name'), readerOf('price')];
    for (const _ of [1, 2, 3]) {
      expect(readKept(response, name)).toEqual({ ok: true, value: { got: 'lamp' }, headers: { 'X-Total-Count': 7 } });
      const read = readKept(response, price);
      expect(read.ok && read.value).toEqual({ got: { amount: 1 } });
      expect(() => Object.assign(Object(read.ok && Reflect.get(Object(read.value), 'got')), { amount: 0 })).toThrow(
        TypeError,
      );
    }
    expect(readKept(response, name)).toBe(readKept(response, name));
    expect([name.reads, price.reads]).toEqual([1, 1]);
  });

  it('is not read by the reader that read it when it arrived', () => {
    const body = new KeptBody(Buffer.from(lamp));
    const reader = readerOf('name');
    body.wasRead(reader, 'value of its arrival');
    expect(readKept(responseOf(body), reader)).toEqual({ ok: true, value: 'value of its arrival' });
    expect(reader.reads).toBe(0);
  });

  it('gives each reader its own failure', () => {
    const response = responseOf(new KeptBody(Buffer.from(lamp)));
    const failure: Outcome<unknown> = { ok: false, status: 'bad_payload', code: 'GW_UPSTREAM_BAD_PAYLOAD' };
    expect(readKept(response, { read: () => failure })).toEqual(failure);
    expect(readKept(response, readerOf('name'))).toMatchObject({ ok: true });
  });

  it('holds no larger buffer that its bytes were a part of', () => {
    const chunk = Buffer.alloc(100_000, 'x');
    const body = new KeptBody(chunk.subarray(10, 20));
    expect(body.bytes.buffer.byteLength).toBe(10);
    chunk.fill('y');
    expect(body.bytes.toString()).toBe('x'.repeat(10));
  });

  it('keeps four readings at most', () => {
    const response = responseOf(new KeptBody(Buffer.from(lamp)));
    const readers = Array.from({ length: 50 }, () => readerOf('name'));
    for (const reader of readers) readKept(response, reader);
    for (const reader of readers.slice(-4)) readKept(response, reader);
    readKept(response, readers[0] ?? readerOf('name'));
    expect(readers.map(({ reads }) => reads)).toEqual([2, ...Array.from({ length: 49 }, () => 1)]);
  });
});

describe('the memory of kept bodies', () => {
  const open = (maxBytes: number, maxEntries = 100) => {
    const cache = new OperationCache({ maxBytes, maxEntries }, new ManualClock());
    const cached = cache.operation({ upstream: 'u', operation: 'o', ttlMs: 1_000 });
    const keep = async (key: string, length: number): Promise<Outcome<unknown>> => {
      const load = async (): Promise<Outcome<unknown>> => ({
        ok: true,
        value: new KeptBody(Buffer.alloc(length, '1')),
      });
      return cached.peek(key) ?? cached.getOrLoad(key, waiter(), load);
    };
    return { cache, cached, keep };
  };
  /** Its reading takes as many bytes as it says. */
  const readerOfSize = (size: number): KeptReader => ({ read: () => ({ ok: true, value: new Uint8Array(size) }) });

  it('counts a body, and each reading from when it is made', async () => {
    const { cache, cached, keep } = open(100_000);
    const response = await keep('k', 1_000);
    const alone = cache.bytes;
    expect(alone).toBeGreaterThan(1_000);
    expect(alone).toBeLessThan(2_000);
    const [one, two] = [readerOfSize(5_000), readerOfSize(300)];
    readKept(response, one);
    expect(cache.bytes - alone).toBeGreaterThanOrEqual(5_000);
    const withOne = cache.bytes;
    readKept(response, one);
    expect(cache.bytes).toBe(withOne);
    readKept(response, two);
    expect(cache.bytes - withOne).toBeGreaterThanOrEqual(300);
    cached.drop('k');
    expect(cache.bytes).toBe(0);
    readKept(response, readerOfSize(1_000));
    expect(cache.bytes).toBe(0);
  });

  it('evicts others for a reading, and gives up readings that are larger than the bound', async () => {
    const { cache, cached, keep } = open(10_000);
    await keep('old', 2_000);
    const response = await keep('new', 2_000);
    readKept(response, readerOfSize(6_000));
    expect([cached.peek('old'), cached.peek('new') === undefined]).toEqual([undefined, false]);
    readKept(response, readerOfSize(50_000));
    expect(cached.peek('new')).toBeDefined();
    expect(cache.bytes).toBeLessThan(3_000);
  });

  it('stays within its bound, and counts exactly what is there, for any reads', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      length: fc.integer({ min: 0, max: 3_000 }),
      reader: fc.option(fc.constantFrom(0, 1, 2, 3, 4, 5)),
      isDropped: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { cache, cached, keep } = open(10_000, 4);
        const readers = [10, 500, 1_000, 4_000, 9_000, 20_000].map(readerOfSize);
        for (const { key, length, reader, isDropped } of steps) {
          if (isDropped && reader === null) cached.drop(key);
          else {
            const response = await keep(key, length);
            const by = readers[reader ?? -1];
            if (by !== undefined) readKept(response, by);
          }
          expect(cache.bytes).toBeLessThanOrEqual(10_000);
          let bytes = 0;
          for (const at of ['a', 'b', 'c', 'd', 'e']) {
            const found = cached.peek(at);
            if (found?.ok === true && found.value instanceof KeptBody) bytes += 202 + found.value.size;
          }
          expect(cache.bytes).toBe(bytes);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a response larger than the rule allows', () => {
  const load = (text: string) => async (): Promise<Outcome<unknown>> => ({
    ok: true,
    value: new KeptBody(Buffer.from(text)),
  });
  it('is given, and not kept; an older one is forgotten', async () => {
    const clock = new ManualClock();
    const cached = new OperationCache({}, clock).operation({
      upstream: 'u',
      operation: 'o',
      ttlMs: 1_000,
      staleIfErrorMs: 10_000,
      maxBytes: 10,
    });
    await cached.getOrLoad('k', waiter(), load('1234567890'));
    expect(cached.peek('k')).toBeDefined();
    await clock.advance(1_000);
    const outcome = await cached.getOrLoad('k', waiter(2_000_000), load('12345678901'));
    expect(outcome.ok && outcome.value instanceof KeptBody && outcome.value.bytes.byteLength).toBe(11);
    expect(cached.peek('k')).toBeUndefined();
    const failed: Outcome<unknown> = { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' };
    expect(await cached.getOrLoad('k', waiter(2_000_000), async () => failed)).toEqual(failed);
  });
});
