import {
  createOrder,
  dropOrder,
  getParcel,
  getUser,
  listBanners,
  listOrders,
  putFile,
  searchOrders,
  type Banner,
  type Parcel,
  type Shopper,
  type User,
} from '../fixtures/plan-shop.js';
import { plan, type InputOf, type OutsOf, type PartsOf } from './plan.js';
import type { Part, Ref } from '../model/references.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { each, optional, required, step, write } from './verbs.js';

/** Types that follow from the contracts, and code that does not compile. The text behind `@ts-expect-error` is what the compiler must say; a spec asks it. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <T extends true>(...facts: T[]): T[] => facts;

const home = plan('mobile.home', { input: { caller: given<Shopper>() }, deadlineMs: 800 }, ({ caller }) => {
  const profile = required(getUser, { path: { id: caller.subject } });
  const orders = required(listOrders, { query: { customerId: caller.subject, limit: 3 } });
  const banners = optional(listBanners, {}, { timeoutMs: 150, fallback: [] });
  const offers = optional(listBanners, { query: { slot: 'offers' } }, { when: caller.premium });
  const parcels = each(orders.items, (order) => optional(getParcel, { path: { id: order.parcelId } }), {
    maxCount: 20,
  });
  const states = each(orders.items, (order) => required(getParcel, { path: { id: order.parcelId } }), { maxCount: 20 });
  const skus = step({ orders }, (seen) => seen.orders.items.map((order) => order.sku));
  const user = required(getUser, { path: { id: 'u' } }, { onStatus: { 404: null } });
  const told = required(getUser, { path: { id: 'u' } }, { onStatus: { 404: (body) => ({ unknown: body.title }) } });
  const made = write(
    createOrder,
    { body: { customerId: profile.id, skus } },
    { onStatus: { 409: (body) => body.soldOut } },
  );
  return { profile, orders, banners, offers, parcels, states, skus, user, told, made };
});
type Home = PartsOf<typeof home>;
proved<Same<InputOf<typeof home>, { caller: Shopper }>>(true);
proved<Same<Home['profile'], User>>(true);
proved<Same<Home['banners'], Banner[]>>(true);
proved<Same<Home['offers'], Part<Banner[]>>>(true);
proved<Same<Home['parcels'], Part<Parcel>[]>>(true);
proved<Same<Home['states'], Parcel[]>>(true);
proved<Same<Home['skus'], string[]>>(true);
proved<Same<Home['user'], User | null>>(true);
proved<Same<Home['told'], User | { unknown: string }>>(true);
proved<Same<Home['made'], { id: string } | readonly string[]>>(true);
type Sent = OutsOf<typeof home>;
proved<Same<Sent['user'], User>>(true);
proved<Same<Sent['parcels'], Parcel>>(true);
proved<Same<Sent['skus'], never>>(true);

export const mistakes = () =>
  plan('x', { input: { caller: given<Shopper>() }, deadlineMs: 800 }, ({ caller }) => {
    const wrongArguments = [
      // @ts-expect-error Did you mean to write 'limit'?
      required(listOrders, { query: { customerId: caller.subject, limt: 3 } }),
      // @ts-expect-error Type 'string' is not assignable to type 'Arg<number | undefined>'
      required(listOrders, { query: { customerId: caller.subject, limit: '3' } }),
      // @ts-expect-error 'slto' does not exist in type '{ slot?:
      required(listBanners, { query: { slto: 'a' } }),
      // @ts-expect-error Did you mean to write 'query'?
      required(listBanners, { qery: { slot: 'a' } }),
      // @ts-expect-error Type '"opne"' is not assignable to type 'Arg<"open" | "shipped"
      required(listOrders, { query: { customerId: caller.subject, state: 'opne' } }),
      // @ts-expect-error Property 'id' is missing
      required(getUser, { path: {} }),
      // @ts-expect-error Type 'undefined' is not assignable to type 'string'
      required(getUser, { path: { id: caller.tier } }),
      // @ts-expect-error Type 'number' is not assignable to type 'Arg<string>'
      write(createOrder, { body: { customerId: 1, skus: [] } }),
    ];
    const profile = required(getUser, { path: { id: caller.subject } });
    // Without parameters that an operation needs, there is nothing to write.
    const slots = [required(listBanners), optional(listBanners)];
    const forgotten = [
      // @ts-expect-error this operation has parameters: give them in a second argument, such as { path: { id: caller.subject } }
      required(getUser),
      // @ts-expect-error this operation has parameters: give them in a second argument, such as { path: { id: caller.subject } }
      optional(getUser),
      // @ts-expect-error this operation has parameters: give them in a second argument, such as { path: { id: caller.subject } }
      write(createOrder),
      // @ts-expect-error this operation changes something: call it with write(...)
      required(createOrder),
      // @ts-expect-error it may be null or undefined: write orElse(value, other), or give it a value in step({ value }, ({ value }) => value ?? ...)
      required(getUser, { path: { id: profile.nick } }),
    ];
    // @ts-expect-error Property 'idd' does not exist on type
    const unknownField = required(listOrders, { query: { customerId: profile.idd } });

    const undeclaredDependencies = [
      // @ts-expect-error Property 'profile' does not exist on type 'Seen<{ caller:
      step({ caller }, (seen) => seen.profile),
      // @ts-expect-error Property 'toUpperCase' does not exist on type 'Ref<string> & ComputeWith<"text, when, compute, step">'
      step({ caller }, () => profile.name.toUpperCase()),
    ];

    const maybe = optional(getUser, { path: { id: caller.subject } });
    const below = optional(listOrders, { query: { customerId: maybe.id } });
    // @ts-expect-error Type 'MaybeMissing<string>' is not assignable to type 'Arg<string>'
    const belowOptional = required(listOrders, { query: { customerId: maybe.id } });
    // @ts-expect-error Property 'name' does not exist on type '{ readonly ok: false; readonly status: MissingStatus; }'
    const unhandled = step({ maybe }, (seen) => seen.maybe.name);
    const handled: Ref<string> = step({ maybe }, (seen) => (seen.maybe.ok ? seen.maybe.value.name : ''));

    const orders = required(listOrders, { query: { customerId: caller.subject } });
    // @ts-expect-error is not assignable to parameter of type 'Items'
    const noList = each(orders, () => required(getParcel, { path: { id: 'x' } }), { maxCount: 3 });
    // @ts-expect-error Property 'maxCount' is missing
    const unbounded = each(orders.items, (order) => required(getParcel, { path: { id: order.parcelId } }), {});
    const writes = each(orders.items, (order) => write(createOrder, { body: { customerId: order.id, skus: [] } }), {
      maxCount: 3,
    });
    // @ts-expect-error Type '"step"' is not assignable to type
    const computed = each(orders.items, (order) => step({ order }, (seen) => seen.order.id), { maxCount: 3 });

    const wrongVerbs = [
      // @ts-expect-error this operation changes something: call it with write(...)
      required(createOrder, { body: { customerId: 'c', skus: [] } }),
      // @ts-expect-error this operation changes something: call it with write(...)
      optional(putFile, { path: { id: 'a' }, body: { url: 'u' } }),
      // @ts-expect-error this operation only reads: call it with required(...) or optional(...)
      write(getUser, { path: { id: 'a' } }),
      // @ts-expect-error this operation only reads: call it with required(...) or optional(...)
      write(searchOrders, { body: { text: 'a' } }),
      // @ts-expect-error this operation removes something, which no mark makes safe: call it with write(...)
      required(dropOrder, { path: { id: 'a' } }, { safe: true }),
      // @ts-expect-error Type 'false' is not assignable to type 'true'
      required(createOrder, { body: { customerId: 'c', skus: [] } }, { safe: false }),
      // @ts-expect-error Type 'number' is not assignable to type 'Arg<string | undefined>'
      required(searchOrders, { body: { text: 1 } }),
      // @ts-expect-error Type 'number' is not assignable to type 'ArgMaybe<string>'
      optional(createOrder, { body: { customerId: 1, skus: [] } }, { safe: true, timeoutMs: 5 }),
    ];
    const searches = [
      required(searchOrders, { body: { text: caller.subject } }),
      optional(searchOrders, { body: {} }, { fallback: { items: [] }, when: caller.premium }),
      required(createOrder, { body: { customerId: 'c', skus: [] } }, { safe: true, onStatus: { 409: null } }),
      optional(
        putFile,
        { path: { id: 'a' }, body: { url: 'u' } },
        { safe: true, fallback: optional(getUser, { path: { id: 'a' } }, { fallback: 'x' }) },
      ),
      each(orders.items, (order) => optional(searchOrders, { body: { text: order.id } }), { maxCount: 2 }),
    ];

    const no = problem(400, 'no', (id: string) => `no ${id}`);
    const order = { body: { customerId: 'c', skus: ['a'] } };
    const statuses = [
      write(createOrder, order, { onStatus: { 409: (body) => ({ soldOut: body.soldOut }) } }),
      // @ts-expect-error the contract declares no status 418
      write(createOrder, order, { onStatus: { 418: () => 1 } }),
      // @ts-expect-error the contract declares no status 410
      required(getUser, { path: { id: 'x' } }, { onStatus: { 410: null } }),
      // @ts-expect-error Property 'nope' does not exist on type '{ readonly soldOut: readonly string[]; }'
      write(createOrder, order, { onStatus: { 409: (body) => body.nope } }),
      required(getUser, { path: { id: 'x' } }, { refuseOn: { 404: no(caller.subject) } }),
      // @ts-expect-error '418' does not exist in type
      required(getUser, { path: { id: 'x' } }, { refuseOn: { 418: no(caller.subject) } }),
      // @ts-expect-error is not assignable to parameter of type 'string | Ref<string>'
      required(getUser, { path: { id: 'x' } }, { refuseOn: { 404: no(caller.premium) } }),
    ];

    const refusing: Ref<number> = step({ caller, no }, (seen) => (seen.caller.premium ? 1 : seen.no('x')));
    // @ts-expect-error name the problem no among the things that the step takes
    const unlisted = step({ caller }, (seen) => (seen.caller.premium ? 1 : no('x')));
    // @ts-expect-error a step is not async: what waits is a call
    const waiting = step({ caller }, async (seen) => seen.caller.subject);

    // @ts-expect-error Block-scoped variable 'late' used before its declaration
    const early = required(getUser, { path: { id: late.id } });
    const late = required(getUser, { path: { id: 'x' } });

    // @ts-expect-error This condition will always return true
    if (caller.premium) return { profile }; // oxlint-disable-line typescript/no-misused-promises

    void [
      wrongArguments,
      unknownField,
      slots,
      forgotten,
      undeclaredDependencies,
      below,
      belowOptional,
      unhandled,
      handled,
      noList,
      unbounded,
      writes,
      computed,
      wrongVerbs,
      searches,
      statuses,
      refusing,
      unlisted,
      waiting,
      early,
    ];
    return { profile };
  });

const input = { caller: given<Shopper>() };
// @ts-expect-error this is a value and no part: leave it out here; a view makes it of the parts with the same words
export const noNode = () => plan('y', { input, deadlineMs: 1 }, ({ caller }) => ({ subject: caller.subject }));
// @ts-expect-error Property 'deadlineMs' is missing
export const noDeadline = () => plan('z', { input: {} }, () => ({ banners: required(listBanners, {}) }));
// @ts-expect-error Type 'NotAValue' is not assignable to type 'string'
export const awaited = async (name: Ref<string>): Promise<string> => await name;
