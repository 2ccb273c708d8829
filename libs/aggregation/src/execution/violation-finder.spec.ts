import { SchemaTable, type Contract, type JsonSchema, type Operation } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { each, optional, required, step } from '../plan/verbs.js';

interface Page {
  readonly items: readonly { readonly id: string; readonly weight?: number | null }[];
}

const page: JsonSchema = {
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id'],
        properties: { id: { type: 'string' }, weight: { type: ['integer', 'null'] } },
      },
    },
  },
};
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([['Page', JSON.stringify(page)]]),
};
const responses = [{ status: '200', media: 'application/json', schema: 'Page' }] as const;
const listOrders: Operation<Record<never, never>, Page, Record<never, never>, 'GET'> = {
  contract,
  id: 'listOrders',
  method: 'GET',
  path: '/orders',
  responses,
};

const input = { caller: given<{ readonly subject: string }>() };
const ids = ({ items }: Page): string => items.map(({ id }) => id.toUpperCase()).join();
const run = (own: Parameters<PlanBench['start']>[0], replies: Readonly<Record<string, Reply>>) => {
  const bench = new PlanBench();
  return bench.finish(bench.start(own, { caller: { subject: 'ada' } }, replies)).then(({ result }) => result);
};

const strict = plan('strict', { input, deadlineMs: 100 }, () => {
  const orders = required(listOrders, {});
  const first = step({ orders }, (seen) => ids(seen.orders));
  return { orders, first, second: step({ first }, (seen) => seen.first.length) };
});

const lenient = plan('lenient', { input, deadlineMs: 100 }, () => {
  const orders = optional(listOrders, {});
  const others = optional(listOrders, {}, { fallback: { items: [] } });
  const both = step(
    { orders, others },
    (seen) => (seen.orders.ok ? ids(seen.orders.value) : 'none') + ids(seen.others),
  );
  return { orders, others, both };
});

describe('a step that stumbles over what an upstream sent', () => {
  it.each<[string, unknown]>([
    ['orders is of type array', []],
    ['orders.items is missing', {}],
    ['orders.items is of type object', { items: {} }],
    ['orders.items[1] is null', { items: [{ id: 'a' }, null] }],
    ['orders.items[0].id is missing', { items: [{}] }],
    ['orders.items[0].id is of type number', { items: [{ id: 7 }] }],
  ])('is not at fault where %s', async (detail, value) => {
    expect(await run(strict, { orders: { value } })).toEqual({
      kind: 'refused',
      status: 502,
      code: 'GW_UPSTREAM_BAD_PAYLOAD',
      part: 'orders',
      failure: { ok: false, status: 'bad_payload', code: 'GW_UPSTREAM_BAD_PAYLOAD', detail },
    });
  });

  it('goes on without the part where that may be missing, or with what stands in for it', async () => {
    const good = { value: { items: [{ id: 'a', weight: null }] } };
    const bad = { value: { items: [null] } };
    expect(await run(lenient, { orders: bad, others: good })).toMatchObject({
      values: [{ ok: false, status: 'bad_payload' }, good.value, 'noneA'],
      report: { orders: { status: 'bad_payload', source: 'none' } },
    });
    expect(await run(lenient, { orders: good, others: bad })).toMatchObject({
      values: [{ ok: true }, { items: [] }, 'A'],
      report: { others: { status: 'bad_payload', source: 'fallback' } },
    });
    expect(await run(lenient, { orders: bad, others: bad })).toMatchObject({
      values: [{ ok: false }, { items: [] }, 'none'],
      report: { orders: { status: 'bad_payload' }, others: { status: 'bad_payload' } },
    });
  });

  it('finds it through steps and lists between them', async () => {
    const far = plan('far', { input, deadlineMs: 100 }, () => {
      const orders = required(listOrders, {});
      const items = step({ orders }, (seen) => seen.orders.items);
      const pages = each(orders.items, () => required(listOrders, {}), { maxCount: 9 });
      const names = step({ items, pages }, (seen) => [seen.items.map(({ id }) => id.trim()), seen.pages.map(ids)]);
      return { orders, items, pages, names };
    });
    const good = { items: [{ id: 'a' }] };
    expect(await run(far, { orders: { value: { items: [{ id: 1 }] } }, pages: { value: good } })).toMatchObject({
      part: 'orders',
      failure: { detail: 'orders.items[0].id is of type number' },
    });
    expect(await run(far, { orders: { value: good }, pages: { value: {} } })).toMatchObject({
      part: 'pages',
      failure: { detail: 'pages[0].items is missing' },
    });
  });

  it('is at fault itself where everything is what the contract says', async () => {
    const wrong = plan('wrong', { input, deadlineMs: 100 }, () => {
      const orders = optional(listOrders, {});
      const bug = step({ orders }, () => {
        throw new TypeError('our own');
      });
      return { orders, bug };
    });
    await expect(run(wrong, { orders: { value: { items: [] } } })).rejects.toThrow('our own');
    await expect(run(wrong, { orders: { afterMs: 900 } })).rejects.toThrow('our own');
  });
});
