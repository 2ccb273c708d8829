import { beforeEach, describe, expect, it } from 'vitest';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { PlanBench } from '../fixtures/plan-runs.js';
import { given } from '../model/schema.js';
import { plan } from '../plan/plan.js';
import { each, optional, required } from '../plan/verbs.js';

const contract: Contract = {
  upstream: 'stock',
  title: 'Stock',
  version: '1',
  schemas: new SchemaTable([
    [
      'Lookup',
      '{"allOf":[{"$ref":"#/components/schemas/Keys"},{"type":"object","required":["ids"],"properties":{"note":{"type":"array"}}}]}',
    ],
    ['Keys', '{"type":"object","properties":{"ids":{"type":"array","minItems":1}}}'],
    ['List', '{"type":"array","minItems":1,"items":{"type":"string"}}'],
  ]),
};
type Read<In> = Operation<In, string[], Record<never, never>, 'GET'>;
const json = { status: '200', media: 'application/json' };
const byQuery: Read<{ query: { ids: string[] } }> = {
  contract,
  id: 'byQuery',
  method: 'GET',
  path: '/stock',
  parameters: [{ name: 'ids', in: 'query', required: true }],
  responses: [json],
};
const freely: typeof byQuery = {
  ...byQuery,
  id: 'freely',
  parameters: [{ name: 'ids', in: 'query', required: true, emptyList: 'nothing' }],
};
const search: Operation<{ body: { ids: string[]; note?: string[] } }, string[], Record<never, never>, 'QUERY'> = {
  contract,
  id: 'search',
  method: 'QUERY',
  path: '/stock',
  body: { media: ['application/json'], schema: 'Lookup' },
  responses: [json],
};
const list: Operation<{ body: string[] }, string[], Record<never, never>, 'QUERY'> = {
  contract,
  id: 'list',
  method: 'QUERY',
  path: '/list',
  responses: [json],
  body: { media: ['application/json'], schema: 'List' },
};

interface Ids {
  readonly ids: string[];
}
let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const input = { query: given<Ids>() };
const found = { found: { value: ['x'] } };

describe('a list without items that the contract does not let go out', () => {
  it.each([
    [
      'a required parameter',
      plan('a', { input, deadlineMs: 900 }, ({ query }) => ({
        found: optional(byQuery, { query: { ids: query.ids } }),
      })),
    ],
    [
      'a member of the body',
      plan('b', { input, deadlineMs: 900 }, ({ query }) => ({
        found: optional(search, { body: { ids: query.ids, note: [] } }),
      })),
    ],
    ['a body', plan('c', { input, deadlineMs: 900 }, ({ query }) => ({ found: optional(list, { body: query.ids }) }))],
  ])('skips an optional call: %s', async (_what, of) => {
    const { result } = await bench.finish(bench.start(of, { query: { ids: [] } }, found));
    expect(result).toMatchObject({ kind: 'finished', report: { found: { status: 'skipped', source: 'none' } } });
    expect(bench.calls).toEqual([]);
    await bench.finish(bench.start(of, { query: { ids: ['1'] } }, found));
    expect(bench.calls).toHaveLength(1);
  });

  it('refuses a required call: the client hears it where the list is its own', async () => {
    const of = plan('of', { input, deadlineMs: 900 }, ({ query }) => ({
      found: required(byQuery, { query: { ids: query.ids } }),
    }));
    const { result } = await bench.finish(bench.start(of, { query: { ids: [] } }, found));
    expect(result).toMatchObject({
      status: 400,
      code: 'GW_INVALID_INPUT',
      errors: [{ pointer: '/query/ids', message: 'The list needs an item.' }],
    });
    expect(bench.calls).toEqual([]);
  });

  it('refuses a required call: the log says what to write where the list is of an upstream', async () => {
    const of = plan('of', { deadlineMs: 900 }, () => {
      const first = required(freely, { query: { ids: ['1'] } });
      return { first, found: required(search, { body: { ids: first } }) };
    });
    const { result } = await bench.finish(bench.start(of, {}, { first: { value: [] }, ...found }));
    expect(result).toMatchObject({
      status: 500,
      failure: {
        detail: expect.stringMatching(/'body\.ids' has no items.+make the call optional, or give it a condition/),
      },
    });
  });

  it('goes out where the contract lets it', async () => {
    const of = plan('of', { input, deadlineMs: 900 }, ({ query }) => ({
      found: required(freely, { query: { ids: query.ids } }),
    }));
    const { result } = await bench.finish(bench.start(of, { query: { ids: [] } }, found));
    expect(result).toMatchObject({ kind: 'finished', report: undefined });
    expect(bench.calls).toHaveLength(1);
  });

  it('costs only its item of an each', async () => {
    const of = plan(
      'of',
      { input: { query: given<{ lists: { ids: string[] }[] }>() }, deadlineMs: 900 },
      ({ query }) => ({
        found: each(query.lists, (one) => optional(byQuery, { query: { ids: one.ids } }), { maxCount: 3 }),
      }),
    );
    const { result } = await bench.finish(bench.start(of, { query: { lists: [{ ids: ['1'] }, { ids: [] }] } }, found));
    expect(result).toMatchObject({ report: { found: { items: { '1': 'skipped' } } } });
  });
});

describe('literals of a plan that cannot be written', () => {
  it('are a mistake of ours, and never a 400 of the client', async () => {
    const of = plan('of', { deadlineMs: 900 }, () => ({ found: required(byQuery, { query: { ids: ['1'] } }) }));
    const failure = { ok: false, status: 'error', code: 'GW_INVALID_INPUT', unsent: true } as const;
    const { result } = await bench.finish(bench.start(of, {}, { found: { failure } }));
    expect(result).toMatchObject({ status: 500, code: 'GW_INTERNAL' });
  });
});
