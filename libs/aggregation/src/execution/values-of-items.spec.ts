import { SchemaTable, type CallArgs, type Contract, type Operation, type Outcome } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { failed, PlanBench } from '../fixtures/plan-runs.js';
import { given } from '../model/schema.js';
import { batch, keys } from '../plan/batch.js';
import { plan } from '../plan/plan.js';
import { each, optional, required, write } from '../plan/verbs.js';
import { mapEnum, when } from '../view/choices.js';
import { orElse, orOmit, pick, test, text } from '../view/combinators.js';
import { at, equal, indexBy } from '../view/joins.js';
import { concat, count, distinct, first, list, sortBy, sum, where } from '../view/lists.js';

interface Line {
  sku: string;
  price: number;
}
interface Order {
  id: string;
  state: 'OPEN' | 'DONE';
  lines: Line[];
  note?: string | null;
}
const orderSchema = {
  type: 'object',
  required: ['id', 'state', 'lines'],
  properties: {
    id: { type: 'string' },
    state: { type: 'string', enum: ['OPEN', 'DONE'] },
    note: { type: ['string', 'null'] },
    lines: {
      type: 'array',
      items: {
        type: 'object',
        required: ['sku', 'price'],
        properties: { sku: { type: 'string' }, price: { type: 'integer' } },
      },
    },
  },
};
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([
    ['Order', JSON.stringify(orderSchema)],
    ['Orders', '{"type":"array","items":{"$ref":"#/components/schemas/Order"}}'],
    ['Said', '{"type":"object","properties":{"said":{"type":"string"}}}'],
  ]),
};
const json = { status: '200', media: 'application/json' };
const listOrders: Operation<Record<never, never>, Order[], Record<never, never>, 'GET'> = {
  contract,
  id: 'listOrders',
  method: 'GET',
  path: '/orders',
  responses: [{ ...json, schema: 'Orders' }],
};
const getOrder: Operation<{ path: { id: string } }, Order, Record<never, never>, 'GET'> = {
  ...listOrders,
  id: 'getOrder',
  path: '/orders/{id}',
  responses: [{ ...json, schema: 'Order' }],
} as never;
interface Search {
  skus?: string[];
  total?: number;
  mode?: 'x' | 'y';
  first?: string;
}
const search: Operation<{ body: Search }, { said: string }, Record<never, never>, 'QUERY'> = {
  contract,
  id: 'search',
  method: 'QUERY',
  path: '/search',
  body: { media: ['application/json'] },
  responses: [{ ...json, schema: 'Said' }],
};
const take: Operation<{ body: Search }, { said: string }, Record<never, never>, 'POST'> = { ...search, method: 'POST' };

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const order = (id: string, state: Order['state'], prices: readonly number[], more: object = {}) => ({
  id,
  state,
  lines: prices.map((price) => ({ sku: `${id}${price}`, price })),
  ...more,
});
const orders = [order('a', 'OPEN', [3, 1]), order('b', 'DONE', []), order('c', 'OPEN', [2], { note: 'n' })];
const replies = { orders: { value: orders }, found: { value: { said: 's' } } };
const argsOf = (part: string): readonly CallArgs[] =>
  bench.calls.filter((call) => call.part === part).map(({ args }) => args);
const input = { input: { body: given<{ least: number }>() }, deadlineMs: 900 };

describe('a value that a combinator makes of an item', () => {
  it('is an argument of the call for the item', async () => {
    const of = plan('of', input, () => {
      const all = required(listOrders);
      const found = each(
        all,
        (one) =>
          optional(search, {
            body: {
              skus: list(sortBy(one.lines, 'price'), (line) => line.sku),
              total: sum(one.lines, 'price'),
              mode: mapEnum(one.state, { OPEN: 'x', DONE: 'y' }),
              first: orElse(first(one.lines).sku, text`none of ${one.id}`),
            },
          }),
        { maxCount: 9 },
      );
      return { orders: all, found };
    });
    await bench.finish(bench.start(of, { body: { least: 2 } }, replies));
    expect(argsOf('found').map(({ body }) => body)).toEqual([
      { skus: ['a1', 'a3'], total: 4, mode: 'x', first: 'a3' },
      { skus: [], total: 0, mode: 'y', first: 'none of b' },
      { skus: ['c2'], total: 2, mode: 'x', first: 'c2' },
    ]);
  });

  it('decides whether the call is made, and goes with other parts and the input', async () => {
    const of = plan('of', input, ({ body }) => {
      const all = required(listOrders);
      const open = each(
        all,
        (one) => optional(search, { body: { first: one.id } }, { when: equal(one.state, 'OPEN') }),
        {
          maxCount: 9,
        },
      );
      const large = each(
        all,
        (one) =>
          optional(
            search,
            {
              body: {
                total: count(one.lines),
                first: when(equal(one.state, 'DONE'), 'done', orElse(one.note, 'open')),
              },
            },
            { when: test({ lines: one.lines, least: body.least }, ({ lines, least }) => lines.length >= least) },
          ),
        { maxCount: 9 },
      );
      const chosen = each(
        all,
        (one) => optional(search, { body: { first: orOmit(at(indexBy(all, 'id'), one.id).note) } }),
        {
          maxCount: 9,
        },
      );
      return { orders: all, open, large, chosen };
    });
    const { result } = await bench.finish(bench.start(of, { body: { least: 1 } }, replies));
    expect(argsOf('open').map(({ body }) => body)).toEqual([{ first: 'a' }, { first: 'c' }]);
    expect(argsOf('large').map(({ body }) => body)).toEqual([
      { total: 2, first: 'open' },
      { total: 1, first: 'n' },
    ]);
    expect(argsOf('chosen').map(({ body }) => body)).toEqual([{}, { first: 'n' }]);
    // A call that a condition rules out is no missing part.
    expect(result).toMatchObject({ kind: 'finished', report: undefined });
  });

  it('is a list to go through, or to gather keys from, also where the item may be missing', async () => {
    const of = plan('of', input, () => {
      const all = required(listOrders);
      const each1 = each(all, (one) => optional(getOrder, { path: { id: one.id } }), { maxCount: 9 });
      const lines = each(
        each1,
        (one) =>
          each(
            where(one.lines, (line) => test({ price: line.price }, ({ price }) => price > 1)),
            (line) => optional(search, { body: { first: line.sku } }),
            { maxCount: 9 },
          ),
        { maxCount: 9 },
      );
      const table = batch(
        keys(all, (one) =>
          keys(
            concat(
              list(one.lines, (line) => line.sku),
              [one.id],
            ),
            (key) => key,
          ),
        ),
        (skus) => optional(search, { body: { skus } }) as never,
        { by: 'sku' as never, size: 9, maxCount: 9 },
      );
      return { orders: all, each1, lines, table };
    });
    const each1 = {
      make: ({ path }: CallArgs): Outcome<unknown> => {
        const found = orders.find(({ id }) => id === path?.['id']);
        return found === undefined || found.id === 'c' ? failed : { ok: true, value: found };
      },
    };
    const said = { value: { said: 's' } };
    const { result } = await bench.finish(
      bench.start(of, { body: { least: 1 } }, { ...replies, each1, lines: said, table: { value: [] } }),
    );
    expect(argsOf('lines').map(({ body }) => body)).toEqual([{ first: 'a3' }]);
    expect(result).toMatchObject({
      report: { each1: { items: { '2': 'error' } }, lines: { items: { '2': 'skipped' } } },
    });
    expect(argsOf('table').map(({ body }) => body)).toEqual([{ skus: ['a3', 'a1', 'a', 'b', 'c2', 'c'] }]);
  });

  it('is made of the result of a write that is taken back', async () => {
    const of = plan('of', input, () => {
      const taken = write(
        take,
        { body: {} },
        { undo: (made) => write(take, { body: { first: orElse(made.said, '?') } }) },
      );
      const after = required(listOrders, {}, { after: [taken] });
      return { taken, after };
    });
    await bench.finish(bench.start(of, { body: { least: 1 } }, { taken: { value: {} }, after: { failure: failed } }));
    expect(argsOf('taken.undo')).toEqual([{ body: { first: '?' } }]);
  });

  it('has no value where the item is not what its contract says: the call is skipped or fails, and no other', async () => {
    const of = plan('of', input, () => {
      const all = required(listOrders);
      const found = each(all, (one) => optional(getOrder, { path: { id: text`${count(one.lines)}` } }), {
        maxCount: 9,
      });
      return { orders: all, found };
    });
    const broken = [orders[0], { ...orders[1], lines: 'none' }];
    const { result } = await bench.finish(
      bench.start(of, { body: { least: 1 } }, { orders: { value: broken }, found: { value: orders[0] } }),
    );
    expect(argsOf('found')).toEqual([{ path: { id: '2' } }]);
    expect(result).toMatchObject({ kind: 'finished', report: { found: { items: { '1': 'bad_payload' } } } });
  });

  it('throws what a function of ours throws, as a bug', async () => {
    const of = plan('of', input, () => {
      const all = required(listOrders);
      const broken = (): boolean => {
        throw new RangeError('a bug of ours');
      };
      const found = each(all, (one) => optional(search, { body: {} }, { when: test({ id: one.id }, broken) }), {
        maxCount: 9,
      });
      return { orders: all, found };
    });
    await expect(bench.finish(bench.start(of, { body: { least: 1 } }, replies))).rejects.toThrow('a bug of ours');
  });

  it('is not there outside of its call', () => {
    expect(() =>
      plan('of', input, () => {
        const all = required(listOrders);
        let kept: unknown;
        const found = each(
          all,
          (one) => {
            kept = distinct(list(one.lines, (line) => line.sku));
            return optional(search, { body: {} });
          },
          { maxCount: 9 },
        );
        return { orders: all, found, other: optional(search, { body: { skus: kept as never } }) };
      }),
    ).toThrow('reads orders[].lines, which there is only within its own each(...)');
  });
});

it('combinators of whole parts are conditions and arguments, too', async () => {
  const of = plan('of', input, ({ body }) => {
    const all = required(listOrders);
    const found = optional(
      search,
      { body: { first: first(all).id, mode: when(equal(count(all), 3), 'x', 'y') } },
      { when: test({ all, least: body.least }, (seen) => seen.all.length > seen.least) },
    );
    const taken = write(take, { body: pick(at(indexBy(all, 'id'), 'c'), 'note') as never });
    return { orders: all, found, taken };
  });
  await bench.finish(bench.start(of, { body: { least: 1 } }, { ...replies, taken: { value: { said: 's' } } }));
  expect([argsOf('found'), argsOf('taken')]).toEqual([
    [{ body: { first: 'a', mode: 'x' } }],
    [{ body: { note: 'n' } }],
  ]);
});
