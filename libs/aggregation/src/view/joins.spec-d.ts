import { mapEnum, when } from './choices.js';
import { all, merge, omit, orElse, orNull, pick, text } from './combinators.js';
import { crmPlan } from '../fixtures/crm.js';
import { homePlan } from '../fixtures/home-screen.js';
import { at, equal, groupBy, indexBy } from './joins.js';
import { first, list, where, concat, distinct, flatten, max, min, sum } from './lists.js';
import { screen, type ResponseOf } from './screen.js';

/** Types that follow from joins, folds and merged objects, and code that does not compile. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <T extends true>(...facts: T[]): T[] => facts;

export const right = screen(crmPlan, ({ customers, contracts, invoices, credits, profile, extra }) => {
  const contractsOf = groupBy(contracts.items, 'customerId');
  const invoicesOf = groupBy(invoices.items, (invoice) => invoice.contract);
  const customerById = indexBy(customers.items, 'id');
  return {
    customers: list(customers.items, (customer) => ({
      name: customer.name,
      contracts: list(at(contractsOf, customer.id), (contract) => ({
        ...pick(contract, 'number'),
        kind: mapEnum(contract.kind, { FLAT: 'flat', USAGE: 'usage' }),
        invoices: at(invoicesOf, contract.number),
        total: sum(at(invoicesOf, contract.number), 'amount'),
      })),
    })),
    owners: list(contracts.items, (contract) => orNull(at(customerById, contract.customerId).name)),
    again: list(customers.items, (customer) =>
      list(
        where(contracts.items, (contract) => equal(contract.customerId, customer.id)),
        (contract) => contract.number,
      ),
    ),
    found: first(where(customers.items, (customer) => equal(customer.id, 'c1'))).name,
    tags: distinct(flatten(list(contracts.items, (contract) => contract.tags))),
    amounts: concat(invoices.items, orElse(credits.items, [])),
    both: concat(list(invoices.items, (invoice) => invoice.id), [profile.id, 1]), // prettier-ignore
    total: sum(invoices.items, 'amount'),
    discounts: sum(invoices.items, 'discount'),
    cheapest: min(invoices.items, 'amount'),
    latest: max(list(invoices.items, (invoice) => invoice.dueOn)),
    kinds: distinct(contracts.items, 'kind'),
    mine: { ...all(profile), more: 1 },
    short: omit(profile, 'score', 'city'),
    mood: orNull(omit(extra, 'name')),
    merged: merge(profile, orElse(extra, {}), { here: 'x' }),
    city: merge(profile, { name: 1 }).name,
    name: orElse(extra, { name: 'none' }).name,
    isMine: when(equal(profile.city, 'Bonn'), 'yes', 'no'),
  };
});
type Right = ResponseOf<typeof right>;
type Invoiced = { id: string; contract: number; amount: number; discount?: number | null; dueOn: string };
proved<Same<Right['customers'][number]['contracts'][number]['kind'], 'flat' | 'usage'>>();
proved<Same<Right['customers'][number]['contracts'][number]['total'], number>>();
proved<Same<Right['owners'], (string | null)[]>>();
proved<Same<Right['again'], number[][]>>();
proved<Same<Right['found'], string | undefined>>();
proved<Same<Right['tags'], string[]>>();
proved<Same<Right['amounts'][number]['amount'], Invoiced['amount']>>();
proved<Same<Right['both'], (string | 1)[]>>();
proved<Same<Right['total'], number>>();
proved<Same<Right['discounts'], number>>();
proved<Same<Right['cheapest'], number | undefined>>();
proved<Same<Right['latest'], string | undefined>>();
proved<Same<Right['mine'], { more: 1; id: string; name: string; city?: string; score: number }>>();
proved<Same<Right['short'], { id: string; name: string }>>();
proved<Same<Right['mood'], { mood?: string; score: number | null } | null>>();
proved<Same<Right['merged']['here'], 'x'>>();
proved<Same<Right['merged']['name'], string>>();
proved<Same<Right['merged']['score'], number | null>>();
proved<Same<Right['merged']['mood'], string | undefined>>();
proved<Same<Right['city'], 1>>();
proved<Same<Right['name'], string>>();
proved<Same<Right['isMine'], 'yes' | 'no'>>();

export const union = screen(homePlan, ({ orders }) => ({
  payments: list(orders.items, (order) => omit(order.payment, 'kind')),
  tagged: list(orders.items, (order) => merge(order.payment, pick(order, 'id'))),
}));
proved<Same<ResponseOf<typeof union>['payments'][number], { last4: string; brand?: string } | { iban: string }>>();
proved<
  Same<
    ResponseOf<typeof union>['tagged'][number],
    { kind: 'card'; last4: string; brand?: string; id: string } | { kind: 'sepa'; iban: string; id: string }
  >
>();

export const mistakes = [
  // @ts-expect-error Argument of type '"customer"' is not assignable to parameter of type
  screen(crmPlan, ({ contracts }) => ({ x: at(groupBy(contracts.items, 'customer'), 'c') })),
  // @ts-expect-error a key is a string, a number or a boolean: name such a member, or write (item) => item.member.id
  screen(crmPlan, ({ contracts }) => ({ x: at(groupBy(contracts.items, 'terms'), 'c') })),
  // @ts-expect-error this part may be missing: wrap it in orElse(items, [])
  screen(crmPlan, ({ credits }) => ({ x: at(groupBy(credits.items, 'contract'), 1) })),
  // @ts-expect-error this part may be missing: wrap it in orElse(items, [])
  screen(crmPlan, ({ credits }) => ({ x: orNull(at(indexBy(credits.items, 'contract'), 1)) })),
  // @ts-expect-error items of this list may be missing: write list(items, (item) => orNull(item))
  screen(homePlan, ({ parcels }) => ({ x: at(groupBy(parcels, 'ok'), true) })),
  // @ts-expect-error a Map is not JSON: read it with at(map, key)
  screen(crmPlan, ({ contracts }) => ({ x: groupBy(contracts.items, 'customerId') })),
  // @ts-expect-error Argument of type 'Ref<string> & ComputeWith<"text, when, compute, step">' is not assignable to parameter of type 'number
  screen(crmPlan, ({ invoices, profile }) => ({ x: at(groupBy(invoices.items, 'contract'), profile.id) })),
  // @ts-expect-error these two have different types, so they are never equal
  screen(crmPlan, ({ invoices, profile }) => ({ x: where(invoices.items, (one) => equal(one.contract, profile.id)) })),
  // @ts-expect-error the contracts say that these two have no value in common
  screen(crmPlan, ({ contracts }) => ({ x: where(contracts.items, (one) => equal(one.kind, 'FLATT')) })),
  // @ts-expect-error a reference is not a value yet: write equal(a, b), or test({ a, b }, ({ a, b }) => ...) to compare
  screen(crmPlan, ({ contracts, profile }) => ({ x: where(contracts.items, (one) => one.customerId === profile.id) })),
  // @ts-expect-error a condition is equal(a, b), test({ ... }, (values) => ...) or a reference to a boolean
  screen(crmPlan, ({ contracts }) => ({ x: where(contracts.items, (one) => one.customerId) })),
  // @ts-expect-error only numbers are added: name a member that is a number
  screen(crmPlan, ({ invoices }) => ({ x: sum(invoices.items, 'dueOn') })),
  // @ts-expect-error only numbers are added: sum(items, 'amount') or sum(list(items, (item) => item.price.amount))
  screen(crmPlan, ({ invoices }) => ({ x: sum(list(invoices.items, (invoice) => invoice.id)) })),
  // @ts-expect-error only numbers and texts are compared: name such a member
  screen(crmPlan, ({ contracts }) => ({ x: min(contracts.items, 'tags') })),
  // @ts-expect-error only numbers and texts are compared: min(items, 'price') or min(list(items, (item) => item.price.amount))
  screen(crmPlan, ({ contracts }) => ({ x: max(contracts.items) })),
  // @ts-expect-error not assignable to parameter of type 'string | number | Ref<string | number | readonly (string | number)[]>'
  screen(crmPlan, ({ invoices }) => ({ x: text`${min(invoices.items, 'amount')}` })),
  // @ts-expect-error name the member that tells the items apart: distinct(items, 'id')
  screen(crmPlan, ({ contracts }) => ({ x: distinct(contracts.items) })),
  // @ts-expect-error this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)
  screen(crmPlan, ({ invoices, credits }) => ({ x: concat(invoices.items, credits.items) })),
  // @ts-expect-error this is no list
  screen(crmPlan, ({ invoices, profile }) => ({ x: concat(invoices.items, profile.name) })),
  // @ts-expect-error items of this list may be missing: write list(items, (item) => orNull(item))
  screen(homePlan, ({ parcels }) => ({ x: concat(parcels, []) })),
  // @ts-expect-error the items of this list are no lists: write flatten(list(items, (item) => item.list))
  screen(crmPlan, ({ invoices }) => ({ x: flatten(invoices.items) })),
  // @ts-expect-error Argument of type '"nam"' is not assignable to parameter of type 'keyof Profile'
  screen(crmPlan, ({ profile }) => omit(profile, 'nam')),
  // @ts-expect-error this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)
  screen(crmPlan, ({ profile, extra }) => merge(profile, extra)),
  // @ts-expect-error this is no object: merge(...) takes objects
  screen(crmPlan, ({ profile }) => merge(profile, profile.name)),
  // @ts-expect-error Property 'nam' does not exist
  screen(crmPlan, ({ extra }) => ({ x: orElse(extra, { name: 'none' }).nam })),
];
