import { channels, type Outcome, type Warning } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { Keyv } from 'keyv';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { hearLookups, settle, success, waiter } from './fixtures/loads.js';
import { OperationCache, ownCacheOf, type CachedOperation, type Load } from './index.js';

let clock = new ManualClock();
beforeEach(() => {
  clock = new ManualClock();
});
const heard = hearLookups();

const failed: Outcome<unknown> = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED', upstreamStatus: 503 };
const gone: Outcome<unknown> = { ok: false, status: 'not_found', code: 'GW_NOT_FOUND', upstreamStatus: 404 };
const rules = { upstream: 'catalogue', operation: 'getProduct', ttlMs: 1_000 };

function operation(windows: { staleWhileRevalidateMs?: number; staleIfErrorMs?: number }, random = 0.999_999) {
  return new OperationCache({ random: () => random }, clock).operation({ ...rules, ...windows });
}

/** As the clients do it. */
const read = async (cached: CachedOperation, load: Load): Promise<Outcome<unknown>> =>
  cached.peek('k') ?? cached.getOrLoad('k', waiter(clock.now() + 10_000), load);

/** A load that the test ends. */
function slowLoad() {
  const ends: ((outcome: Outcome<unknown>) => void)[] = [];
  const load: Load = () => new Promise((resolve) => ends.push(resolve));
  return { load, loads: () => ends.length, end: (outcome: Outcome<unknown>) => ends.at(-1)?.(outcome) };
}

describe('F21: staleWhileRevalidate', () => {
  it('gives a stale response at once to a thousand readers, and loads it once', async () => {
    const cached = operation({ staleWhileRevalidateMs: 500 });
    await read(cached, async () => success(1));
    await clock.advance(1_499);
    const { load, loads, end } = slowLoad();
    const all = await Promise.all(Array.from({ length: 1_000 }, () => read(cached, load)));
    expect(new Set(all)).toEqual(new Set([success(1)]));
    expect(loads()).toBe(1);
    end(success(2));
    await settle();
    expect(await read(cached, load)).toEqual(success(2));
    expect([loads(), heard.filter((one) => one === 'refresh')]).toEqual([1, ['refresh']]);
  });

  it('ends with its window: the next reader waits for a load', async () => {
    const cached = operation({ staleWhileRevalidateMs: 500 });
    await read(cached, async () => success(1));
    await clock.advance(1_500);
    expect(await read(cached, async () => success(2))).toEqual(success(2));
  });

  it('gives the stale response until the window is over where the load in the background fails', async () => {
    const cached = operation({ staleWhileRevalidateMs: 500 });
    await read(cached, async () => success(1));
    await clock.advance(1_200);
    for (const _ of [1, 2]) {
      expect(await read(cached, async () => failed)).toEqual(success(1));
      await settle();
    }
    await clock.advance(300);
    expect(await read(cached, async () => failed)).toEqual(failed);
  });

  it('publishes a warning of a load in the background that throws', async () => {
    const warnings: string[] = [];
    const listen = (message: unknown): void => void warnings.push((message as Warning).message);
    channels.warning.subscribe(listen);
    onTestFinished(() => {
      channels.warning.unsubscribe(listen);
    });
    const cached = operation({ staleWhileRevalidateMs: 500 });
    await read(cached, async () => success(1));
    await clock.advance(1_200);
    expect(await read(cached, () => Promise.reject(new Error('bug')))).toEqual(success(1));
    await settle();
    expect(warnings).toEqual(['a cached response could not be loaded anew']);
  });

  it('loads a response anew before its end, the earlier the longer a load takes, and no reader waits', async () => {
    // -ln(0.5) = 0.69: with a load of 100 ms the last 69 ms count.
    const cached = operation({ staleWhileRevalidateMs: 500 }, 0.5);
    const { load, loads, end } = slowLoad();
    const first = read(cached, load);
    await clock.advance(100);
    end(success(1));
    await first;
    await clock.advance(930);
    expect(await read(cached, load)).toEqual(success(1));
    expect(loads()).toBe(1);
    await clock.advance(1);
    expect(await read(cached, load)).toEqual(success(1));
    expect(loads()).toBe(2);
    expect(heard).toEqual(['miss', 'hit', 'refresh', 'miss', 'hit']);
  });

  it('calls the upstream before the end of a response that the shared store has too, and takes a newer one from there', async () => {
    const store = new Keyv();
    const sharedCache = await ownCacheOf([store]);
    const process = () =>
      new OperationCache({ random: () => 0.5, sharedCache, app: 'spec' }, clock).operation({
        ...rules,
        staleWhileRevalidateMs: 500,
      });
    const [one, other] = [process(), process()];
    const { load, loads, end } = slowLoad();
    for (const [cached, value] of [
      [one, 1],
      [other, 2],
    ] as const) {
      const first = read(cached, load);
      await expect.poll(loads).toBe(value);
      await clock.advance(100);
      end(success(value));
      expect(await first).toEqual(success(value));
      if (value === 1) await store.clear();
      await settle();
    }
    // The first response has 31 ms left, the second one, which is in the store, 131 ms.
    await clock.advance(869);
    expect(await read(one, load)).toEqual(success(1));
    await expect.poll(() => one.peek('k') ?? read(one, load)).toEqual(success(2));
    expect(loads()).toBe(2);
    await clock.advance(62);
    expect(await read(other, load)).toEqual(success(2));
    await expect.poll(loads).toBe(3);
  });

  it('drops a stale response that its reader refuses', async () => {
    const cached = operation({ staleWhileRevalidateMs: 500, staleIfErrorMs: 500 });
    await read(cached, async () => success('unfit'));
    await clock.advance(1_200);
    cached.drop('k');
    expect(await read(cached, async () => failed)).toEqual(failed);
  });
});

describe('F21: staleIfError', () => {
  it('gives a stale response to all who wait for a load that fails, until its window is over', async () => {
    const cached = operation({ staleIfErrorMs: 60_000 });
    await read(cached, async () => success(1));
    await clock.advance(60_999);
    const { load, loads, end } = slowLoad();
    const all = [read(cached, load), read(cached, load)];
    end(failed);
    expect(await Promise.all(all)).toEqual([success(1), success(1)]);
    expect(loads()).toBe(1);
    await clock.advance(1);
    expect(await read(cached, async () => failed)).toEqual(failed);
  });

  it.each<[string, Outcome<unknown>]>([
    ['a timeout', { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' }],
    ['an open circuit', { ok: false, status: 'open_circuit', code: 'GW_UPSTREAM_OPEN_CIRCUIT' }],
    ['no free place', { ok: false, status: 'shed', code: 'GW_OVERLOADED' }],
  ])('stands in for %s', async (_, outcome) => {
    const cached = operation({ staleIfErrorMs: 1_000 });
    await read(cached, async () => success(1));
    await clock.advance(1_500);
    expect(await read(cached, async () => outcome)).toEqual(success(1));
  });

  it.each<[string, Outcome<unknown>]>([
    ['a declared 404', gone],
    ['a refused credential', { ok: false, status: 'forbidden', code: 'GW_UPSTREAM_REFUSED', upstreamStatus: 403 }],
    ['a 429', { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED', upstreamStatus: 429 }],
    ['a call that was given up', { ok: false, status: 'skipped', code: 'GW_UPSTREAM_FAILED' }],
  ])('does not stand in for %s', async (_, outcome) => {
    const cached = operation({ staleIfErrorMs: 1_000 });
    await read(cached, async () => success(1));
    await clock.advance(1_500);
    expect(await read(cached, async () => outcome)).toEqual(outcome);
  });

  it('is off where policy does not write it', async () => {
    const cached = operation({});
    await read(cached, async () => success(1));
    await clock.advance(1_000);
    expect(await read(cached, async () => failed)).toEqual(failed);
  });
});
