import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mapEnum } from '../view/choices.js';
import { compute, orElse, orNull, pick, test } from '../view/combinators.js';
import { contract, crmParts, crmPlan, invoice } from '../fixtures/crm.js';
import { gone, respond, spelled } from '../fixtures/both-engines.js';
import { at, equal, groupBy, indexBy } from '../view/joins.js';
import { count, first, list, where, sum } from '../view/lists.js';
import type { Ref } from '../model/references.js';
import { screen, type Screen } from '../view/screen.js';

const body = (of: Screen<unknown>, changes: object = {}): unknown => respond(of, { ...crmParts, ...changes });

describe('a join of lists', () => {
  const joined = screen(crmPlan, ({ customers, contracts, invoices }) => {
    const contractsOf = groupBy(contracts.items, 'customerId');
    const invoicesOf = groupBy(invoices.items, (one) => one.contract);
    return list(customers.items, (customer) => ({
      name: customer.name,
      contracts: list(at(contractsOf, customer.id), (one) => ({
        kind: mapEnum(one.kind, { FLAT: 'flat', USAGE: 'usage' }),
        invoices: list(at(invoicesOf, one.number), (bill) => pick(bill, 'id', 'amount')),
        total: sum(at(invoicesOf, one.number), 'amount'),
      })),
    }));
  });
  const expected = [
    {
      name: 'Ada',
      contracts: [
        { kind: 'usage', invoices: [{ id: '2', amount: 7 }], total: 7 },
        {
          kind: 'flat',
          invoices: [
            { id: '1', amount: 0.1 },
            { id: '3', amount: 0.2 },
          ],
          total: 0.3,
        },
      ],
    },
    { name: 'Bob', contracts: [] },
    { name: 'Eve', contracts: [{ kind: 'flat', invoices: [], total: 0 }] },
  ];

  it('has for each item of one the items of the other, nested', () => {
    expect(body(joined)).toEqual(expected);
  });

  it('is the same by `where` with a key of the item around it', () => {
    const same = screen(crmPlan, ({ customers, contracts, invoices }) =>
      list(customers.items, (customer) => ({
        name: customer.name,
        contracts: list(
          where(contracts.items, (one) => equal(customer.id, one.customerId)),
          (one) => {
            const bills = where(invoices.items, (bill) => equal(bill.contract, one.number));
            return {
              kind: mapEnum(one.kind, { FLAT: 'flat', USAGE: 'usage' }),
              invoices: list(bills, (bill) => pick(bill, 'id', 'amount')),
              total: sum(bills, 'amount'),
            };
          },
        ),
      })),
    );
    expect(body(same)).toEqual(expected);
  });

  it('reads each item once, however many items look for it', () => {
    const many = 300;
    const contracts = { items: Array.from({ length: many }, (_, n) => contract(n, `c${n % 100}`)) };
    const customers = { items: Array.from({ length: 100 }, (_, n) => ({ id: `c${n}`, name: `${n}` })) };
    let compared = 0;
    const keyOf = (one: { readonly customerId: Ref<string | null | undefined> }) =>
      compute(z.string(), { id: one.customerId }, ({ id }) => {
        compared += 1;
        return id ?? '';
      });
    const counted = (key: 'where' | 'groupBy') =>
      screen(crmPlan, (seen) => {
        const table = groupBy(seen.contracts.items, keyOf);
        return list(seen.customers.items, (customer) =>
          list(
            key === 'where'
              ? where(seen.contracts.items, (one) => equal(keyOf(one), customer.id))
              : at(table, customer.id),
            (one) => one.number,
          ),
        );
      });
    for (const key of ['where', 'groupBy'] as const) {
      compared = 0;
      const rows = body(counted(key), { contracts, customers }) as number[][];
      expect(rows.flat()).toHaveLength(many);
      // Once in each of the two engines.
      expect(compared).toBe(2 * many);
    }
  });

  it('makes a table of the lists of an item once per item', () => {
    let compared = 0;
    const nested = screen(crmPlan, ({ customers, contracts, invoices }) =>
      list(customers.items, (customer) => {
        const own = where(contracts.items, (one) => equal(one.customerId, customer.id));
        const byNumber = indexBy(own, (one) =>
          compute(z.number(), { number: one.number }, ({ number }) => {
            compared += 1;
            return number;
          }),
        );
        return list(invoices.items, (bill) => orNull(at(byNumber, bill.contract).kind));
      }),
    );
    expect(body(nested)).toEqual([['FLAT', 'USAGE', 'FLAT', null], [null, null, null, null], [null, null, null, null]]); // prettier-ignore
    expect(compared).toBe(2 * 3);
  });

  it('takes conditions that are more than a comparison of keys', () => {
    const of = screen(crmPlan, ({ customers, invoices, profile }) => ({
      own: list(
        where(customers.items, (one) =>
          test({ id: one.id, mine: profile.id }, ({ id, mine }) => id.length === mine.length),
        ),
        (one) => one.id,
      ),
      large: list(
        where(
          where(invoices.items, (one) => test({ amount: one.amount }, ({ amount }) => amount > 1)),
          (one) => equal(one.contract, 9),
        ),
        (one) => one.id,
      ),
      found: orNull(first(where(invoices.items, (one) => equal(one.id, '3'))).amount),
      none: orNull(first(where(invoices.items, (one) => equal(one.id, 'x'))).amount),
    }));
    expect(body(of)).toEqual({ own: ['ada', 'bob'], large: ['4'], found: 0.2, none: null });
  });
});

it('an entry of a list that may be missing is missing with it', () => {
  const of = screen(crmPlan, ({ credits }) => ({
    second: orNull(at(credits.items, 1).id),
    first: orNull(at(credits.items, 0).id),
  }));
  expect(body(of)).toEqual({ second: null, first: '5' });
  expect(body(of, { credits: gone })).toEqual({ second: null, first: null });
});

describe('a table', () => {
  it('of a list that is null is empty, and of a part that may be missing takes what `orElse` says', () => {
    const of = screen(crmPlan, ({ contracts, credits }) => ({
      groups: list(contracts.items, (one) => count(at(groupBy(orElse(credits.items, []), 'contract'), one.number))),
      first: orNull(at(indexBy(orElse(credits.items, []), 'contract'), 1).id),
    }));
    expect(body(of)).toEqual({ groups: [1, 0, 0, 0, 0, 0], first: '5' });
    expect(body(of, { credits: gone })).toEqual({ groups: [0, 0, 0, 0, 0, 0], first: null });
    expect(body(of, { credits: { items: null } })).toEqual({ groups: [0, 0, 0, 0, 0, 0], first: null });
  });
});

describe('a key', () => {
  const joined = screen(crmPlan, ({ customers, contracts }) =>
    list(customers.items, (customer) =>
      list(
        where(contracts.items, (one) => equal(one.customerId, customer.manager)),
        (one) => one.number,
      ),
    ),
  );

  it('that is null or missing is equal to nothing, not even to another one', () => {
    expect(body(joined)).toEqual([[], [], []]);
    const same = screen(crmPlan, ({ customers, contracts }) => ({
      looked: list(customers.items, (one) => list(at(groupBy(contracts.items, 'customerId'), one.manager), () => 1)),
      found: list(customers.items, (one) => orNull(at(indexBy(contracts.items, 'customerId'), one.manager).number)),
      equal: list(customers.items, (one) => equal(one.manager, one.manager)),
    }));
    expect(body(same)).toEqual({
      looked: [[], [], []],
      found: [null, null, null],
      equal: [true, false, false],
    });
  });

  it('may have the name of what every object has', () => {
    const customers = { items: ['constructor', 'toString', '__proto__'].map((id) => ({ id, name: id })) };
    const contracts = { items: [contract(1, 'toString'), contract(2, '__proto__')] };
    const of = screen(crmPlan, (seen) =>
      list(seen.customers.items, (one) =>
        list(at(groupBy(seen.contracts.items, 'customerId'), one.id), (found) => found.number),
      ),
    );
    expect(body(of, { customers, contracts })).toEqual([[], [1], [2]]);
  });

  it('of another type than its contract says makes its part unreadable', () => {
    const contracts = { items: [contract(1, 7 as never)] };
    expect(body(joined, { contracts })).toMatchObject({
      kind: 'unreadable',
      part: 'contracts',
      failure: { detail: 'contracts.items[].customerId: is of type number, where the contract says string' },
    });
  });

  it('is told from the same digits in a text', () => {
    const untyped = screen(crmPlan, ({ invoices, profile }) => {
      // @ts-expect-error the compiler refuses keys of different types
      const found = where(invoices.items, (one) => equal(one.contract, profile.id));
      return list(found, (one) => one.id);
    });
    expect(body(untyped, { profile: { ...crmParts.profile, id: '4' } })).toEqual([]);
  });

  const big = (digits: string) => spelled(`{"items":[${JSON.stringify(invoice('1', 0, 1)).replace('"contract":0', `"contract":${digits}`)}]}`); // prettier-ignore
  const byContract = screen(crmPlan, ({ contracts, invoices }) =>
    list(contracts.items, (one) => list(at(groupBy(invoices.items, 'contract'), one.number), (bill) => bill.id)),
  );

  it('that a double cannot hold is refused where it is a number', () => {
    expect(body(byContract, { invoices: big('9007199254740993') })).toMatchObject({
      kind: 'unreadable',
      part: 'invoices',
    });
  });

  it('that a double cannot hold is compared by its digits where policy passes it on as a text', () => {
    const contracts = { items: [contract('9007199254740993' as never), contract('9007199254740992' as never)] };
    const found = body(byContract, { contracts, invoices: big('"9007199254740993"') });
    expect(found).toEqual([['1'], []]);
    expect(body(byContract, { invoices: big('"12"') })).toMatchObject({ kind: 'unreadable', part: 'invoices' });
  });

  it('is compared by code unit: two spellings of one letter are two keys', () => {
    const of = screen(crmPlan, ({ customers }) => list(customers.items, (one) => equal(one.id, 'é')));
    const customers = { items: ['é', 'e\u0301', '漢'].map((id) => ({ id, name: id })) };
    expect(body(of, { customers })).toEqual([true, false, false]);
  });
});
