import { describe, expect, it } from 'vitest';
import { ManualClock } from '@frontage/testing/manual-clock';
import { waiter } from './fixtures/loads.js';
import { OperationCache, type CachedOperation, type Load } from './index.js';

/** RELIABILITY A17: no request can change a value that requests share. */
const cached = (): CachedOperation =>
  new OperationCache({}, new ManualClock()).operation({ upstream: 'catalogue', operation: 'getProduct', ttlMs: 1_000 });
const never: Load = () => Promise.reject(new Error('must not load'));
const valueOf = (outcome: unknown): unknown => Reflect.get(Object(outcome), 'value');

describe('a cached response', () => {
  const product = () => ({ name: 'lamp', tags: ['new'], price: { amount: 1 } });

  it('cannot be changed by the request that loaded it, nor by a later request', async () => {
    const operation = cached();
    const first = await operation.getOrLoad('k', waiter(), async () => ({ ok: true, value: product() }));
    const found = operation.peek('k');
    const later = await operation.getOrLoad('k', waiter(), never);
    for (const outcome of [first, found, later]) {
      const value = valueOf(outcome);
      expect(() => Object.assign(Object(value), { name: 'price for ada' })).toThrow(TypeError);
      expect(Reflect.set(Object(Reflect.get(Object(value), 'price')), 'amount', 0)).toBe(false);
      expect(Reflect.set(Object(Reflect.get(Object(value), 'tags')), 0, 'old')).toBe(false);
      expect(Reflect.set(Object(outcome), 'value', 'mine')).toBe(false);
    }
    expect(operation.peek('k')).toEqual({ ok: true, value: product() });
  });

  it('cannot be changed through a reference that the upstream client kept', async () => {
    const operation = cached();
    const loaded = product();
    await operation.getOrLoad('k', waiter(), async () => ({ ok: true, value: loaded }));
    expect(() => loaded.tags.push('mine')).toThrow(TypeError);
  });

  it('has the bytes that arrived, after a request has changed its own bytes', async () => {
    const operation = cached();
    const load: Load = async () => ({ ok: true, value: Buffer.from('picture') });
    const handed = [
      valueOf(await operation.getOrLoad('k', waiter(), load)),
      valueOf(operation.peek('k')),
      valueOf(await operation.getOrLoad('k', waiter(), never)),
    ];
    for (const value of handed) {
      expect(value).toEqual(Buffer.from('picture'));
      if (Buffer.isBuffer(value)) value.fill(0);
    }
    expect(valueOf(operation.peek('k'))).toEqual(Buffer.from('picture'));
  });
});

describe('requests that wait for one load', () => {
  it.each<[string, unknown]>([
    ['an object', { name: 'lamp', tags: ['new'] }],
    ['bytes', Buffer.from('picture')],
    ['dates and maps', { at: new Date(1), table: new Map([['a', { left: 1 }]]) }],
  ])('cannot change the value of the others: %s', async (_, value) => {
    const operation = cached();
    let land: (() => void) | undefined;
    const load: Load = () =>
      new Promise((resolve) => {
        land = () => resolve({ ok: true, value });
      });
    const expected = structuredClone(Buffer.isBuffer(value) ? [...value] : value);
    const waiting = [1, 2, 3].map(() => operation.getOrLoad('k', waiter(), load));
    land?.();
    for (const one of waiting) {
      const got = valueOf(await one);
      expect(Buffer.isBuffer(got) ? [...got] : got).toEqual(expected);
      if (Buffer.isBuffer(got)) got.fill(0);
      Reflect.set(Object(got), 'name', 'price for ada');
      const at: unknown = Reflect.get(Object(got), 'at');
      if (at instanceof Date) at.setTime(0);
      const table: unknown = Reflect.get(Object(got), 'table');
      if (table instanceof Map) table.clear();
    }
  });

  it('cannot change the error body of the others', async () => {
    const operation = cached();
    let land: (() => void) | undefined;
    const load: Load = () =>
      new Promise((resolve) => {
        land = () =>
          resolve({
            ok: false,
            status: 'not_found',
            code: 'GW_UPSTREAM_FAILED',
            upstreamStatus: 404,
            declared: { status: 404, body: { title: 'none' } },
          });
      });
    const [first, second] = [1, 2].map(() => operation.getOrLoad('k', waiter(), load));
    land?.();
    const outcome = await first;
    const body: unknown = outcome === undefined || outcome.ok ? undefined : outcome.declared?.body;
    expect(() => Object.assign(Object(body), { title: 'for ada' })).toThrow(TypeError);
    expect(await second).toMatchObject({ declared: { body: { title: 'none' } } });
  });
});
