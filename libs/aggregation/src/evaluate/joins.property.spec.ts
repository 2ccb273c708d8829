import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, fixed, merge, omit, orElse, orNull } from '../view/combinators.js';
import { crmPlan, type Contract, type Customer, type Invoice, type Profile } from '../fixtures/crm.js';
import { gone, respond } from '../fixtures/both-engines.js';
import { at, equal, groupBy, indexBy } from '../view/joins.js';
import { concat, distinct, flatten, list, max, min, sum, where } from '../view/lists.js';
import { screen } from '../view/screen.js';

/** Few keys, so that many are equal; some are names that every object has, some differ only in how a letter is spelled. */
const key = fc.constantFrom('a', 'b', '1', '', '__proto__', 'constructor', 'é', 'e\u0301', '漢', '\ud800');
const amount = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.integer({ min: -100_000, max: 100_000 }).map((cents) => cents / 100),
  fc.constantFrom(0, -0, 0.1, 1e-7, 123_456_789.125),
);
/** Of an amount in 10 to the power of -7. */
const units = (value: number): bigint => BigInt(Math.round(value * 1e7));

const customer = fc.record<Customer>(
  { id: key, name: fc.string({ maxLength: 3 }), manager: fc.option(key) },
  { requiredKeys: ['id', 'name'] },
);
const contract = fc.record<Contract>(
  {
    number: fc.integer({ min: 0, max: 5 }),
    customerId: fc.option(key),
    kind: fc.constantFrom<Contract['kind']>('FLAT', 'USAGE'),
    tags: fc.array(key, { maxLength: 3 }),
    terms: fc.option(fc.record({ notice: fc.nat(9), until: key }, { requiredKeys: ['notice'] })),
  },
  { requiredKeys: ['number', 'kind', 'tags'] },
);
const invoice = fc.record<Invoice>(
  { id: key, contract: fc.integer({ min: 0, max: 5 }), amount, discount: fc.option(amount), dueOn: key },
  { requiredKeys: ['id', 'contract', 'amount', 'dueOn'] },
);
const profile = fc.record<Profile>(
  { id: key, name: key, city: key, score: fc.integer() },
  { requiredKeys: ['id', 'name', 'score'] },
);
const extra = fc.record<{ name: string; mood?: string; score: number | null }>(
  { name: key, mood: key, score: fc.option(fc.integer()) },
  { requiredKeys: ['name', 'score'] },
);
const items = <T>(of: fc.Arbitrary<T>) => fc.record({ items: fc.array(of, { maxLength: 8 }) });
const responses = fc.record({
  customers: items(customer),
  contracts: items(contract),
  invoices: items(invoice),
  credits: fc.oneof(items(invoice), fc.constant(gone)),
  profile,
  extra: fc.oneof(extra, fc.constant(gone)),
});
type Responses = typeof responses extends fc.Arbitrary<infer T> ? T : never;

const isKey = (value: unknown): boolean => value !== null && value !== undefined;
/** As JSON carries it. */
const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const valueOf = <T>(part: T | typeof gone): T | undefined => (part === gone ? undefined : (part as T));
const onePer = <T>(of: readonly T[], keyOf: (item: T) => unknown): readonly T[] =>
  of.filter((item, n) => !isKey(keyOf(item)) || of.findIndex((other) => keyOf(other) === keyOf(item)) === n);
const smallest = <T extends number | string>(of: readonly T[], sign: number): T | null =>
  of.reduce<T | null>((found, one) => (found === null || (sign > 0 ? one < found : one > found) ? one : found), null);

/** Each verb as a team would write it by hand, with loops in place of tables. */
const model = {
  groups: ({ customers, contracts }: Responses) =>
    customers.items.map(({ id }) =>
      contracts.items.filter(({ customerId }) => customerId === id).map(({ number }) => number),
    ),
  managers: ({ customers }: Responses) =>
    customers.items.map(({ manager }) =>
      isKey(manager) ? customers.items.filter(({ id }) => id === manager).map(({ name }) => name) : [],
    ),
  last: ({ contracts, customers }: Responses) =>
    contracts.items.map(({ customerId }) => customers.items.findLast(({ id }) => isKey(id) && id === customerId)?.name ?? null), // prettier-ignore
  nested: ({ contracts, invoices, profile: { id: own } }: Responses) =>
    contracts.items
      .filter(({ customerId }) => customerId === own)
      .map(({ number }) => invoices.items.filter((bill) => bill.contract === number).map(({ dueOn }) => dueOn)),
  same: ({ customers }: Responses) => customers.items.map(({ id, manager }) => id === manager),
  concat: ({ invoices, credits }: Responses) =>
    [...invoices.items, ...(valueOf(credits)?.items ?? [])].map(({ id }) => id),
  maybe: ({ invoices, credits }: Responses) =>
    credits === gone ? null : [...(valueOf(credits)?.items ?? []), ...invoices.items].map(({ id }) => id),
  flat: ({ contracts }: Responses) => contracts.items.flatMap(({ tags }) => tags),
  tags: ({ contracts }: Responses) => [...new Set(contracts.items.flatMap(({ tags }) => tags))],
  perCustomer: ({ contracts }: Responses) => onePer(contracts.items, (one) => one.customerId).map(({ number }) => number), // prettier-ignore
  sum: ({ invoices }: Responses) => Number(invoices.items.reduce((total, one) => total + units(one.amount), 0n)) / 1e7,
  discounts: ({ credits }: Responses) =>
    Number((valueOf(credits)?.items ?? []).reduce((total, one) => total + units(one.discount ?? 0), 0n)) / 1e7,
  least: ({ invoices }: Responses) => smallest(invoices.items.map((one) => one.amount), 1), // prettier-ignore
  latest: ({ invoices }: Responses) => smallest(invoices.items.map(({ dueOn }) => dueOn), -1), // prettier-ignore
  spread: ({ profile: own }: Responses) => ({ ...own, more: 1 }),
  short: ({ contracts }: Responses) =>
    contracts.items.map((one) => {
      const { terms: _, tags: __, ...others } = one;
      return others;
    }),
  merged: ({ profile: own, extra: other }: Responses) => ({ ...own, ...valueOf(other), here: true }),
  terms: ({ contracts }: Responses) => contracts.items.map(({ number, terms }) => ({ number, ...terms })),
  named: ({ extra: other }: Responses) => valueOf(other)?.name ?? 'none',
};

const shown = screen(crmPlan, (seen) => {
  const contractsOf = groupBy(seen.contracts.items, 'customerId');
  const credits = orElse(seen.credits.items, []);
  return {
    groups: list(seen.customers.items, (one) => list(at(contractsOf, one.id), ({ number }) => number)),
    managers: list(seen.customers.items, (one) =>
      list(
        where(seen.customers.items, (other) => equal(one.manager, other.id)),
        ({ name }) => name,
      ),
    ),
    last: list(seen.contracts.items, (one) => orNull(at(indexBy(seen.customers.items, 'id'), one.customerId).name)),
    nested: list(
      where(seen.contracts.items, (one) => equal(one.customerId, seen.profile.id)),
      (one) =>
        list(at(groupBy(seen.invoices.items, (bill) => bill.contract), one.number), ({ dueOn }) => dueOn), // prettier-ignore
    ),
    same: list(seen.customers.items, (one) => equal(one.id, one.manager)),
    concat: list(concat(seen.invoices.items, credits), ({ id }) => id),
    maybe: orNull(list(concat(seen.credits.items, seen.invoices.items), ({ id }) => id)),
    flat: flatten(list(seen.contracts.items, ({ tags }) => tags)),
    tags: distinct(flatten(list(seen.contracts.items, ({ tags }) => tags))),
    perCustomer: list(distinct(seen.contracts.items, 'customerId'), ({ number }) => number),
    sum: sum(seen.invoices.items, 'amount'),
    discounts: orElse(sum(seen.credits.items, 'discount'), 0),
    least: orNull(min(seen.invoices.items, 'amount')),
    latest: orNull(max(list(seen.invoices.items, ({ dueOn }) => dueOn))),
    spread: { ...all(seen.profile), more: 1 },
    short: list(seen.contracts.items, (one) => omit(one, 'terms', 'tags')),
    merged: merge(seen.profile, orElse(seen.extra, {}), { here: fixed(true) }),
    terms: list(seen.contracts.items, (one) => merge({ number: one.number }, one.terms)),
    named: orElse(seen.extra, { name: 'none' }).name,
  };
});

describe('joins, folds and merged objects', () => {
  it('are what a plain loop makes of the same responses, projected or parsed', () => {
    fc.assert(
      fc.property(responses, (of) => {
        const expected = Object.fromEntries(Object.entries(model).map(([name, run]) => [name, run(of)]));
        expect(respond(shown, of)).toEqual(sent(expected));
      }),
      { numRuns: 150 },
    );
  });
});
