import { channels } from '@frontage/core';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { beforeEach, describe, expect, it } from 'vitest';
import { success, hearLookups, settle, waiter } from '../fixtures/loads.js';
import { ManualClock } from '@frontage/testing/manual-clock';
import { OperationCache, type CachedOperation, type Load } from '../index.js';

let clock = new ManualClock();
beforeEach(() => {
  clock = new ManualClock();
});
const heard = hearLookups();

const operation = (cache: OperationCache): CachedOperation =>
  cache.operation({ upstream: 'catalogue', operation: 'getProduct', ttlMs: 1_000 });

describe('a shared cache of your own', () => {
  it('gives a response that another process loaded, until its expiry', async () => {
    const sharedCache = createCache({ stores: [new Keyv({ store: new Map() })] });
    const here = operation(new OperationCache({ sharedCache, app: 'mobile' }, clock));
    const there = operation(new OperationCache({ sharedCache, app: 'mobile' }, clock));
    await here.getOrLoad('k', waiter(), async () => success({ name: 'lamp' }));
    await settle();
    await clock.advance(900);
    const never: Load = () => Promise.reject(new Error('must not load'));
    expect(await there.getOrLoad('k', waiter(), never)).toEqual(success({ name: 'lamp' }));
    await clock.advance(100);
    expect(there.peek('k')).toBeUndefined();
    expect(await there.getOrLoad('k', waiter(), async () => success('new'))).toEqual(success('new'));
  });

  it('keeps the headers of a response with its value', async () => {
    const sharedCache = createCache({ stores: [new Keyv({ store: new Map() })] });
    const here = operation(new OperationCache({ sharedCache, app: 'mobile' }, clock));
    const there = operation(new OperationCache({ sharedCache, app: 'mobile' }, clock));
    const never: Load = () => Promise.reject(new Error('must not load'));
    const values = { object: { name: 'lamp' }, nothing: undefined, text: 'text', bytes: Buffer.from('bytes') };
    for (const [key, value] of Object.entries(values)) {
      const response = { ok: true, value, headers: { 'X-Total-Count': 7, Link: '<a>' } } as const;
      await here.getOrLoad(key, waiter(), async () => response);
      await settle();
      const found = await there.getOrLoad(key, waiter(), never);
      expect(found.ok && found.headers).toEqual(response.headers);
      expect(found.ok && (Buffer.isBuffer(value) ? String(found.value) : found.value)).toEqual(
        Buffer.isBuffer(value) ? 'bytes' : value,
      );
    }
  });

  it('F21: is not used while it does not respond, and the app works as without it', async () => {
    const warnings: unknown[] = [];
    const hear = (message: unknown) => void warnings.push(message);
    channels.warning.subscribe(hear);
    let asked = 0;
    let hangs = true;
    const store = {
      get: () => {
        asked++;
        return hangs ? new Promise<undefined>(() => {}) : Promise.resolve(undefined);
      },
      set: () => Promise.resolve(true),
      delete: () => Promise.resolve(true),
      clear: () => Promise.resolve(),
    };
    const sharedCache = createCache({ stores: [new Keyv({ store })] });
    const cached = operation(new OperationCache({ sharedCache, app: 'mobile' }, clock));
    for (let i = 0; i < 3; i++) {
      const loading = cached.getOrLoad(`k${i}`, waiter(), async () => success(i));
      await settle();
      await clock.advance(50);
      expect(await loading).toEqual(success(i));
    }
    expect(heard).toEqual(['error', 'error', 'error']);
    const askedBefore = asked;
    expect(await cached.getOrLoad('k3', waiter(), async () => success(3))).toEqual(success(3));
    expect(asked).toBe(askedBefore);
    hangs = false;
    await clock.advance(5_000);
    expect(await cached.getOrLoad('k4', waiter(), async () => success(4))).toEqual(success(4));
    expect(asked).toBeGreaterThan(askedBefore);
    expect(warnings).toMatchObject([
      { from: 'caching', message: 'the shared cache store does not respond: responses are cached in memory alone' },
      { from: 'caching', message: 'the shared cache store responds again' },
    ]);
    channels.warning.unsubscribe(hear);
  });

  it('F21: counts a store that throws as a store that does not respond', async () => {
    let asked = 0;
    const store = {
      get: () => {
        asked++;
        return Promise.reject(new Error('broken'));
      },
      set: () => Promise.reject(new Error('broken')),
      delete: () => Promise.resolve(true),
      clear: () => Promise.resolve(),
    };
    const sharedCache = createCache({ stores: [new Keyv({ store, throwOnErrors: true })] });
    const cached = operation(new OperationCache({ sharedCache, app: 'mobile' }, clock));
    for (let i = 0; i < 10; i++) {
      expect(await cached.getOrLoad(`k${i}`, waiter(), async () => success(i))).toEqual(success(i));
      await settle();
    }
    expect(asked).toBeLessThanOrEqual(3);
    expect(heard).toContain('error');
  });

  it('is refused without the name of the app, the prefix of its keys', async () => {
    expect(() => new OperationCache({ sharedCache: createCache() })).toThrow('write { sharedCache, app }');
    const kept = new Map<string, unknown>();
    const sharedCache = createCache({ stores: [new Keyv({ store: kept, useKeyPrefix: false })] });
    await operation(new OperationCache({ sharedCache, app: 'mobile' }, clock)).getOrLoad('k', waiter(), async () =>
      success(1),
    );
    await settle();
    expect([...kept.keys()].toSorted()).toEqual([
      'mobile:cache-marks:v1:operation:catalogue.getProduct',
      'mobile:cache:v3:k',
    ]);
  });
});
