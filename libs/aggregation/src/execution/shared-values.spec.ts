import { beforeEach, describe, expect, it } from 'vitest';
import type { LastGoodStore } from '../run/last-good.js';
import { compilePlan } from '../compile/compile-plan.js';
import { declared, failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import type { Operation } from '@frontage/core';
import {
  createOrder,
  getParcel,
  getUser,
  listBanners,
  listOrders,
  type Banner,
  type Shopper,
} from '../fixtures/plan-shop.js';
import { batch, keys } from '../plan/batch.js';
import { pages } from '../plan/pages.js';
import { plan, type Plan } from '../plan/plan.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { lastGood } from '../plan/fallbacks.js';
import { each, optional, required, step, write } from '../plan/verbs.js';

/** RELIABILITY A17: what a plan hands to its functions cannot be changed for the requests that follow. */
let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const options = { input: { caller: given<Shopper>() }, deadlineMs: 100, reserveMs: 0 };
const ada: Shopper = { subject: 'ada', premium: true };
const broken: Reply = { failure: failed };

const { contract, method, path, responses } = listBanners;
const bannersById: Operation<{ query: { ids: string[] } }, Banner[], Record<never, never>, 'GET'> = {
  contract,
  id: 'bannersById',
  method,
  path,
  responses,
};

/** Does to a value, at any depth, whatever a careless function may do; what is refused is passed over. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (Buffer.isBuffer(value)) value.fill(0);
  else if (value instanceof Date) value.setTime(0);
  else if (value instanceof Map) {
    for (const member of value.values()) spoil(member);
    value.set('added', true);
  } else {
    for (const [key, member] of Object.entries(value)) {
      spoil(member);
      Reflect.set(value, key, 'spoilt');
    }
    Reflect.set(value, 'added', true);
  }
}

/** The arguments of a function of the plan, as text. */
const seen: string[] = [];
beforeEach(() => void seen.splice(0));
const shown = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) => (member instanceof Map ? [...member] : member));
function look(value: unknown): number {
  seen.push(shown(value));
  spoil(value);
  return seen.length;
}

async function twice<Parts>(
  made: Plan<{ caller: Shopper }, Parts>,
  replies: Readonly<Record<string, Reply>>,
): Promise<void> {
  const compiled = compilePlan(made, {
    clock: bench.clock,
    lastGood: bench.lastGood,
    bind:
      (_, { part }) =>
      async (args) => {
        const { value, failure, make } = replies[part] ?? {};
        return make?.(args) ?? failure ?? { ok: true, value: structuredClone(value) };
      },
  });
  for (const _ of [1, 2]) {
    bench.next();
    await bench.clock.until(compiled({ caller: ada }, bench.context));
  }
}

describe('a fallback that a plan declares', () => {
  it.each<[string, unknown]>([
    ['an object', { id: 'none', address: { city: 'here' }, list: [{ a: 1 }] }],
    ['a list', [{ id: 'none' }]],
    ['a map', new Map([['a', { left: 1 }]])],
    ['a date', new Date(86_400_000)],
    ['bytes', Buffer.from('picture')],
    ['all of them', { at: new Date(1), table: new Map([['a', [1]]]), bytes: Buffer.from('x'), inner: { of: [1] } }],
  ])('is the same for the next request, whatever a step did to it: %s', async (_, fallback) => {
    const before = shown(fallback);
    const made = plan('stood in', options, ({ caller }) => {
      const user = optional(getUser, { path: { id: caller.subject } }, { fallback });
      return { user, looked: step({ user }, (of) => look(of.user)) };
    });
    await twice(made, { user: broken });
    expect(seen).toEqual([before, before]);
    expect(shown(fallback)).toBe(before);
  });

  it('is not changed by the module that wrote it, and that one stays free to change its own', async () => {
    const fallback: { id: string }[] = [];
    const made = plan('stood in', options, () => {
      const banners = optional(listBanners, {}, { fallback });
      return { banners, looked: step({ banners }, (of) => look(of.banners)) };
    });
    fallback.push({ id: 'of the module' });
    await twice(made, { banners: broken });
    expect(seen).toEqual(['[]', '[]']);
  });

  it('stands in for items of an each, and is the same for the next item and request', async () => {
    const made = plan('per item', options, ({ caller }) => {
      const orders = required(listOrders, { query: { customerId: caller.subject } });
      const parcels = each(
        orders.items,
        (order) => optional(getParcel, { path: { id: order.parcelId } }, { fallback: { id: '?', state: 'packed' } }),
        { maxCount: 5 },
      );
      return { orders, parcels, looked: step({ parcels }, (of) => look(of.parcels)) };
    });
    const orders = { items: ['a', 'b'].map((id) => ({ id, parcelId: id, sku: id })) };
    await twice(made, { orders: { value: orders }, parcels: broken });
    const one = '{"id":"?","state":"packed"}';
    expect(seen).toEqual([`[${one},${one}]`, `[${one},${one}]`]);
  });

  it('stands in for rows of a batch', async () => {
    const made = plan('rows', options, ({ caller }) => {
      const orders = required(listOrders, { query: { customerId: caller.subject } });
      const banners = batch(
        keys(orders.items, (order) => order.sku),
        (ids) => optional(bannersById, { query: { ids } }, { fallback: [{ id: 'a', title: 't' }] }),
        { by: 'id', size: 10, maxCount: 10 },
      );
      return { orders, banners, looked: step({ banners }, (of) => look(of.banners)) };
    });
    await twice(made, { orders: { value: { items: [{ id: '1', parcelId: '1', sku: 'a' }] } }, banners: broken });
    const rows = '[["a",{"id":"a","title":"t"}]]';
    expect(seen).toEqual([rows, rows]);
  });

  it('stands in for a list of pages', async () => {
    const paged = plan('paged', options, () => {
      const banners = pages(
        (cursor) =>
          optional(
            listOrders,
            { query: { customerId: 'ada', limit: cursor } },
            { fallback: { items: [{ id: '?', parcelId: '?', sku: '?' }] } },
          ),
        { items: 'items', next: 'next', maxPages: 2, maxItems: 2 },
      );
      return { banners, looked: step({ banners }, (of) => look(of.banners)) };
    });
    await twice(paged, { banners: broken });
    const page = '[{"id":"?","parcelId":"?","sku":"?"}]';
    expect(seen).toEqual([page, page]);
  });

  it('holds plain data: an instance of a class is refused where the plan is made', () => {
    class Money {
      #amount = 1;
      get amount(): number {
        return this.#amount;
      }
    }
    const made = () =>
      plan('instance', options, ({ caller }) => ({
        user: optional(getUser, { path: { id: caller.subject } }, { fallback: { price: new Money() } }),
      }));
    expect(made).toThrow(/the fallback of optional\(getUser\) at .* holds an instance of Money, .*: write plain data/);
  });
});

describe('the value for a status', () => {
  it('is the same for the next request, and so is the body that a function gets', async () => {
    const made = plan('statuses', options, ({ caller }) => {
      const user = required(
        getUser,
        { path: { id: caller.subject } },
        { onStatus: { 404: { id: '', tags: ['none'] } } },
      );
      return { user, looked: step({ user }, (of) => look(of.user)) };
    });
    await twice(made, { user: { failure: declared(404, { title: 'none' }) } });
    expect(seen).toEqual(['{"id":"","tags":["none"]}', '{"id":"","tags":["none"]}']);
  });
});

describe('a last good response', () => {
  const remembered = plan('remembered', options, ({ caller }) => {
    const user = optional(getUser, { path: { id: caller.subject } }, { fallback: lastGood({ maxAgeMs: 1000 }) });
    return { user, looked: step({ user }, (of) => look(of.user.ok && of.user.value)) };
  });

  it.each<[string, unknown]>([
    ['an object', { id: 'ada', address: { city: 'here' } }],
    ['bytes', Buffer.from('picture')],
  ])('is what the upstream sent, whatever the request that got it did to it: %s', async (_, value) => {
    const text = shown(value);
    let calls = 0;
    await twice(remembered, { user: { make: () => (calls++ === 0 ? { ok: true, value } : failed) } });
    expect(seen).toEqual([text, text]);
  });

  it('is kept from changes in a store of a team, too', async () => {
    const kept = new Map<string, unknown>();
    const careless: LastGoodStore = {
      read: (key) => (kept.has(key) ? { value: kept.get(key), ageMs: 1 } : undefined),
      keep: (key, value) => void kept.set(key, JSON.parse(JSON.stringify(value))),
      drop: (key) => void kept.delete(key),
    };
    let calls = 0;
    const run = compilePlan(remembered, {
      clock: bench.clock,
      lastGood: careless,
      bind: () => async () => (calls++ === 0 ? { ok: true, value: { id: 'ada', address: { city: 'here' } } } : failed),
    });
    for (const _ of [1, 2, 3]) {
      bench.next();
      await bench.clock.until(run({ caller: ada }, bench.context));
    }
    expect(new Set(seen)).toEqual(new Set(['{"id":"ada","address":{"city":"here"}}']));
  });
});

describe('a problem that a step may return', () => {
  it('cannot be changed by the step', async () => {
    const gone = problem(410, 'gone', 'It is gone');
    const made = plan('problems', options, ({ caller }) => {
      const user = required(getUser, { path: { id: caller.subject } });
      const order = write(createOrder, { body: { customerId: user.id, skus: [] } });
      return { user, order, checked: step({ user, gone }, (of) => Reflect.set(of.gone, 'status', 500)) };
    });
    await twice(made, { user: { value: { id: 'ada' } }, order: { value: { id: 'o' } } });
    expect([gone.status, gone.code]).toEqual([410, 'gone']);
    expect(Reflect.set(gone, 'status', 500)).toBe(false);
  });
});
