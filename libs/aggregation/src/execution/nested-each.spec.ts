import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { getParcel, getUser, listOrders, type OrderPage, type Shopper } from '../fixtures/plan-shop.js';
import { given } from '../model/schema.js';
import { plan } from '../plan/plan.js';
import { each, optional, required } from '../plan/verbs.js';

const contract: Contract = {
  upstream: 'tours',
  title: 'Tours',
  version: '1',
  schemas: new SchemaTable([
    [
      'listTours.200',
      JSON.stringify({
        type: 'array',
        items: {
          type: 'object',
          required: ['id', 'stops'],
          properties: {
            id: { type: 'string' },
            stops: {
              type: 'array',
              items: {
                type: 'object',
                required: ['parcelId', 'door'],
                properties: {
                  parcelId: { type: ['string', 'null'] },
                  door: { type: 'string' },
                  note: { type: 'string' },
                },
              },
            },
          },
        },
      }),
    ],
  ]),
};
interface Tour {
  id: string;
  stops: { parcelId: string | null; door: string; note?: string }[];
}
const listTours: Operation<Record<never, never>, Tour[], Record<never, never>, 'GET'> = {
  contract,
  id: 'listTours',
  method: 'GET',
  path: '/tours',
  responses: [{ status: '200', media: 'application/json', schema: 'listTours.200' }],
};

const getDoor: Operation<{ path: { tour: string; door: string } }, { open: boolean }, Record<never, never>, 'GET'> = {
  contract,
  id: 'getDoor',
  method: 'GET',
  path: '/tours/{tour}/doors/{door}',
  responses: [{ status: '200' }],
};

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const options = { input: { caller: given<Shopper>() }, deadlineMs: 100, reserveMs: 0 };
const ada: Shopper = { subject: 'ada', premium: true };
const byId = (...failing: readonly string[]): Reply => ({
  afterMs: 10,
  make: ({ path }) => {
    const id = String(path?.['id']);
    return failing.includes(id) ? failed : { ok: true, value: id };
  },
});
const asked = () => bench.calls.slice(1).map(({ args, at }) => `${at} ${String(args.path?.['id'])}`);
const stop = (parcelId: unknown, door: unknown = 'd') => ({ parcelId, door });

describe('a call per item of the lists in the items', () => {
  const round = plan('round', options, () => {
    const tours = required(listTours, {});
    const parcels = each(
      tours,
      (tour) =>
        each(tour.stops, (at) => optional(getParcel, { path: { id: at.parcelId } }), { maxCount: 3, concurrency: 1 }),
      { maxCount: 2, concurrency: 3 },
    );
    return { tours, parcels };
  });
  const ok = (value: unknown) => ({ ok: true, value });
  const skipped = { ok: false, status: 'skipped' };

  it('gives a list of lists, in order, so many at a time in all, and asks once for what is equal', async () => {
    const tours = [
      { id: 't1', stops: [stop('a'), stop('b')] },
      { id: 't2', stops: [stop('c'), stop('a'), stop('d')] },
    ];
    const { result } = await bench.finish(
      bench.start(round, { caller: ada }, { tours: { value: tours }, parcels: byId() }),
    );
    expect(result).toMatchObject({
      values: [
        tours,
        [
          [ok('a'), ok('b')],
          [ok('c'), ok('a'), ok('d')],
        ],
      ],
      report: undefined,
    });
    expect(asked()).toEqual(['0 a', '0 b', '0 c', '10 d']);
  });

  it('loses an inner item alone where its call fails, its key is null, or its contract is broken', async () => {
    const tours = [
      { id: 't1', stops: [stop('a'), stop(null), stop({}), stop('e')] },
      { id: 't2', stops: [stop('bad'), 7, stop('c')] },
      { id: 't3', stops: [stop('z')] },
    ];
    const { result } = await bench.finish(
      bench.start(round, { caller: ada }, { tours: { value: tours }, parcels: byId('bad', '[object Object]') }),
    );
    expect(result).toMatchObject({
      values: [
        tours,
        [[ok('a'), skipped, { ok: false }, skipped], [{ ok: false, status: 'error' }, skipped, ok('c')], []],
      ],
      report: {
        parcels: {
          items: { '0.1': 'skipped', '0.2': 'error', '0.3': 'skipped', '1.0': 'error', '1.1': 'skipped', 2: 'skipped' },
        },
      },
    });
  });

  it('has no calls for an item without a list; one that is no list costs that item', async () => {
    const tours = [{ id: 't1' }, { id: 't2', stops: null }, { id: 't3', stops: 'x' }];
    const three = plan('three', options, () => {
      const all = required(listTours, {});
      const parcels = each(
        all,
        (tour) => each(tour.stops, (at) => optional(getParcel, { path: { id: at.parcelId } }), { maxCount: 3 }),
        { maxCount: 9 },
      );
      const doors = each(
        all,
        (tour) => each(tour.stops, (at) => required(getUser, { path: { id: at.door } }), { maxCount: 3 }),
        { maxCount: 2 },
      );
      return { all, parcels, doors };
    });
    const { result } = await bench.finish(bench.start(three, { caller: ada }, { all: { value: tours } }));
    expect(result).toMatchObject({
      values: [tours, [[], [], []], [[], []]],
      report: { parcels: { items: { 2: 'bad_payload' } }, doors: { items: { 2: 'skipped' } } },
    });
    bench.next();
    const strict = await bench.finish(bench.start(three, { caller: ada }, { all: { value: [tours[2]] } }));
    expect(strict.result).toMatchObject({ kind: 'refused', code: 'GW_UPSTREAM_BAD_PAYLOAD', part: 'doors' });
  });

  it('reads the items around it, and may be required: then one failure fails the page', async () => {
    const tours = [{ id: 't1', stops: [stop('a', 'x'), stop('a', 'y')] }];
    const pairs = plan('pairs', options, () => {
      const all = required(listTours, {});
      const doors = each(
        all,
        (tour) =>
          each(tour.stops, (at) => required(getDoor, { path: { tour: tour.id, door: at.door } }), { maxCount: 3 }),
        { maxCount: 2 },
      );
      return { all, doors };
    });
    const { result } = await bench.finish(
      bench.start(
        pairs,
        { caller: ada },
        { all: { value: tours }, doors: { make: ({ path }) => ({ ok: true, value: path }) } },
      ),
    );
    expect(result).toMatchObject({
      values: [
        tours,
        [
          [
            { tour: 't1', door: 'x' },
            { tour: 't1', door: 'y' },
          ],
        ],
      ],
    });
    bench.next();
    const refused = await bench.finish(
      bench.start(pairs, { caller: ada }, { all: { value: tours }, doors: { failure: failed } }),
    );
    expect(refused.result).toMatchObject({ kind: 'refused', part: 'doors' });
  });

  it('ends at the deadline with what has arrived', async () => {
    const tours = [{ id: 't1', stops: [stop('a'), stop('b'), stop('c')] }];
    const slow: Reply = {
      afterMs: ({ path }) => (path?.['id'] === 'a' ? 5 : 500),
      make: ({ path }) => ({ ok: true, value: path?.['id'] }),
    };
    const { result, afterMs } = await bench.finish(
      bench.start(round, { caller: ada }, { tours: { value: tours }, parcels: slow }),
    );
    expect([afterMs, result]).toMatchObject([
      100,
      {
        values: [tours, [[ok('a'), { ok: false, status: 'timeout' }, { ok: false, status: 'timeout' }]]],
        report: { parcels: { items: { '0.1': 'timeout', '0.2': 'timeout' } } },
      },
    ]);
  });
});

describe('a call per item of parts that may be missing', () => {
  const chain = plan('chain', options, ({ caller }) => {
    const page = optional(listOrders, { query: { customerId: caller.subject } });
    // Below a list that is there each item is there: its calls may be required.
    const users = each(page.items, (order) => required(getUser, { path: { id: order.id } }), { maxCount: 3 });
    const pages = each(users, (user) => optional(listOrders, { query: { customerId: user.id } }), { maxCount: 3 });
    const parcels = each(
      pages,
      (of) => each(of.items, (order) => optional(getParcel, { path: { id: order.parcelId } }), { maxCount: 2 }),
      { maxCount: 3 },
    );
    const banners = each(pages, (of) => optional(getUser, { path: { id: of.next } }), { maxCount: 3 });
    return { page, users, pages, parcels, banners };
  });
  const order = (id: string): OrderPage['items'][number] => ({ id, parcelId: `p-${id}`, sku: 's' });
  const page = { value: { items: [order('u1'), order('u2')] } };
  const users: Reply = { make: ({ path }) => ({ ok: true, value: { id: path?.['id'], name: '' } }) };
  const pages: Reply = {
    make: ({ query }) =>
      query?.['customerId'] === 'u2' ? failed : { ok: true, value: { items: [order('x')], next: 'n' } },
  };

  it('goes on for the parts that are there, and leaves out the others', async () => {
    const { result } = await bench.finish(
      bench.start(chain, { caller: ada }, { page, users, pages, parcels: byId(), banners: { value: [] } }),
    );
    const gone = { ok: false, status: 'error' };
    const skipped = { ok: false, status: 'skipped' };
    expect(result).toMatchObject({
      values: [
        { ok: true },
        { ok: true, value: [{ id: 'u1' }, { id: 'u2' }] },
        { ok: true, value: [{ ok: true }, gone] },
        { ok: true, value: [{ ok: true, value: [{ ok: true, value: 'p-x' }] }, skipped] },
        { ok: true, value: [{ ok: true, value: [] }, skipped] },
      ],
      report: {
        pages: { items: { 1: 'error' } },
        parcels: { items: { 1: 'skipped' } },
        banners: { items: { 1: 'skipped' } },
      },
    });
  });

  it('is missing with its list, at the deadline too, and then makes no call', async () => {
    for (const reply of [{ failure: failed }, { afterMs: 500 }]) {
      bench.next();
      const { result } = await bench.finish(bench.start(chain, { caller: ada }, { page: reply }));
      expect(result).toMatchObject({ kind: 'finished', values: Array.from({ length: 5 }, () => ({ ok: false })) });
      expect(bench.calls).toHaveLength(1);
    }
  });

  it('fails the page where its calls are required and the list is there', async () => {
    const { result } = await bench.finish(bench.start(chain, { caller: ada }, { page, users: { failure: failed } }));
    expect(result).toMatchObject({ kind: 'refused', part: 'users' });
  });
});
