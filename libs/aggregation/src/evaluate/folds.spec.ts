import { describe, expect, it } from 'vitest';
import { equal, groupBy, at } from '../view/joins.js';
import { orElse, orNull, orOmit, pick, test } from '../view/combinators.js';
import { contract, crmParts, crmPlan, invoice } from '../fixtures/crm.js';
import { gone, respond, spelled } from '../fixtures/both-engines.js';
import { responseSchema } from '../schema/response-schema.js';
import { count, first, list, sortBy, take, where, concat, distinct, flatten, max, min, sum } from '../view/lists.js';
import { screen, type Screen } from '../view/screen.js';

const body = (of: Screen<unknown>, changes: object = {}): unknown => respond(of, { ...crmParts, ...changes });
const amounts = (...of: readonly unknown[]) => ({
  invoices: { items: of.map((amount, n) => invoice(String(n), 1, amount as number)) },
});

describe('concat', () => {
  const of = screen(crmPlan, ({ invoices, credits }) => ({
    all: concat(invoices.items, orElse(credits.items, [])),
    ids: list(concat(orElse(credits.items, []), invoices.items), (one) => one.id),
    newest: first(sortBy(concat(invoices.items, orElse(credits.items, [])), 'dueOn', 'descending')).id,
    maybe: orNull(concat(invoices.items, credits.items)),
    count: count(concat(invoices.items, invoices.items)),
    own: concat(
      [{ id: 'x' }],
      list(take(invoices.items, 1), (one) => pick(one, 'id')),
    ),
  }));

  it('is one list after the other, without undeclared members', () => {
    expect(body(of)).toMatchObject({
      all: [{ id: '1' }, { id: '2' }, { id: '3' }, { id: '4' }, { id: '5', discount: 2 }],
      ids: ['5', '1', '2', '3', '4'],
      newest: '5',
      maybe: [{ id: '1' }, { id: '2' }, { id: '3' }, { id: '4' }, { id: '5' }],
      count: 8,
      own: [{ id: 'x' }, { id: '1' }],
    });
    expect(JSON.stringify(body(of))).not.toContain('secret');
  });

  it('is missing with a part that is missing, unless the view says what to add instead', () => {
    expect(body(of, { credits: gone })).toMatchObject({ ids: ['1', '2', '3', '4'], newest: '4', maybe: null });
  });

  it('takes a list that is null for an empty one', () => {
    expect(body(of, { invoices: { items: null } })).toMatchObject({ ids: ['5'], count: 0, own: [{ id: 'x' }] });
  });

  it('names the part whose item violates its contract', () => {
    const ids = screen(crmPlan, ({ invoices, credits }) => ({
      ids: list(concat(invoices.items, orElse(credits.items, [])), (one) => one.id),
    }));
    expect(body(ids, { credits: { items: [{ contract: 1 }] } })).toEqual({
      body: { ids: ['1', '2', '3', '4'], _parts: { credits: { status: 'bad_payload', source: 'none' } } },
      report: { credits: { status: 'bad_payload', source: 'none' } },
    });
    expect(body(ids, { invoices: { items: [{ contract: 1 }] } })).toMatchObject({ kind: 'unreadable', part: 'invoices' }); // prettier-ignore
    const oldest = screen(crmPlan, ({ invoices, credits }) => ({
      id: first(concat(orElse(credits.items, []), invoices.items)).id,
    }));
    expect(body(oldest, { credits: { items: [{}] } })).toMatchObject({ body: { id: '1' } });
    expect(body(of, { invoices: { items: 7 } })).toMatchObject({ kind: 'unreadable', part: 'invoices' });
  });
});

describe('flatten', () => {
  const of = screen(crmPlan, ({ customers, contracts, invoices }) => ({
    tags: flatten(list(contracts.items, (one) => one.tags)),
    once: distinct(flatten(list(contracts.items, (one) => one.tags))),
    joined: list(
      flatten(list(customers.items, (customer) => where(contracts.items, (one) => equal(one.customerId, customer.id)))),
      (one) => one.number,
    ),
    bills: flatten(list(contracts.items, (one) => list(at(groupBy(invoices.items, 'contract'), one.number), (bill) => bill.id))), // prettier-ignore
  }));

  it('has the items of the lists in a list', () => {
    expect(body(of)).toEqual({
      tags: ['b', 'a', 'a', 'a', 'a', 'a', 'a'],
      once: ['b', 'a'],
      joined: [1, 4, 5],
      bills: ['2', '1', '3'],
    });
  });

  it('takes a list that is null for an empty one, and refuses what is no list', () => {
    const contracts = (tags: unknown) => ({ contracts: { items: [contract(1, 'ada', { tags }), contract(2, 'ada')] } });
    expect(body(of, contracts(null))).toMatchObject({ tags: ['a'], once: ['a'] });
    expect(body(of, contracts(['漢', 'a']))).toMatchObject({ tags: ['漢', 'a', 'a'], once: ['漢', 'a'] });
    expect(body(of, contracts('a'))).toMatchObject({ kind: 'unreadable', part: 'contracts' });
    expect(body(of, { contracts: { items: null } })).toMatchObject({ tags: null, once: null, bills: null });
    expect(body(of, { contracts: { items: [] } })).toEqual({ tags: [], once: [], joined: [], bills: [] });
  });
});

describe('sum, min and max', () => {
  const of = screen(crmPlan, ({ invoices, credits }) => ({
    sum: sum(invoices.items, 'amount'),
    discounts: sum(invoices.items, 'discount'),
    least: orNull(min(invoices.items, 'amount')),
    most: max(invoices.items, 'amount'),
    latest: orNull(max(list(invoices.items, (one) => one.dueOn))),
    earliest: orOmit(min(invoices.items, 'dueOn')),
    credit: orElse(sum(credits.items, 'amount'), 0),
  }));

  it('are made of all values', () => {
    expect(body(of)).toEqual({
      sum: 12.3,
      discounts: 0,
      least: 0.1,
      most: 7,
      latest: '2026-01-04',
      earliest: '2026-01-01',
      credit: -7,
    });
  });

  it('are 0, and nothing, of an empty list', () => {
    expect(body(of, { ...amounts(), credits: gone })).toEqual({
      sum: 0,
      discounts: 0,
      least: null,
      latest: null,
      credit: 0,
    });
  });

  it.each<[name: string, values: readonly unknown[], sum: number]>([
    ['decimals as they are written', [0.1, 0.2], 0.3],
    ['cents', [19.99, 5.01, 0.99], 25.99],
    ['many decimals', Array.from({ length: 1000 }, () => 0.1), 100],
    ['small and large ones', [1e-7, 1, 1e15], 1000000000000001],
    ['what takes back another one', [1e300, 1, -1e300], 1],
    ['null, which adds nothing', [1, null, 2], 3],
    ['minus zero as zero', [-0, -0], 0],
    ['the largest whole number', [Number.MAX_SAFE_INTEGER - 1, 1], Number.MAX_SAFE_INTEGER],
    ['whole numbers that are too large on the way', [Number.MAX_SAFE_INTEGER, 1, -2], Number.MAX_SAFE_INTEGER - 1],
  ])('add %s', (_name, values, expected) => {
    const only = screen(crmPlan, ({ invoices }) => ({ sum: sum(invoices.items, 'amount') }));
    expect(body(only, amounts(...values))).toEqual({ sum: expected });
  });

  it.each<[name: string, changes: object]>([
    ['whole numbers whose sum a double cannot hold', amounts(Number.MAX_SAFE_INTEGER, 1)],
    ['numbers whose sum is beyond the largest double', amounts(1.7e308, 1.7e308)],
    ['a text', amounts(1, '2')],
    ['a list', amounts(1, [2])],
    ['a number that a double cannot hold', { invoices: spelled('{"items":[{"id":"1","contract":1,"dueOn":"x","amount":9007199254740993}]}') }], // prettier-ignore
  ])('refuse %s', (_name, changes) => {
    expect(body(of, changes)).toMatchObject({ kind: 'unreadable', part: 'invoices' });
  });

  it('take values that have a constant in their place', () => {
    const made = screen(crmPlan, ({ contracts, profile }) => ({
      days: sum(list(contracts.items, (one) => orElse(one.terms.notice, 0))),
      least: orNull(min(list(contracts.items, (one) => orElse(one.terms.notice, 14)))),
      ends: orNull(max(list(contracts.items, (one) => orElse(one.terms.until, profile.id)))),
    }));
    expect(body(made)).toEqual({ days: 30, least: 14, ends: 'ada' });
    expect(responseSchema(made).schema).toMatchObject({ properties: { days: { type: 'integer' } } });
  });

  it('lose an optional part whose values they refuse', () => {
    const credits = { items: [invoice('1', 1, Number.MAX_SAFE_INTEGER), invoice('2', 1, 1)] };
    expect(body(of, { credits })).toMatchObject({
      body: { credit: 0 },
      report: { credits: { status: 'bad_payload', source: 'none' } },
    });
  });
});

describe('distinct', () => {
  const of = screen(crmPlan, ({ customers, contracts, invoices }) => ({
    values: distinct(list(contracts.items, (one) => orNull(one.customerId))),
    numbers: distinct(concat(list(invoices.items, (one) => one.contract), [1, '1', 4])), // prettier-ignore
    items: list(distinct(contracts.items, 'customerId'), (one) => one.number),
    made: list(
      distinct(customers.items, (one) => equal(one.id, 'ada')),
      (one) => one.id,
    ),
    whole: distinct(invoices.items, 'contract'),
  }));

  it('keeps the first of equal values, tells 1 from "1", and keeps all items without a key', () => {
    expect(body(of)).toMatchObject({
      values: ['ada', null, '__proto__', 'nobody'],
      numbers: [4, 1, 9, '1'],
      items: [1, 2, 3, 5, 6],
      made: ['ada', 'bob'],
      whole: [{ id: '1' }, { id: '2' }, { id: '4' }],
    });
    expect(JSON.stringify(body(of))).not.toContain('secret');
  });

  it('goes with conditions', () => {
    const kept = screen(crmPlan, ({ invoices }) =>
      list(
        distinct(
          where(invoices.items, (one) => test({ id: one.id }, ({ id }) => id !== '1')),
          'contract',
        ),
        (one) => one.id,
      ),
    );
    expect(body(kept)).toEqual(['2', '3', '4']);
  });
});
