import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { beforeEach, expect, it } from 'vitest';
import { PlanBench } from '../fixtures/plan-runs.js';
import { given } from '../model/schema.js';
import { plan } from '../plan/plan.js';
import { each, optional, required, write } from '../plan/verbs.js';

const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([
    [
      'Lines',
      '{"type":"object","required":["lines"],"properties":{"lines":{"type":"array","items":{"type":"object","required":["sku"],"properties":{"sku":{"type":"string"}}}}}}',
    ],
    ['User', '{"type":"object","properties":{"id":{"type":"string"},"nick":{"type":["string","null"]}}}'],
  ]),
};
const json = { status: '200', media: 'application/json' };
interface User {
  id: string;
  nick: string | null;
}
const getUser: Operation<{ path: { id: string } }, User, Record<never, never>, 'GET'> = {
  contract,
  id: 'getUser',
  method: 'GET',
  path: '/users/{id}',
  responses: [{ ...json, schema: 'User' }],
};
const byIds: Operation<{ query: { ids: string[]; pair?: [string, number] } }, string[], Record<never, never>, 'GET'> = {
  contract,
  id: 'byIds',
  method: 'GET',
  path: '/users',
  parameters: [{ name: 'ids', in: 'query', required: true }],
  responses: [json],
};
interface Lines {
  lines: { sku: string; count?: number }[];
}
const order: Operation<{ body: Lines }, string, Record<never, never>, 'POST'> = {
  contract,
  id: 'order',
  method: 'POST',
  path: '/orders',
  body: { media: ['application/json'], schema: 'Lines' },
  responses: [json],
};
const price: Operation<{ body: Lines }, string, Record<never, never>, 'QUERY'> = {
  ...order,
  id: 'price',
  method: 'QUERY',
};

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const input = { input: { body: given<{ sku: string; count: number; others: string[] }>() }, deadlineMs: 900 };
const body = { sku: 's', count: 2, others: ['x', 'y'] };

it('references stand within lists of arguments, in objects and beside literals', async () => {
  const of = plan('of', input, ({ body: asked }) => {
    const ada = required(getUser, { path: { id: 'ada' } });
    const found = required(byIds, { query: { ids: [ada.id, 'bob'], pair: [ada.id, 1] } });
    const each_ = each(
      asked.others,
      (sku) => write(order, { body: { lines: [{ sku }, { sku: asked.sku, count: asked.count }] } }),
      {
        maxCount: 9,
      },
    );
    // @ts-expect-error a number is no text, in a list either
    const wrong = optional(byIds, { query: { ids: [asked.count] } });
    return { ada, found, ordered: each_, wrong };
  });
  await bench.finish(bench.start(of, { body }, { ada: { value: { id: 'a-1', nick: null } } }));
  expect(bench.calls.filter(({ part }) => part !== 'wrong' && part !== 'ada').map(({ args }) => args)).toEqual([
    { body: { lines: [{ sku: 'x' }, { sku: 's', count: 2 }] } },
    { query: { ids: ['a-1', 'bob'], pair: ['a-1', 1] } },
    { body: { lines: [{ sku: 'y' }, { sku: 's', count: 2 }] } },
  ]);
});

it('an optional call is skipped where a member that an item of its list needs has no value', async () => {
  const of = plan('of', { deadlineMs: 900 }, () => {
    const ada = required(getUser, { path: { id: 'ada' } });
    const prices = optional(price, { body: { lines: [{ sku: 'x' }, { sku: ada.nick }] } });
    return { ada, prices };
  });
  const asked = async (nick: string | null) =>
    (await bench.finish(bench.start(of, {}, { ada: { value: { id: 'a', nick } } }))).result;
  expect(await asked(null)).toMatchObject({ report: { prices: { status: 'skipped' } } });
  expect(bench.calls.map(({ part }) => part)).toEqual(['ada']);
  expect(await asked('countess')).toMatchObject({ report: undefined });
  expect(bench.calls.at(-1)?.args).toEqual({ body: { lines: [{ sku: 'x' }, { sku: 'countess' }] } });
});
