import {
  createOrder,
  getParcel,
  getUser,
  listOrders,
  type OrderPage,
  type Parcel,
  type Shopper,
  type User,
} from '../fixtures/plan-shop.js';
import { getStock, listParcels, release, reserve, searchStock, type Stock } from '../fixtures/stock-shop.js';
import { batch, keys } from './batch.js';
import { include } from './include.js';
import { pages } from './pages.js';
import { plan, type OutsOf, type PartsOf } from './plan.js';
import type { MaybeMissing, Part, Ref } from '../model/references.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { lastGood } from './fallbacks.js';
import { atLeastOne, each, optional, required, write } from './verbs.js';

/** Bulk calls, pages, stand-ins, writes that are taken back, plans within plans: what follows from the contracts, and what does not compile. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <T extends true>(...facts: T[]): T[] => facts;

const input = { caller: given<Shopper>() };
const bounds = { size: 10, maxCount: 50 };
const paged = { maxPages: 2, maxItems: 20 };
const fallbacks = plan('fallbacks', { input, deadlineMs: 1 }, ({ caller }) => {
  const args = { path: { id: caller.subject } };
  const remembered = optional(getUser, args, { fallback: lastGood({ maxAgeMs: 1 }) });
  const orNobody = optional(getUser, args, { fallback: lastGood({ maxAgeMs: 1, otherwise: null }) });
  const copied = optional(getUser, args, { fallback: optional(getUser, { path: { id: 'copy' } }) });
  const other = optional(getUser, args, { fallback: optional(getParcel, args, { fallback: null }) });
  return { remembered, orNobody, copied, other };
});
type Fallbacks = PartsOf<typeof fallbacks>;
proved<Same<Fallbacks['remembered'], Part<User>>>(true);
proved<Same<Fallbacks['orNobody'], User | null>>(true);
proved<Same<Fallbacks['copied'], Part<User>>>(true);
proved<Same<Fallbacks['other'], User | Parcel | null>>(true);

const gathered = plan('gathered', { input, deadlineMs: 1 }, ({ caller }) => {
  const orders = required(listOrders, { query: { customerId: caller.subject } });
  const skus = keys(orders.items, (order) => order.sku);
  const stock = batch(skus, (sku) => optional(getStock, { query: { sku } }), { ...bounds, by: 'sku' });
  const rows = batch([skus, skus], (all) => required(searchStock, { body: { skus: all } }), {
    ...bounds,
    by: 'sku',
    items: 'rows',
  });
  const parcels = pages((cursor) => required(listParcels, { query: { cursor } }), {
    ...paged,
    items: 'items',
    next: 'next',
  });
  const maybe = pages((cursor) => optional(listParcels, { query: { cursor } }), {
    ...paged,
    items: 'items',
    next: (page, count) => (page.items.length > count ? page.next : null),
  });
  return { orders, stock, rows, parcels, maybe };
});
type Gathered = PartsOf<typeof gathered>;
proved<Same<Gathered['stock'], ReadonlyMap<string, Stock>>>(true);
proved<Same<Gathered['rows'], ReadonlyMap<string, Stock>>>(true);
proved<Same<Gathered['parcels'], { id: string }[]>>(true);
proved<Same<Gathered['maybe'], Part<{ id: string }[]>>>(true);
proved<Same<OutsOf<typeof gathered>['stock'], Stock[]>>(true);

const outer = plan('outer', { input, deadlineMs: 1 }, ({ caller }) => {
  const inner = include(gathered, { caller });
  const again = include(fallbacks, { caller }, { as: 'my' });
  const left: Ref<{ id: string }[]> = inner.parcels;
  const absent: MaybeMissing<string> = again.myCopied.name;
  void [left, absent];
  return { ...inner, ...again };
});
type Outer = PartsOf<typeof outer>;
proved<Same<Outer['stock'], ReadonlyMap<string, Stock>>>(true);
proved<Same<Outer['myCopied'], Part<User>>>(true);
proved<Same<Outer['maybe'], Part<{ id: string }[]>>>(true);

const chains = plan('chains', { input, deadlineMs: 100 }, ({ caller }) => {
  const member = required(getUser, { path: { id: caller.subject } }, { when: caller.premium });
  const below = required(getUser, { path: { id: member.id } }, { when: caller.premium });
  const keyed = optional(getUser, { path: { id: caller.tier } }, { fallback: null });
  const page = optional(listOrders, { query: { customerId: caller.subject } });
  const sure = each(page.items, (order) => required(getUser, { path: { id: order.id } }), { maxCount: 1 });
  const parts = each(sure, (user) => optional(listOrders, { query: { customerId: user.id } }), { maxCount: 1 });
  const nested = each(parts, (of) => each(of.items, (order) => optional(getUser, { path: { id: order.id } }), { maxCount: 1 }), { maxCount: 1 }); // prettier-ignore
  const made = write(reserve, { body: { sku: 'a' } }, { when: caller.premium });
  const other = write(reserve, { body: { sku: 'a' } }, { fallback: write(createOrder, { body: { customerId: '', skus: [] } }) }); // prettier-ignore
  const spared = write(reserve, { body: { sku: 'a' } }, { fallback: null, when: caller.premium, after: [made] });
  const items = each(page.items, (order) => write(reserve, { body: { sku: order.sku } }, { when: caller.premium }), { maxCount: 1 }); // prettier-ignore
  atLeastOne([page, member], problem(503, 'none', 'None.'));
  return { member, below, keyed, page, sure, parts, nested, made, other, spared, items };
});
type Chains = PartsOf<typeof chains>;
type Reserved = { reservation: string };
proved<Same<Chains['member'], Part<User>>>();
proved<Same<Chains['below'], Part<User>>>();
proved<Same<Chains['keyed'], User | null>>();
proved<Same<Chains['sure'], Part<User[]>>>();
proved<Same<Chains['parts'], Part<Part<OrderPage>[]>>>();
proved<Same<Chains['nested'], Part<Part<Part<User>[]>[]>>>();
proved<Same<Chains['made'], Part<Reserved>>>();
proved<Same<Chains['other'], Reserved | { id: string }>>();
proved<Same<Chains['spared'], Reserved | null>>();
proved<Same<Chains['items'], Part<Part<Reserved>[]>>>();

export const mistakes = () =>
  plan('x', { input, deadlineMs: 1 }, ({ caller }) => {
    const orders = required(listOrders, { query: { customerId: caller.subject } });
    const skus = keys(orders.items, (order) => order.sku);
    const wrong = [
      // @ts-expect-error Type '"skuu"' is not assignable to type '"sku" | "note"'
      batch(skus, (sku) => required(getStock, { query: { sku } }), { ...bounds, by: 'skuu' }),
      // @ts-expect-error Type '"left"' is not assignable to type '"sku" | "note"'
      batch(skus, (sku) => required(getStock, { query: { sku } }), { ...bounds, by: 'left' }),
      // @ts-expect-error Type '"next"' is not assignable to type '"rows"'
      batch(skus, (all) => required(searchStock, { body: { skus: all } }), { ...bounds, by: 'sku', items: 'next' }),
      // @ts-expect-error Type 'Ref<string[]>' is not assignable to type 'Arg<string>'
      batch(skus, (sku) => required(listOrders, { query: { customerId: sku } }), {
        ...bounds,
        by: 'id',
        items: 'items',
      }),
      // @ts-expect-error Property 'maxCount' is missing
      batch(skus, (sku) => required(getStock, { query: { sku } }), { size: 10, by: 'sku' }),
      // @ts-expect-error Type '"write"' is not assignable to type '"read"'
      batch(skus, (all) => write(createOrder, { body: { customerId: '', skus: all } }), { ...bounds, by: 'id' }),
      // @ts-expect-error Property 'skuu' does not exist on type
      keys(orders.items, (order) => order.skuu),
      // @ts-expect-error is not assignable to parameter of type 'Items'
      keys(orders, () => caller.subject),
      // @ts-expect-error Type '"itemz"' is not assignable to type '"items"'
      pages((cursor) => required(listParcels, { query: { cursor } }), { ...paged, items: 'itemz', next: 'next' }),
      // @ts-expect-error is not assignable to type '"next"
      pages((cursor) => required(listParcels, { query: { cursor } }), { ...paged, items: 'items', next: 'items' }),
      // @ts-expect-error Property 'maxItems' is missing
      pages((cursor) => required(listParcels, { query: { cursor } }), { maxPages: 1, items: 'items', next: 'next' }),
      // @ts-expect-error Type '"write"' is not assignable to type '"read"'
      pages((cursor) => write(release, { path: { id: cursor } }), { maxPages: 1, maxItems: 1, next: () => null }),
    ];
    const chained = [
      // @ts-expect-error Type 'MaybeMissing<string>' is not assignable to type 'Arg<string>'
      required(getUser, { path: { id: required(getUser, { path: { id: 'a' } }, { when: caller.premium }).id } }),
      // @ts-expect-error Type 'string' is not assignable to type 'boolean | null | undefined'
      required(getUser, { path: { id: 'a' } }, { when: caller.subject }),
      // @ts-expect-error 'idd' does not exist in type
      each(orders.items, (order) => optional(getUser, { path: { idd: order.id } }), { maxCount: 1 }),
    ];
    // @ts-expect-error this part is never missing: take it out of atLeastOne(...)
    atLeastOne([orders]);
    const undone = [
      write(reserve, { body: { sku: 'a' } }, { undo: (made) => write(release, { path: { id: made.reservation } }) }),
      // @ts-expect-error Property 'id' does not exist on type
      write(reserve, { body: { sku: 'a' } }, { undo: (made) => write(release, { path: { id: made.id } }) }),
      // @ts-expect-error Type '"read"' is not assignable to type '"write"'
      write(reserve, { body: { sku: 'a' } }, { undo: (made) => required(getUser, { path: { id: made.reservation } }) }),
      // @ts-expect-error Property '[sees]' is missing in type 'Ref<string> & ComputeWith<"text, when, compute, step">' but required in type 'Node<unknown
      write(reserve, { body: { sku: 'a' } }, { after: [caller.subject] }),
    ];
    // @ts-expect-error Property 'caller' is missing
    const noInput = include(gathered, {});
    const part = optional(getUser, { path: { id: 'a' } }, { fallback: lastGood({ maxAgeMs: 1 }) });
    // @ts-expect-error Type 'MaybeMissing<string>' is not assignable to type 'Arg<string>'
    const belowOptional = required(listOrders, { query: { customerId: part.id } });
    void [wrong, chained, undone, noInput, belowOptional];
    return { orders };
  });
