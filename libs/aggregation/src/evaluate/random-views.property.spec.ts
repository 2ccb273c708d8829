import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gone, respond } from '../fixtures/both-engines.js';
import { crmPlan, type Contract, type Customer, type Invoice } from '../fixtures/crm.js';
import type { Ref } from '../model/references.js';
import { when } from '../view/choices.js';
import { all, merge, omit, orElse, orNull, orOmit, pick } from '../view/combinators.js';
import { at, equal, groupBy, indexBy } from '../view/joins.js';
import { concat, count, distinct, flatten, list, max, min, sortBy, sum, take, where } from '../view/lists.js';
import { screen } from '../view/screen.js';

/** Few keys, so that many are equal; some are names that every object has. */
const key = fc.constantFrom('a', 'b', '', '__proto__', 'constructor', 'é');
const small = fc.integer({ min: 0, max: 4 });
const customer = fc.record<Customer>({ id: key, name: key, manager: fc.option(key) }, { requiredKeys: ['id', 'name'] });
const contract = fc.record<Contract>(
  {
    number: small,
    customerId: fc.option(key),
    kind: fc.constantFrom<Contract['kind']>('FLAT', 'USAGE'),
    tags: fc.array(key, { maxLength: 2 }),
    terms: fc.option(fc.record({ notice: small, until: key }, { requiredKeys: ['notice'] })),
  },
  { requiredKeys: ['number', 'kind', 'tags'] },
);
const invoice = fc.record<Invoice>({ id: key, contract: small, amount: small, dueOn: key });
const page = <T>(of: fc.Arbitrary<T>) => fc.record({ items: fc.array(of, { maxLength: 6 }) });
const responses = fc.record({ customers: page(customer), contracts: page(contract), invoices: page(invoice) });
type Responses = typeof responses extends fc.Arbitrary<infer T> ? T : never;

/** A list of contracts, as it is drawn. */
type DrawnList =
  | { readonly verb: 'all' | 'grouped' }
  | { readonly verb: 'where' | 'distinct' | 'sorted'; readonly of: DrawnList }
  | { readonly verb: 'take'; readonly of: DrawnList; readonly count: number }
  | { readonly verb: 'concat'; readonly of: DrawnList; readonly other: DrawnList };
type ContractKey = 'number' | 'customerId' | 'kind';
/** The view of one contract, as it is drawn. */
type DrawnBody =
  | { readonly verb: 'all' }
  | { readonly verb: 'pick' | 'omit'; readonly keys: readonly ContractKey[] }
  | { readonly verb: 'merge'; readonly keys: readonly ContractKey[] }
  | { readonly verb: 'owner' | 'bills' | 'total' | 'terms' | 'same' | 'until' };
type DrawnMember =
  | { readonly verb: 'list'; readonly of: DrawnList; readonly body: DrawnBody }
  | { readonly verb: 'sum' | 'min' | 'max' | 'count' | 'tags' | 'flat'; readonly of: DrawnList };

const lists = fc.letrec<{ list: DrawnList }>((tie) => ({
  list: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constant<DrawnList>({ verb: 'all' }),
    fc.constant<DrawnList>({ verb: 'grouped' }),
    fc.record({ verb: fc.constantFrom('where', 'distinct', 'sorted'), of: tie('list') }),
    fc.record({ verb: fc.constant('take'), of: tie('list'), count: small }),
    fc.record({ verb: fc.constant('concat'), of: tie('list'), other: tie('list') }),
  ),
})).list;
const keys = fc.uniqueArray(fc.constantFrom<ContractKey>('number', 'customerId', 'kind'), { minLength: 1 });
const body: fc.Arbitrary<DrawnBody> = fc.oneof(
  fc.constant<DrawnBody>({ verb: 'all' }),
  fc.record({ verb: fc.constantFrom('pick', 'omit'), keys }),
  fc.record({ verb: fc.constant('merge'), keys }),
  fc.record({ verb: fc.constantFrom('owner', 'bills', 'total', 'terms', 'same', 'until') }),
);
const member: fc.Arbitrary<DrawnMember> = fc.oneof(
  fc.record({ verb: fc.constant('list'), of: lists, body }),
  fc.record({ verb: fc.constantFrom('sum', 'min', 'max', 'count', 'tags', 'flat'), of: lists }),
);
const members = fc.array(member, { minLength: 1, maxLength: 4 });

/** The view that is drawn. */
const build = (drawn: readonly DrawnMember[]) =>
  screen(crmPlan, ({ customers, contracts, invoices }) => {
    const listOf = (one: DrawnList): Ref<Contract[]> => {
      switch (one.verb) {
        case 'all':
          return contracts.items;
        case 'grouped': {
          const byCustomer = groupBy(contracts.items, 'customerId');
          return flatten(list(customers.items, ({ id }) => at(byCustomer, id)));
        }
        case 'where':
          return where(listOf(one.of), ({ kind }) => equal(kind, 'FLAT'));
        case 'distinct':
          return distinct(listOf(one.of), 'customerId');
        case 'sorted':
          return sortBy(listOf(one.of), 'number');
        case 'take':
          return take(listOf(one.of), one.count);
        case 'concat':
          return concat(listOf(one.of), listOf(one.other));
      }
    };
    const memberOf = (one: DrawnMember): unknown => {
      const of = listOf(one.of);
      switch (one.verb) {
        case 'sum':
          return sum(of, 'number');
        case 'min':
          return orNull(min(of, 'number'));
        case 'max':
          return orNull(max(of, 'number'));
        case 'count':
          return count(of);
        case 'tags':
          return distinct(flatten(list(of, ({ tags }) => tags)));
        case 'flat':
          // Some of the lists are null.
          return flatten(list(of, (one) => orNull(when(equal(one.kind, 'FLAT'), one.tags))));
        case 'list':
          return listed(of, one.body);
      }
    };
    const listed = (of: Ref<Contract[]>, how: DrawnBody): unknown => {
      const billsOf = groupBy(invoices.items, 'contract');
      switch (how.verb) {
        case 'all':
          return list(of, (one) => ({ ...all(one) }));
        case 'pick':
          return list(of, (one) => ({ ...pick(one, ...how.keys) }));
        case 'omit':
          return list(of, (one) => ({ ...omit(one, ...how.keys) }));
        case 'merge':
          return list(of, (one) => merge(pick(one, ...how.keys), { kind: 'mine', own: 1 }));
        case 'owner':
          return list(of, (one) => orNull(at(indexBy(customers.items, 'id'), one.customerId).name));
        case 'bills':
          return list(of, (one) => list(at(billsOf, one.number), ({ id, amount }) => ({ id, amount })));
        case 'total':
          return list(of, (one) => sum(at(billsOf, one.number), 'amount'));
        case 'terms':
          return list(of, (one) => ({ notice: orElse(one.terms.notice, 0), until: orNull(one.terms.until) }));
        case 'same':
          return list(of, (one) => equal(one.customerId, one.terms.until));
        case 'until':
          // A member that is missing replaces nothing.
          return list(of, (one) => merge(pick(one, 'kind', 'number'), { kind: orOmit(one.terms.until) }));
      }
    };
    // The shape of a drawn view has no type; each of its verbs is typed where it is used above.
    return Object.fromEntries(drawn.map((one, n) => [`m${n}`, memberOf(one)])) as Record<string, Ref<unknown>>;
  });

const isKey = (value: unknown): boolean => value !== null && value !== undefined;

/** The same by hand, with loops in place of tables. */
const model = (drawn: readonly DrawnMember[], { customers, contracts, invoices }: Responses): unknown => {
  const listOf = (one: DrawnList): readonly Contract[] => {
    switch (one.verb) {
      case 'all':
        return contracts.items;
      case 'grouped':
        return customers.items.flatMap(({ id }) => contracts.items.filter(({ customerId }) => customerId === id));
      case 'where':
        return listOf(one.of).filter(({ kind }) => kind === 'FLAT');
      case 'distinct': {
        const of = listOf(one.of);
        return of.filter(
          ({ customerId }, n) => !isKey(customerId) || of.findIndex((other) => other.customerId === customerId) === n,
        );
      }
      case 'sorted':
        return listOf(one.of).toSorted((a, b) => a.number - b.number);
      case 'take':
        return listOf(one.of).slice(0, one.count);
      case 'concat':
        return [...listOf(one.of), ...listOf(one.other)];
    }
  };
  const memberOf = (one: DrawnMember): unknown => {
    const of = listOf(one.of);
    const numbers = of.map(({ number }) => number);
    switch (one.verb) {
      case 'sum':
        return numbers.reduce((total, number) => total + number, 0);
      case 'min':
        return numbers.length === 0 ? null : Math.min(...numbers);
      case 'max':
        return numbers.length === 0 ? null : Math.max(...numbers);
      case 'count':
        return of.length;
      case 'tags':
        return [...new Set(of.flatMap(({ tags }) => tags))];
      case 'flat':
        return of.flatMap(({ kind, tags }) => (kind === 'FLAT' ? tags : []));
      case 'list':
        return of.map((each) => bodyOf(each, one.body));
    }
  };
  const bodyOf = (one: Contract, how: DrawnBody): unknown => {
    const bills = invoices.items.filter((bill) => bill.contract === one.number);
    const only = (isKept: (name: string) => boolean): object =>
      Object.fromEntries(Object.entries(one).filter(([name]) => isKept(name)));
    switch (how.verb) {
      case 'all':
        return one;
      case 'pick':
        return only((name) => how.keys.some((kept) => kept === name));
      case 'omit':
        return only((name) => !how.keys.some((left) => left === name));
      case 'merge':
        return { ...only((name) => how.keys.some((kept) => kept === name)), kind: 'mine', own: 1 };
      case 'owner':
        return customers.items.findLast(({ id }) => id === one.customerId)?.name ?? null;
      case 'bills':
        return bills.map(({ id, amount }) => ({ id, amount }));
      case 'total':
        return bills.reduce((total, { amount }) => total + amount, 0);
      case 'terms':
        return { notice: one.terms?.notice ?? 0, until: one.terms?.until ?? null };
      case 'same':
        return isKey(one.customerId) && one.customerId === one.terms?.until;
      case 'until':
        return { kind: one.terms?.until ?? one.kind, number: one.number };
    }
  };
  return JSON.parse(JSON.stringify(Object.fromEntries(drawn.map((one, n) => [`m${n}`, memberOf(one)]))));
};

describe('a view of joins, folds and merged objects, drawn at random', () => {
  it('is what loops make of the same responses, projected or parsed', () => {
    const others = { credits: gone, profile: { id: 'a', name: 'a', score: 1 }, extra: gone };
    fc.assert(
      fc.property(members, fc.array(responses, { minLength: 1, maxLength: 3 }), (drawn, all3) => {
        const made = build(drawn);
        for (const of of all3) expect(respond(made, { ...of, ...others })).toEqual(model(drawn, of));
      }),
      { numRuns: 60 },
    );
  });
});
