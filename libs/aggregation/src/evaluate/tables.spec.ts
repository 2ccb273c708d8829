import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compute, orNull, orOmit, pick } from '../view/combinators.js';
import { at, indexBy } from '../view/joins.js';
import { list } from '../view/lists.js';
import { readFields } from '../describe/reads.js';
import { screen, type Screen } from '../view/screen.js';
import { getStock, listParcels, searchStock } from '../fixtures/stock-shop.js';
import { batch } from '../plan/batch.js';
import { pages } from '../plan/pages.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { optional, required } from '../plan/verbs.js';
import { responseSchema } from '../schema/response-schema.js';
import { compileView } from './compile-view.js';

const input = { body: given<{ skus: string[] }>() };
const bounds = { size: 10, maxCount: 50 };
const stocked = plan('stocked', { input, deadlineMs: 1 }, ({ body }) => {
  const stock = batch(body.skus, (sku) => optional(getStock, { query: { sku } }), { ...bounds, by: 'sku' });
  const rows = batch(body.skus, (skus) => required(searchStock, { body: { skus } }), {
    ...bounds,
    by: 'sku',
    items: 'rows',
  });
  const parcels = pages((cursor) => required(listParcels, { query: { cursor } }), {
    items: 'items',
    next: 'next',
    maxPages: 2,
    maxItems: 20,
  });
  const maybe = pages((cursor) => optional(listParcels, { query: { cursor } }), {
    items: 'items',
    next: 'next',
    maxPages: 2,
    maxItems: 20,
  });
  return { stock, rows, parcels, maybe };
});
const row = (sku: string, extra: object = {}) => ({ sku, left: 1, ...extra });
const tableOf = (...rows: readonly { readonly sku: string }[]) => new Map(rows.map((one) => [one.sku, one]));
const values = [
  tableOf(row('a', { secret: 1 }), row('b')),
  tableOf(row('c')),
  [{ id: 'p1', secret: 1 }],
  { ok: true, value: [{ id: 'p2' }] },
];
const made = (of: Screen<unknown>, own: readonly unknown[] = values) => {
  const result = compileView(of)(own, { body: { skus: ['a', 'b', 'x'] } }, undefined);
  return result.kind === 'made' ? { ...result, body: JSON.parse(result.body) as unknown } : result;
};

describe('a table of rows in a view', () => {
  const read = screen(stocked, ({ stock, rows }, { body }) => ({
    left: at(stock, 'a').left,
    note: orOmit(at(stock, 'a').note),
    unknown: orNull(pick(at(stock, 'x'), 'left')),
    c: orNull(at(rows, 'c').left),
    first: compute(z.number(), { stock, skus: body.skus }, (seen) => seen.stock.get(seen.skus[0] ?? '')?.left ?? 0),
  }));

  it('is read by key, and gives undefined for a key without a row', () => {
    expect(made(read)).toMatchObject({ body: { left: 1, unknown: null, c: 1, first: 1 }, report: undefined });
  });

  it('has the schema of its rows, each of which may not be there', () => {
    const { schema } = responseSchema(
      screen(stocked, ({ stock }) => ({ a: orNull(at(stock, 'a')), b: orOmit(at(stock, 'b')) })),
    );
    const properties = { sku: { type: 'string' }, left: { type: 'integer' }, note: { type: 'string' } };
    const required = ['sku', 'left'];
    expect(schema).toMatchObject({
      required: ['a'],
      properties: {
        a: { type: ['object', 'null'], required, properties },
        b: { type: 'object', required, properties },
      },
    });
  });

  it('is sent without undeclared members', () => {
    const { body } = { body: undefined, ...made(screen(stocked, ({ stock }) => ({ a: orNull(at(stock, 'a')) }))) };
    expect(body).toEqual({ a: { sku: 'a', left: 1 } });
  });

  it('is refused in a view as a whole', () => {
    // @ts-expect-error a Map is not JSON: read it with at(map, key)
    expect(() => screen(stocked, ({ stock }) => ({ stock }))).toThrow(
      "screen of plan 'stocked': stock is a table, which is not JSON: read it with at(stock, key)",
    );
    // @ts-expect-error a Map is not JSON: read it with at(map, key)
    expect(() => screen(stocked, ({ parcels }) => ({ byId: indexBy(parcels, 'id') }))).toThrow('parcels is a table');
  });

  it('loses one row that violates its contract, and names its key', () => {
    const broken = [tableOf({ sku: 'a' }, row('b')), ...values.slice(1)];
    const both = screen(stocked, ({ stock }) => ({
      a: orNull(at(stock, 'a').left),
      b: orNull(at(stock, 'b').left),
    }));
    expect(made(both, broken)).toMatchObject({
      body: { a: null, b: 1 },
      report: { stock: { items: { a: 'bad_payload' } } },
    });
  });

  it('ends the page where a required row violates its contract', () => {
    const broken = [values[0], tableOf({ sku: 'c' }), ...values.slice(2)];
    expect(made(read, broken)).toMatchObject({ kind: 'unreadable', part: 'rows' });
  });

  it('is read as the fields of its rows', () => {
    expect(readFields(read)).toMatchObject({
      stock: { operation: 'getStock', kept: ['[].left', '[].note'] },
      rows: { operation: 'searchStock', kept: ['rows[].left'] },
    });
  });
});

describe('a list in pages in a view', () => {
  const listed = screen(stocked, ({ parcels, maybe }) => ({
    parcels,
    ids: orNull(list(maybe, (parcel) => parcel.id)),
  }));

  it('is a list of what the pages hold', () => {
    expect(made(listed)).toMatchObject({ body: { parcels: [{ id: 'p1' }], ids: ['p2'] } });
    expect(responseSchema(listed).schema).toMatchObject({
      properties: { parcels: { type: 'array', maxItems: 20, items: { properties: { id: { type: 'string' } } } } },
    });
    expect(readFields(listed)).toMatchObject({ parcels: { kept: ['items'] }, maybe: { kept: ['items[].id'] } });
  });

  it('is missing where an optional page violates its contract', () => {
    const broken = [...values.slice(0, 3), { ok: true, value: [{}] }];
    expect(made(listed, broken)).toMatchObject({
      body: { ids: null },
      report: { maybe: { status: 'bad_payload', source: 'none' } },
    });
  });
});
