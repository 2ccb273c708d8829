import { SchemaTable, type Operation } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { orElse, test, text } from '../view/combinators.js';
import { failed, PlanBench } from '../fixtures/plan-runs.js';
import { contract, invoice, listContracts, listInvoices } from '../fixtures/crm.js';
import { getUser, listOrders } from '../fixtures/plan-shop.js';
import { equal } from '../view/joins.js';
import { concat, count, distinct, flatten, list, max, sum, where } from '../view/lists.js';
import { describePlan } from '../describe/describe-plan.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { each, optional, required } from '../plan/verbs.js';

const search: Operation<{ query: Readonly<Record<string, unknown>> }, string, Record<never, never>, 'GET'> = {
  contract: { upstream: 'any', title: 'Any', version: '1', schemas: new SchemaTable([]) },
  id: 'search',
  method: 'GET',
  path: '/',
  responses: [{ status: '200' }],
};
const input = { query: given<{ least: number; ids: string[] }>() };

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));

describe('a combinator within a plan', () => {
  const computed = plan('computed', { input, deadlineMs: 800 }, ({ query }) => {
    const contracts = required(listContracts, {});
    const invoices = optional(listInvoices, {});
    const owners = distinct(list(contracts.items, (one) => one.customerId));
    const found = required(search, {
      query: {
        owners,
        tags: flatten(list(contracts.items, (one) => one.tags)),
        flat: count(where(contracts.items, (one) => equal(one.kind, 'FLAT'))),
        from: where(
          list(contracts.items, (one) => one.number),
          (number) => test({ number, least: query.least }, (seen) => seen.number >= seen.least),
        ),
        both: concat(query.ids, ['x']),
        label: text`of ${sum(contracts.items, 'number')}`,
      },
    });
    const bills = optional(search, { query: { dueOn: max(orElse(invoices.items, []), 'dueOn') } });
    return { contracts, invoices, found, bills };
  });
  const contracts = {
    items: [contract(1, 'a'), contract(2, 'b', { kind: 'USAGE', tags: ['x', 'y'] }), contract(3, 'a')],
  };
  const replies = {
    contracts: { value: contracts },
    invoices: { value: { items: [invoice('1', 1, 2), invoice('2', 1, 2)] } },
    found: { value: 'found' },
    bills: { value: 'bills' },
  };
  const run = async (changes: object = {}) => {
    bench.next();
    const started = bench.start(computed, { query: { least: 2, ids: ['i'] } }, { ...replies, ...changes });
    const { result } = await bench.finish(started);
    return { result, sent: Object.fromEntries(bench.calls.map(({ part, args }) => [part, args['query']])) };
  };

  it('gives a value that a call takes as an argument', async () => {
    const { sent } = await run();
    expect(sent['found']).toEqual({
      owners: ['a', 'b'],
      tags: ['a', 'x', 'y', 'a'],
      flat: 2,
      from: [2, 3],
      both: ['i', 'x'],
      label: 'of 6',
    });
    expect(sent['bills']).toEqual({ dueOn: '2026-01-02' });
  });

  it('takes what `orElse` says for a part that is missing', async () => {
    const { sent, result } = await run({ invoices: { failure: failed } });
    expect(sent['bills']).toEqual({});
    expect(result.kind).toBe('finished');
  });

  it('blames the part whose response it cannot compute with', async () => {
    const { result } = await run({ contracts: { value: { items: [contract(1, 'a', { tags: 7 })] } } });
    expect(result).toMatchObject({ kind: 'refused', code: 'GW_UPSTREAM_BAD_PAYLOAD', part: 'contracts' });
  });

  it('goes into `each`, and stands in the description of the plan', async () => {
    const perSku = plan('per sku', { deadlineMs: 800 }, () => {
      const orders = required(listOrders, { query: { customerId: 'u' } });
      const users = each(
        distinct(list(orders.items, ({ sku }) => sku)),
        (sku) => required(getUser, { path: { id: sku } }),
        { maxCount: 9 },
      );
      return { orders, users };
    });
    const items = ['s', 't', 's'].map((sku) => ({ id: sku, parcelId: 'p', sku }));
    await bench.finish(
      bench.start(perSku, {}, { orders: { value: { items } }, users: { value: { id: 'u', name: 'U' } } }),
    );
    expect(bench.calls.map(({ args }) => args['path'])).toEqual([undefined, { id: 's' }, { id: 't' }]);
    expect(JSON.stringify(describePlan(perSku))).toContain('orders');
  });

  it('of an item is an argument of its call, and no step', async () => {
    const perItem = plan('per item', { deadlineMs: 800 }, () => {
      const found = required(listContracts, {});
      const all = each(found.items, (one) => required(search, { query: { tags: distinct(one.tags) } }), {
        maxCount: 9,
      });
      return { found, all };
    });
    const items = [{ number: 1, kind: 'FLAT', tags: ['a', 'b', 'a'] }];
    await bench.finish(bench.start(perItem, {}, { found: { value: { items } }, all: { value: { items: [] } } }));
    expect(bench.calls.map(({ args }) => args['query'])).toEqual([undefined, { tags: ['a', 'b'] }]);
  });
});
