import type { Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { ada, bob, hearLookups, success, waiter } from './fixtures/loads.js';
import { OperationCache, type CachedOperation, type Load } from './index.js';

let clock = new ManualClock();
beforeEach(() => {
  clock = new ManualClock();
});
const heard = hearLookups();

const gone: Outcome<unknown> = {
  ok: false,
  status: 'not_found',
  code: 'GW_NOT_FOUND',
  upstreamStatus: 404,
  declared: { status: 404, body: { title: 'none' } },
};
const rules = { upstream: 'catalogue', operation: 'getProduct', ttlMs: 60_000, negativeMs: 1_000 };

const read = async (cached: CachedOperation, load: Load, key = 'k'): Promise<Outcome<unknown>> =>
  cached.peek(key) ?? cached.getOrLoad(key, waiter(clock.now() + 10_000), load);

const never: Load = () => Promise.reject(new Error('must not load'));

describe('F21: a declared 404', () => {
  it('is given without a call for its own time, and counted', async () => {
    const cached = new OperationCache({}, clock).operation(rules);
    expect(await read(cached, async () => gone)).toEqual(gone);
    await clock.advance(999);
    expect(await read(cached, never)).toEqual(gone);
    await clock.advance(1);
    expect(await read(cached, async () => success('new'))).toEqual(success('new'));
    expect(await read(cached, never)).toEqual(success('new'));
    expect(heard).toEqual(['miss', 'negative', 'miss', 'hit']);
  });

  it('is not kept where policy does not write it', async () => {
    const { negativeMs: _, ...without } = rules;
    const cached = new OperationCache({}, clock).operation(without);
    await read(cached, async () => gone);
    expect(await read(cached, async () => success(1))).toEqual(success(1));
  });

  it.each<[string, Outcome<unknown>]>([
    [
      'a status that the contract does not declare',
      { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED', upstreamStatus: 404 },
    ],
    ['a 500', { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED', upstreamStatus: 500 }],
    ['a timeout', { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' }],
    ['a refusal', { ok: false, status: 'forbidden', code: 'GW_UPSTREAM_REFUSED', upstreamStatus: 403 }],
  ])('R4: is the only failure that is kept: not %s', async (_, failure) => {
    const cached = new OperationCache({}, clock).operation(rules);
    await read(cached, async () => failure);
    expect(await read(cached, async () => success(1))).toEqual(success(1));
  });

  it('takes the place of an older response, which stands in for nothing from then on', async () => {
    const cached = new OperationCache({}, clock).operation({ ...rules, staleIfErrorMs: 600_000 });
    await read(cached, async () => success('old'));
    await clock.advance(60_000);
    await read(cached, async () => gone);
    await clock.advance(1_000);
    const failed: Outcome<unknown> = { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' };
    expect(await read(cached, async () => failed)).toEqual(failed);
  });

  it('is loaded once for many readers, and no reader can change the body of the others', async () => {
    const cached = new OperationCache({}, clock).operation({ ...rules, staleWhileRevalidateMs: 5_000 });
    let loads = 0;
    const load: Load = async () => {
      loads++;
      return structuredClone(gone);
    };
    const first = await Promise.all(Array.from({ length: 100 }, () => read(cached, load)));
    for (const outcome of [...first, await read(cached, load)]) {
      const body = outcome.ok ? undefined : outcome.declared?.body;
      expect(() => Object.assign(Object(body), { title: 'mine' })).toThrow(TypeError);
    }
    expect(loads).toBe(1);
  });

  it('R2: belongs to its caller', async () => {
    const cached = new OperationCache({}, clock).operation(rules);
    await read(cached, async () => gone, cached.key({}, ada));
    expect(await read(cached, async () => success('of bob'), cached.key({}, bob))).toEqual(success('of bob'));
  });

  it('is forgotten when its key is dropped', async () => {
    const cached = new OperationCache({}, clock).operation(rules);
    await read(cached, async () => gone);
    cached.drop('k');
    expect(await read(cached, async () => success(1))).toEqual(success(1));
  });

  it('drives out few responses, however many things are asked for that do not exist', async () => {
    const cache = new OperationCache({ maxEntries: 100 }, clock);
    const cached = cache.operation(rules);
    for (let at = 0; at < 90; at++) await read(cached, async () => success(at), `good ${at}`);
    for (let at = 0; at < 10_000; at++) await read(cached, async () => gone, `bad ${at}`);
    expect(cache.size).toBe(100);
    for (let at = 0; at < 90; at++) expect(await read(cached, never, `good ${at}`)).toEqual(success(at));
    expect(await read(cached, never, 'bad 9999')).toEqual(gone);
    // A thing that is made later takes the place of its failure, and stays when failures are driven out.
    await clock.advance(1_000);
    await read(cached, async () => success('made'), 'bad 9999');
    for (let at = 0; at < 100; at++) await read(cached, async () => gone, `worse ${at}`);
    expect(await read(cached, never, 'bad 9999')).toEqual(success('made'));
  });
});
