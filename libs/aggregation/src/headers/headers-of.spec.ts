import { SchemaTable, type Contract, type Operation, type Outcome, type ResponseFields } from '@frontage/core';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { compileScreen } from '../compile-screen.js';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import type { Ref } from '../model/references.js';
import { lastGood } from '../plan/fallbacks.js';
import { cursorInLink } from './link-cursor.js';
import { pages } from '../plan/pages.js';
import { plan, type Plan } from '../plan/plan.js';
import { each, optional, required, step, write } from '../plan/verbs.js';
import { compute, orNull, pick, text } from '../view/combinators.js';
import { headersOf } from './headers-of.js';
import { list } from '../view/lists.js';
import { screen, type Screen } from '../view/screen.js';

interface Row {
  id: string;
}
interface ListHeaders {
  'X-Total-Count': number;
  Link?: string;
  tags?: readonly string[];
}
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([
    ['Row', '{"type":"object","required":["id"],"properties":{"id":{"type":"string"}}}'],
    ['Rows', '{"type":"array","items":{"$ref":"#/components/schemas/Row"}}'],
  ]),
};
const listRows: Operation<{ query?: { page?: string } }, Row[], { '404': unknown }, 'GET', boolean, ListHeaders> = {
  contract,
  id: 'listRows',
  method: 'GET',
  path: '/rows',
  parameters: [{ name: 'page', in: 'query' }],
  responses: [
    { status: '200', media: 'application/json', schema: 'Rows' },
    { status: '404', media: 'application/json' },
  ],
  headers: [{ name: 'X-Total-Count', required: true, type: 'integer' }, { name: 'Link' }, { name: 'tags', list: true }],
};
const addRow: Operation<{ body: Row }, undefined, Record<never, never>, 'POST', boolean, { Location: string }> = {
  contract,
  id: 'addRow',
  method: 'POST',
  path: '/rows',
  body: { media: ['application/json'] },
  responses: [{ status: '201' }],
  headers: [{ name: 'Location', required: true }],
};
const getRow: Operation<{ path: { id: string } }, Row, Record<never, never>, 'GET'> = {
  contract,
  id: 'getRow',
  method: 'GET',
  path: '/rows/{id}',
  responses: [{ status: '200', media: 'application/json', schema: 'Row' }],
};

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));

const withHeaders = (value: unknown, headers: ResponseFields): Reply => ({
  make: (): Outcome<unknown> => ({ ok: true, value, headers }),
});
const run = async <In, Parts>(of: Plan<In, Parts>, replies: Readonly<Record<string, Reply>>) =>
  (await bench.finish(bench.start(of, {} as In, replies))).result;
const show = async (of: Screen<unknown>, replies: Readonly<Record<string, () => Outcome<unknown>>>) => {
  const compiled = compileScreen(of, {
    bind:
      (_, { part }) =>
      () =>
        Promise.resolve(replies[part]?.() ?? failed),
    clock: bench.clock,
  });
  return bench.clock.until(compiled.run({}, bench.context));
};
const rows = [{ id: 'a' }, { id: 'b' }];

describe('headers of a response in a plan', () => {
  it('are arguments of later calls, conditions and values of steps', async () => {
    const made = plan('made', { deadlineMs: 200 }, () => {
      const added = write(addRow, { body: { id: 'a' } });
      const { Location } = headersOf(added, addRow);
      const id = step({ Location }, (seen) => seen.Location.split('/').at(-1) ?? '');
      return { added, row: required(getRow, { path: { id } }), again: required(getRow, { path: { id: Location } }) };
    });
    await run(made, { added: withHeaders(undefined, { Location: '/rows/a' }) });
    expect(bench.calls.map(({ part, args }) => [part, args])).toEqual([
      ['added', { body: { id: 'a' } }],
      ['again', { path: { id: '/rows/a' } }],
      ['row', { path: { id: 'a' } }],
    ]);
  });

  it('fail the call that needs one which did not arrive', async () => {
    const made = plan('made', { deadlineMs: 200 }, () => {
      const added = write(addRow, { body: { id: 'a' } });
      return { added, row: required(getRow, { path: { id: headersOf(added, addRow).Location } }) };
    });
    expect(await run(made, { added: withHeaders(undefined, {}) })).toMatchObject({
      code: 'GW_INDETERMINATE',
      part: 'row',
    });
  });

  it('are missing with an optional part', async () => {
    const made = plan('made', { deadlineMs: 200 }, () => {
      const found = optional(listRows, {});
      return { found, row: optional(getRow, { path: { id: text2(headersOf(found, listRows).Link) } }) };
    });
    expect(await run(made, { found: { failure: failed } })).toMatchObject({ report: { row: { status: 'skipped' } } });
  });

  it('say where the next page begins', async () => {
    const links = [
      '<https://h/rows?a=1&page=p2>; rel="next last", <https://h/rows>; rel=first',
      '</rows?page=p1>; rel=prev',
    ];
    const made = plan('made', { deadlineMs: 200 }, () => ({
      all: pages((page) => required(listRows, { query: { page } }), {
        next: (_page, _count, headers) => cursorInLink(headers['Link'], 'page'),
        maxPages: 5,
        maxItems: 50,
      }),
    }));
    const reply: Reply = {
      make: () => ({ ok: true, value: rows, headers: { Link: links[bench.calls.length - 1] ?? '' } }),
    };
    expect(await run(made, { all: reply })).toMatchObject({ values: [[...rows, ...rows]], report: undefined });
    expect(bench.calls.map(({ args }) => args.query)).toEqual([{}, { page: 'p2' }]);
  });
});

// An optional header is given to an optional call: without it, the call is skipped or refused like for every missing member.
const text2 = (link: unknown) => link as Ref<string>;

describe('headers of a response in a view', () => {
  const shown = screen(
    plan('shown', { deadlineMs: 200 }, () => ({ found: required(listRows, {}) })),
    ({ found }) => ({
      total: headersOf(found, listRows)['X-Total-Count'],
      tags: orNull(headersOf(found, listRows).tags),
      said: text`${headersOf(found, listRows)['X-Total-Count']} rows`,
      twice: compute(z.number(), { total: headersOf(found, listRows)['X-Total-Count'] }, ({ total }) => total * 2),
      rows: list(found, (row) => pick(row, 'id')),
    }),
  );

  it('are members like others, and do not keep a response from being projected', async () => {
    const found = () => ({ ok: true, value: rows, headers: { 'X-Total-Count': 7, tags: ['x'] } }) as const;
    expect(await show(shown, { found })).toMatchObject({
      kind: 'complete',
      body: '{"total":7,"tags":["x"],"said":"7 rows","twice":14,"rows":[{"id":"a"},{"id":"b"}]}',
    });
    const { view } = compileScreen(shown, { bind: () => () => Promise.resolve(failed), clock: bench.clock }).describe();
    expect(view.parsing['found']).toEqual({ parses: 'nothing' });
    expect(view.members.find(({ member }) => member === 'total')).toMatchObject({
      how: 'computed',
      because: 'it is a header',
    });
  });

  it('stand in the schema of the response', () => {
    const compiled = compileScreen(shown, { bind: () => () => Promise.resolve(failed), clock: bench.clock });
    expect(compiled.responseSchema().schema).toMatchObject({
      required: ['total', 'tags', 'said', 'twice', 'rows'],
      properties: { total: { type: 'integer' }, said: { type: 'string' } },
    });
  });

  it('break the contract of their part where a required one is missing', async () => {
    expect(await show(shown, { found: () => ({ ok: true, value: rows, headers: {} }) })).toMatchObject({
      kind: 'problem',
      code: 'GW_UPSTREAM_BAD_PAYLOAD',
      part: 'found',
    });
    const unsure = screen(
      plan('unsure', { deadlineMs: 200 }, () => ({ found: optional(listRows, {}) })),
      ({ found }) => ({ total: orNull(headersOf(found, listRows)['X-Total-Count']) }),
    );
    expect(await show(unsure, { found: () => ({ ok: true, value: rows, headers: {} }) })).toMatchObject({
      kind: 'partial',
      report: { found: { status: 'bad_payload' } },
    });
    expect(await show(unsure, { found: () => failed })).toMatchObject({
      kind: 'partial',
      body: expect.stringContaining('{"total":null'),
    });
  });

  it('are none where the value comes from a fallback', async () => {
    const fallback = screen(
      plan('fallback', { deadlineMs: 200 }, () => ({ found: optional(listRows, {}, { fallback: [] }) })),
      ({ found }) => ({
        total: orNull(headersOf(found, listRows)['X-Total-Count']),
        rows: list(found, (row) => row.id),
      }),
    );
    expect(await show(fallback, { found: () => failed })).toMatchObject({
      body: expect.stringContaining('{"total":null,"rows":[]'),
    });
  });
});

describe('headers that cannot be read', () => {
  it.each<[string, () => unknown, string]>([
    ['of a member', () => headersOf(required(listRows, {})[0 as never] as never, listRows), 'takes one response'],
    [
      'of another operation',
      () => headersOf(required(getRow, { path: { id: 'a' } }), listRows),
      'the part calls getRow',
    ],
    [
      'of a list of calls',
      () =>
        headersOf(
          each(required(listRows, {}), (row) => required(getRow, { path: { id: row.id } }), { maxCount: 3 }),
          getRow,
        ),
      'write headersOfCalls(...)',
    ],
  ])('%s stop the start', (_, make, message) => {
    expect(() =>
      plan('wrong', { deadlineMs: 100 }, () => {
        make();
        return {};
      }),
    ).toThrow(message);
  });

  it('do not compile', () => {
    const typed = (): void => {
      plan('typed', { deadlineMs: 100 }, () => {
        const found = required(listRows, {});
        const row = required(getRow, { path: { id: 'a' } });
        expectTypeOf(headersOf(found, listRows)['X-Total-Count']).toExtend<Ref<number>>();
        // @ts-expect-error the contract declares no such header
        void headersOf(found, listRows).ETag;
        // @ts-expect-error the contract declares no headers for this operation
        void headersOf(row, getRow).ETag;
        return { found, row };
      });
    };
    expect(typed).toBeTypeOf('function');
  });
});

it('keeps headers of the last good response', async () => {
  const kept = plan('kept', { deadlineMs: 200 }, () => ({
    found: optional(listRows, {}, { fallback: lastGood({ maxAgeMs: 9_000 }) }),
  }));
  const of = screen(kept, ({ found }) => ({ total: orNull(headersOf(found, listRows)['X-Total-Count']) }));
  let outcome: Outcome<unknown> = { ok: true, value: rows, headers: { 'X-Total-Count': 7 } };
  const compiled = compileScreen(of, {
    bind: () => () => Promise.resolve(outcome),
    clock: bench.clock,
    lastGood: bench.lastGood,
  });
  await bench.clock.until(compiled.run({}, bench.context));
  outcome = failed;
  expect(await bench.clock.until(compiled.run({}, bench.context))).toMatchObject({
    kind: 'partial',
    body: expect.stringContaining('{"total":7'),
  });
});

describe('the cursor in a Link field', () => {
  it.each([
    ['<https://h/?page=2>; rel="next"', '2'],
    ['<https://h/?page=1>; rel="prev", <https://h/?page=3>; rel="next"', '3'],
    ['</?x=1,2&page=a%20b>;rel=next', 'a b'],
    ['</?page=4>; title="a, b; rel=x"; REL="last next"', '4'],
    ['</?cursor=4>; rel=next', undefined],
    ['</?page=4>; rel=nextish', undefined],
    ['', undefined],
    ['nonsense <<<<', undefined],
  ])('%s', (link, cursor) => {
    expect(cursorInLink(link, 'page')).toBe(cursor);
  });
});
