import { SchemaTable, type CallArgs, type Contract, type Operation, type Outcome } from '@frontage/core';
import { beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { compileScreen } from '../compile-screen.js';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import type { MaybeMissing, Ref } from '../model/references.js';
import { given } from '../model/schema.js';
import { batch, keys } from '../plan/batch.js';
import { pages } from '../plan/pages.js';
import { plan, type Plan } from '../plan/plan.js';
import { each, optional, required, step, write } from '../plan/verbs.js';
import { compute, orElse, orNull, pick } from '../view/combinators.js';
import { at } from '../view/joins.js';
import { first, list, sortBy, take, where } from '../view/lists.js';
import { screen, type Screen } from '../view/screen.js';
import { headersOf, headersOfCalls } from './headers-of.js';

interface Row {
  id: string;
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
const getRow: Operation<
  { path: { id: string } },
  Row,
  Record<never, never>,
  'GET',
  boolean,
  { ETag: string; Age?: number }
> = {
  contract,
  id: 'getRow',
  method: 'GET',
  path: '/rows/{id}',
  responses: [{ status: '200', media: 'application/json', schema: 'Row' }],
  headers: [
    { name: 'ETag', required: true },
    { name: 'Age', type: 'integer' },
  ],
};
const listRows: Operation<
  { query?: { page?: string; ids?: string[] } },
  Row[],
  Record<never, never>,
  'GET',
  boolean,
  { 'X-Total-Count': number }
> = {
  contract,
  id: 'listRows',
  method: 'GET',
  path: '/rows',
  parameters: [{ name: 'page', in: 'query' }],
  responses: [{ status: '200', media: 'application/json', schema: 'Rows' }],
  headers: [{ name: 'X-Total-Count', required: true, type: 'integer' }],
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

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));

interface Input {
  all: { ids: string[]; lists: string[][] };
}
const input = { input: { all: given<Input['all']>() }, deadlineMs: 200 };
const idOf = ({ path }: CallArgs): string => String(path?.['id']);
/** Each row has its own ETag; the row `gone` is not there. */
const rowReply: Reply = {
  make: (args): Outcome<unknown> =>
    idOf(args) === 'gone'
      ? failed
      : {
          ok: true,
          value: { id: idOf(args) },
          headers: { ETag: `"${idOf(args)}"`, ...(idOf(args) === 'b' ? { Age: 7 } : {}) },
        },
};
const run = async <Parts>(
  of: Plan<Input, Parts>,
  all: Partial<Input['all']>,
  replies: Readonly<Record<string, Reply>>,
) => (await bench.finish(bench.start(of, { all: { ids: [], lists: [], ...all } }, replies))).result;

/** The response of a screen, from bytes and from parsed values. */
async function show(of: Screen<unknown>, all: Partial<Input['all']>, replies: Readonly<Record<string, Reply>>) {
  const results = [];
  for (const reads of [true, false]) {
    const compiled = compileScreen(of, {
      clock: bench.clock,
      bind:
        (_, { part, readBody }) =>
        (args) => {
          const outcome = replies[part]?.make?.(args) ?? failed;
          if (!outcome.ok || !reads || readBody === undefined) return Promise.resolve(outcome);
          const read = readBody(Buffer.from(JSON.stringify(outcome.value)));
          return Promise.resolve({ ...outcome, value: read ?? outcome.value });
        },
    });
    const result = await bench.clock.until(compiled.run({ all: { ids: [], lists: [], ...all } }, bench.context));
    results.push('body' in result ? { kind: result.kind, ...JSON.parse(result.body) } : result);
  }
  expect(results[1]).toEqual(results[0]);
  return results[0] as unknown;
}
describe('headers of an item of an `each`', () => {
  const rowsPlan = plan('rows', input, ({ all }) => ({
    rows: each(all.ids, (id) => optional(getRow, { path: { id } }), { maxCount: 3 }),
    sure: each(all.ids, (id) => required(getRow, { path: { id } }), { maxCount: 3 }),
  }));

  it('are those of its own call, and missing with it', async () => {
    const shown = screen(rowsPlan, ({ rows, sure }) => ({
      rows: list(rows, (row) => ({
        row: orNull(row.id),
        etag: orNull(headersOf(row, getRow).ETag),
        age: orNull(headersOf(row, getRow).Age),
        seen: compute(z.string(), { etag: headersOf(row, getRow).ETag }, ({ etag }) => (etag.ok ? 'yes' : etag.status)),
      })),
      sure: list(take(sure, 2), (row) => ({ ...pick(row, 'id'), etag: headersOf(row, getRow).ETag })),
      second: orNull(headersOf(at(sure, 1), getRow).ETag),
      ninth: orNull(headersOf(at(sure, 9), getRow).ETag),
    }));
    const sureReply: Reply = {
      make: (args) => ({ ok: true, value: { id: idOf(args) }, headers: { ETag: idOf(args) } }),
    };
    // Equal items share one call, and the fourth item has none.
    expect(await show(shown, { ids: ['a', 'gone', 'b', 'a'] }, { rows: rowReply, sure: sureReply })).toMatchObject({
      kind: 'partial',
      rows: [
        { row: 'a', etag: '"a"', age: null, seen: 'yes' },
        { row: null, etag: null, age: null, seen: 'error' },
        { row: 'b', etag: '"b"', age: 7, seen: 'yes' },
        { row: null, etag: null, age: null, seen: 'skipped' },
      ],
      sure: [
        { id: 'a', etag: 'a' },
        { id: 'gone', etag: 'gone' },
      ],
      second: 'gone',
      ninth: null,
    });
  });

  it('cost that item alone where a required one did not arrive', async () => {
    const shown = screen(rowsPlan, ({ rows }) => ({
      etags: list(rows, (row) => orNull(headersOf(row, getRow).ETag)),
    }));
    const without: Reply = {
      make: (args) => ({ ok: true, value: { id: idOf(args) }, headers: { ...(idOf(args) !== 'a' && { ETag: 'x' }) } }),
    };
    expect(await show(shown, { ids: ['a', 'b'] }, { rows: without, sure: rowReply })).toEqual({
      kind: 'partial',
      etags: [null, 'x'],
      _parts: { rows: { items: { '0': 'bad_payload' } } },
    });
  });

  it('stand in the schema of the response', () => {
    const shown = screen(rowsPlan, ({ sure, rows }) => ({
      sure: list(sure, (row) => headersOf(row, getRow).ETag),
      ages: list(sure, (row) => ({ age: headersOf(row, getRow).Age })),
      all: orElse(headersOfCalls(rows, getRow), []),
    }));
    const compiled = compileScreen(shown, { bind: () => () => Promise.resolve(failed), clock: bench.clock });
    const { schema } = compiled.responseSchema();
    expect(schema).toMatchObject({
      properties: {
        sure: { items: { type: 'string' } },
        ages: { items: { properties: { age: { type: 'integer' } } } },
      },
    });
  });

  it('are arguments of the calls for the same items, also of lists in lists', async () => {
    const chained = plan('chained', input, ({ all }) => {
      const rows = each(all.ids, (id) => optional(getRow, { path: { id } }), { maxCount: 3 });
      const again = each(rows, (row) => optional(getRow, { path: { id: headersOf(row, getRow).ETag } }), {
        maxCount: 3,
      });
      const nested = each(all.lists, (ids) => each(ids, (id) => optional(getRow, { path: { id } }), { maxCount: 3 }), {
        maxCount: 3,
      });
      const deep = each(
        nested,
        (inner) =>
          each(inner, (row) => optional(getRow, { path: { id: headersOf(row, getRow).ETag } }), { maxCount: 3 }),
        { maxCount: 3 },
      );
      return { rows, again, nested, deep };
    });
    const replies = { rows: rowReply, again: rowReply, nested: rowReply, deep: rowReply };
    const result = await run(chained, { ids: ['a', 'gone', 'b'], lists: [['c'], ['d', 'e']] }, replies);
    const asked = (part: string) =>
      bench.calls.filter((call) => call.part === part).map(({ args }) => args.path?.['id']);
    expect([asked('again'), asked('deep')]).toEqual([
      ['"a"', '"b"'],
      ['"c"', '"d"', '"e"'],
    ]);
    expect(result).toMatchObject({ report: { again: { items: { '1': 'skipped' } } } });
  });

  it('skip an item whose optional header is not there', async () => {
    const aged = plan('aged', input, ({ all }) => {
      const rows = each(all.ids, (id) => required(getRow, { path: { id } }), { maxCount: 3 });
      // The type does not know that the header is left out: the call is optional, and so skipped.
      const more = each(rows, (row) => optional(getRow, { path: { id: headersOf(row, getRow).Age as never } }), {
        maxCount: 3,
      });
      return { rows, more };
    });
    const result = await run(aged, { ids: ['a', 'b'] }, { rows: rowReply, more: rowReply });
    expect(result).toMatchObject({ report: { more: { items: { '0': 'skipped' } } } });
    expect(bench.calls.at(-1)?.args).toEqual({ path: { id: 7 } });
  });

  it('follow a write per item', async () => {
    const added = plan('added', input, ({ all }) => {
      const made = each(all.ids, (id) => write(addRow, { body: { id } }), { maxCount: 9 });
      const rows = each(made, (one) => required(getRow, { path: { id: headersOf(one, addRow).Location } }), {
        maxCount: 9,
      });
      return { made, rows };
    });
    const madeReply: Reply = {
      make: ({ body }) => ({ ok: true, value: undefined, headers: { Location: `/rows/${(body as Row).id}` } }),
    };
    expect(await run(added, { ids: ['a', 'b'] }, { made: madeReply, rows: rowReply })).toMatchObject({
      kind: 'finished',
      values: [
        [undefined, undefined],
        [{ id: '/rows/a' }, { id: '/rows/b' }],
      ],
    });
  });

  it.each<[string, () => unknown]>([
    [
      'behind sortBy',
      () => screen(rowsPlan, ({ sure }) => list(sortBy(sure, 'id'), (row) => headersOf(row, getRow).ETag)),
    ],
    [
      'in a condition',
      () =>
        screen(rowsPlan, ({ sure }) => where(sure, (row) => headersOf(row, getRow).ETag as unknown as Ref<boolean>)),
    ],
    [
      'of the inner list',
      () =>
        screen(
          plan('nested', input, ({ all }) => ({
            nested: each(all.lists, (ids) => each(ids, (id) => required(getRow, { path: { id } }), { maxCount: 3 }), {
              maxCount: 3,
            }),
          })),
          ({ nested }) => list(nested, (inner) => headersOf(inner, getRow).ETag),
        ),
    ],
    [
      'of a key',
      () =>
        bench.start(
          plan('keyed', input, ({ all }) => {
            const rows = each(all.ids, (id) => required(getRow, { path: { id } }), { maxCount: 3 });
            const from = keys(rows, (row) => headersOf(row, getRow).ETag);
            return {
              rows,
              found: batch(from, (ids) => required(listRows, { query: { ids } }), { by: 'id', size: 2, maxCount: 9 }),
            };
          }),
          { all: { ids: [], lists: [] } },
          {},
        ),
    ],
  ])('%s stop the start with the words to write instead', (_, make) => {
    expect(make).toThrow(/headersOfCalls\(...\)/);
  });

  it('have the types of the contract', () => {
    const typed = (): void => {
      screen(rowsPlan, ({ rows, sure }) => ({
        a: list(sure, (row) => {
          expectTypeOf(headersOf(row, getRow).ETag).toExtend<Ref<string>>();
          expectTypeOf(headersOf(at(sure, 0), getRow).ETag).not.toExtend<Ref<string>>();
          // @ts-expect-error the contract declares no such header
          void headersOf(row, getRow).Link;
          return row.id;
        }),
        b: list(rows, (row) => {
          expectTypeOf(headersOf(row, getRow).ETag).toExtend<MaybeMissing<string>>();
          return orNull(row.id);
        }),
        c: list(headersOfCalls(rows, getRow), (head) => {
          expectTypeOf(head.ETag).toExtend<Ref<string | undefined>>();
          return orNull(head.ETag);
        }),
      }));
    };
    expect(typed).toBeTypeOf('function');
  });
});

describe('headers of all calls', () => {
  const many = plan('many', input, ({ all }) => {
    const rows = each(all.ids, (id) => optional(getRow, { path: { id } }), { maxCount: 3 });
    const found = batch(all.ids, (ids) => optional(listRows, { query: { ids } }), { by: 'id', size: 2, maxCount: 9 });
    const paged = pages((page) => required(listRows, { query: { page } }), {
      next: (_page, count) => (count < 3 ? String(count) : undefined),
      maxPages: 5,
      maxItems: 9,
    });
    const seen = step({ heads: headersOfCalls(found, listRows) }, ({ heads }) => heads.length);
    return { rows, found, paged, seen };
  });
  const left: Reply = {
    make: ({ query }) => {
      const ids = (query?.['ids'] ?? []) as readonly string[];
      if (ids.includes('gone')) return failed;
      return { ok: true, value: ids.map((id) => ({ id })), headers: { 'X-Total-Count': ids.length } };
    },
  };
  const paged: Reply = {
    make: ({ query }) => ({
      ok: true,
      value: [{ id: String(query?.['page']) }],
      headers: { 'X-Total-Count': Number(query?.['page'] ?? 9) },
    }),
  };
  const replies = { rows: rowReply, found: left, paged };

  it('are a list: one entry for each item, chunk or page, null where there is no response', async () => {
    const shown = screen(many, ({ rows, found, paged: all }) => ({
      rows: list(headersOfCalls(rows, getRow), (head) => orNull(head.ETag)),
      chunks: list(headersOfCalls(found, listRows), (head) => orNull(head['X-Total-Count'])),
      pages: list(headersOfCalls(all, listRows), (head) => orNull(head['X-Total-Count'])),
      total: orNull(first(headersOfCalls(all, listRows))['X-Total-Count']),
      ids: list(all, (row) => row.id),
    }));
    expect(await show(shown, { ids: ['a', 'b', 'c', 'gone', 'd'] }, replies)).toMatchObject({
      rows: ['"a"', '"b"', '"c"', null, null],
      chunks: [2, null, 1],
      pages: [9, 1, 2],
      total: 9,
    });
  });

  it('are values of steps, and lists to go through', async () => {
    expect(await run(many, { ids: ['a', 'b', 'c'] }, replies)).toMatchObject({ values: [{}, {}, {}, 2] });
    const through = plan('through', input, ({ all }) => {
      const rows = each(all.ids, (id) => optional(getRow, { path: { id } }), { maxCount: 3 });
      const again = each(
        headersOfCalls(rows, getRow),
        (head) => optional(getRow, { path: { id: head.ETag as never } }),
        { maxCount: 3 },
      );
      return { rows, again };
    });
    expect(await run(through, { ids: ['a', 'gone'] }, { rows: rowReply, again: rowReply })).toMatchObject({
      report: { again: { items: { '1': 'skipped' } } },
    });
    expect(bench.calls.at(-1)?.args).toEqual({ path: { id: '"a"' } });
  });

  it('are kept only where something reads them', async () => {
    const unread = plan('unread', input, ({ all }) => ({
      rows: each(all.ids, (id) => optional(getRow, { path: { id } }), { maxCount: 3 }),
    }));
    expect(await run(unread, { ids: ['a'] }, { rows: rowReply })).toMatchObject({ headers: undefined });
    expect(await run(many, { ids: ['a'] }, replies)).toMatchObject({
      headers: new Map<number, unknown>([
        [0, [{ ETag: '"a"' }]],
        [1, [{ 'X-Total-Count': 1 }]],
        [2, [{ 'X-Total-Count': 9 }, { 'X-Total-Count': 1 }, { 'X-Total-Count': 2 }]],
      ]),
    });
  });

  it('are not those of one call', () => {
    expect(() =>
      plan('wrong', { deadlineMs: 100 }, () => {
        headersOfCalls(required(listRows), listRows);
        return {};
      }),
    ).toThrow('headersOfCalls(listRows, listRows) takes a part with several calls');
    expect(() => screen(many, ({ rows }) => list(headersOfCalls(rows, listRows), () => 1))).toThrow(
      'the part calls getRow',
    );
  });
});
