import { z } from 'zod';
import { byKind, mapEnum, when } from './choices.js';
import { compute, fixed, named, orElse, orNull, orOmit, pick, test, text, within } from './combinators.js';
import { homePlan, homeScreen } from '../fixtures/home-screen.js';
import { getUser } from '../fixtures/home-shop.js';
import { at, indexBy } from './joins.js';
import { count, first, list, sortBy, take, where } from './lists.js';
import { plan } from '../plan/plan.js';
import type { Deep, Ref } from '../model/references.js';
import { screen, type ResponseOf, type Screen } from './screen.js';
import { optional, required } from '../plan/verbs.js';
import type { TagValues, VariantOf } from './view-types.js';

/** Types that follow from plan and contracts, and code that does not compile. The text behind `@ts-expect-error` is what the compiler must say; a spec asks it. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proved = <T extends true>(...facts: T[]): T[] => facts;

interface Car {
  readonly kind: 'car' | 'cab';
  readonly doors: number;
}
interface Bike {
  readonly kind: 'bike';
  readonly gears: number;
}
/** Several values of a tag may mean one kind. */
type Vehicles = Ref<Car | Bike | null>;
proved<Same<TagValues<Vehicles, 'kind'>, 'car' | 'cab' | 'bike'>>();
proved<Same<VariantOf<Vehicles, 'kind', 'cab'>, Deep<Car>>>();
proved<Same<VariantOf<Vehicles, 'kind', 'bike'>, Deep<Bike>>>();
proved<Same<VariantOf<Ref<Car | { kind: string; other: 1 }>, 'kind', 'car'>, Deep<Car>>>();

interface Category {
  name: string;
  children: Category[];
  labels?: Record<string, string>;
}
type Home = ResponseOf<typeof homeScreen>;
proved<
  Same<Home['user'], { name: string; points: number; phone: string | null; level: 'basic' | 'gold'; nick?: string }>
>();
proved<Same<Home['city'], string | undefined>>();
proved<Same<Home['golden'], { badge: 'gold'; points: number } | undefined>>();
proved<Same<Home['banners'], { id: string; imageUrl: string }[]>>();
proved<Same<Home['parcels'], ({ eta?: string; state?: 'packed' | 'sent' | 'there' } | null)[]>>();
proved<Same<Home['orders'][number]['shipTo'], { town: string; zip?: string } | null | undefined>>();
proved<Same<Home['orders'][number]['store'], string | undefined>>();
proved<Same<Home['orders'][number]['payment'], { kind: 'card'; digits: string } | { kind: 'bank'; iban: string }>>();
proved<Same<NonNullable<Home['menu']>['children'][number]['name'], Category['name']>>();
proved<Same<Home['cancelled'], string[]>>();

// A shared fragment is a function over references.
const address = (of: Deep<{ city: string; zip?: string }>) => ({ town: of.city, zip: of.zip });

// A call means the same where the plan returns it at once.
const atOnce = screen(
  plan('at once', { deadlineMs: 1 }, () => ({ user: optional(getUser, { path: { id: '1' } }) })),
  ({ user }) => ({ name: orNull(user.name) }),
);
proved<Same<ResponseOf<typeof atOnce>, { name: string | null }>>();

export const right = screen(homePlan, ({ profile, orders, stores, banners, menu, parcels }) => ({
  home: within(profile.address, address),
  ids: list(orders.items, (order) => order.id),
  newest: first(sortBy(orders.items, 'createdAt', 'descending')).id,
  many: count(orders.items),
  store: at(indexBy(stores, 'id'), first(orders.items).storeId).name,
  two: take(banners, 2),
  missing: orElse(
    list(menu.children, (child) => child.name),
    [],
  ),
  flags: orElse(
    test({ points: profile.points }, ({ points }) => points > 5),
    fixed(false),
  ),
  arrived: list(parcels, (parcel) => orOmit(parcel.eta)),
  whole: named('Menu', orNull(menu)),
  kept: list(
    where(orders.items, ['total'], ({ total }) => total > 5),
    (order, index) => ({ index, id: order.id }),
  ),
  label: at(orElse(menu.labels, {}), 'de'),
  rank: compute(z.object({ name: z.string() }).nullable(), { points: profile.points }, ({ points }) =>
    points > 5 ? { name: 'gold' } : null,
  ),
  shade: compute(
    z.union([z.object({ red: z.int() }), z.array(z.string())]).optional(),
    { points: profile.points },
    () => undefined,
  ),
  why: compute(z.string(), { menu }, ({ menu: part }) => (part.ok ? part.value.name : part.status)),
}));
proved<Same<ResponseOf<typeof right>['home'], { town: string; zip?: string } | undefined>>();
proved<Same<ResponseOf<typeof right>['newest'], string | undefined>>();
proved<Same<ResponseOf<typeof right>['missing'], string[]>>();
proved<Same<ResponseOf<typeof right>['arrived'], string[]>>();
proved<Same<ResponseOf<typeof right>['flags'], boolean>>();

export const typedInput = screen(
  plan('typed', { input: { query: z.object({ locale: z.enum(['de', 'en']) }) }, deadlineMs: 1 }, () => ({
    profile: required(getUser, { path: { id: 'u' } }),
  })),
  (_, { query }) => ({ locale: query.locale }),
);
proved<Same<ResponseOf<typeof typedInput>, { locale: 'de' | 'en' }>>();

// Pinned: a drift of an upstream contract does not compile.
interface Pinned {
  id: string;
  tier: 'BASIC' | 'GOLD';
}
interface PinnedBefore {
  id: string;
  tier: 'BASIC';
}
const ofUser = screen(homePlan, ({ profile }) => pick(profile, 'id', 'tier'));
export const pinned = ofUser satisfies Screen<Pinned>;
// @ts-expect-error Type '"GOLD"' is not assignable to type '"BASIC"'
export const drifted = ofUser satisfies Screen<PinnedBefore>;

export const mistakes = [
  // @ts-expect-error Property 'nam' does not exist
  screen(homePlan, ({ profile }) => ({ name: profile.nam })),
  // @ts-expect-error Property 'profil' does not exist
  screen(homePlan, ({ profil }) => ({ name: profil })),
  // @ts-expect-error Argument of type '"poits"' is not assignable to parameter of type 'keyof User'
  screen(homePlan, ({ profile }) => pick(profile, 'poits')),
  // @ts-expect-error this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)
  screen(homePlan, ({ menu }) => ({ menu })),
  // @ts-expect-error this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)
  screen(homePlan, ({ menu }) => ({ menu: pick(menu, 'name') })),
  // @ts-expect-error this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)
  screen(homePlan, ({ menu }) => ({ names: list(menu.children, (child) => child.name) })),
  // @ts-expect-error this part may be missing: wrap it in orElse(..., other), orNull(...) or orOmit(...)
  screen(homePlan, ({ parcels }) => ({ parcels: list(parcels, (parcel) => pick(parcel, 'eta')) })),
  // @ts-expect-error items of this list may be missing: write list(items, (item) => orNull(item))
  screen(homePlan, ({ parcels }) => ({ parcels })),
  // @ts-expect-error Type 'number' is not assignable to type 'string'
  screen(homePlan, ({ profile }) => ({ name: compute(z.string(), { profile }, () => 7) })),
  // @ts-expect-error Property 'nam' does not exist
  screen(homePlan, ({ profile }) => ({ name: compute(z.string(), { profile }, ({ profile: { nam } }) => nam) })),
  // @ts-expect-error Property 'GOLD' is missing
  screen(homePlan, ({ profile }) => ({ level: mapEnum(profile.tier, { BASIC: 'basic' }) })),
  // @ts-expect-error NoSuchValue<"SILVER">
  screen(homePlan, ({ profile }) => ({ level: mapEnum(profile.tier, { BASIC: 1, GOLD: 2, SILVER: 3 }) })),
  // @ts-expect-error a reference cannot be spread: name its members with pick(...), and use within(...) where it may be null
  screen(homePlan, ({ profile }) => ({ address: { ...pick(profile.address, 'city'), more: profile.id } })), // oxlint-disable-line typescript/no-misused-promises
  // @ts-expect-error a Map is not JSON: read it with at(map, key)
  screen(homePlan, ({ stores }) => ({ stores: indexBy(stores, 'id') })),
  // @ts-expect-error a bare true or false may be a comparison of references: write fixed(false), or test(...) to compare
  screen(homePlan, ({ profile }) => ({ name: profile.name, old: false })),
  // @ts-expect-error not JSON: make it a text or a number with compute(...)
  screen(homePlan, () => ({ at: new Date(0) })),
  // @ts-expect-error a view is described once, at start: the callback cannot be async
  screen(homePlan, async ({ profile }) => ({ id: profile.id })),
  // @ts-expect-error write where(items, ['member'], ({ member }) => ...)
  screen(homePlan, ({ orders }) => ({ paid: orders.items.filter((order) => order) })),
  // @ts-expect-error write list(items, (item) => ...), or each(items, (item) => ...) for a call per item
  screen(homePlan, ({ orders }) => ({ ids: orders.items.map((order) => order) })),
  // @ts-expect-error write count(items)
  screen(homePlan, ({ orders }) => ({ many: orders.items.length })),
  // @ts-expect-error Operator '>' cannot be applied to types 'NotAValueYet<"write count(items)">' and 'number'
  screen(homePlan, ({ orders }) => ({ many: fixed(orders.items.length > 2) })),
  // @ts-expect-error write first(items), or at(indexBy(items, member), key)
  screen(homePlan, ({ orders }) => ({ newest: orders.items[0] })),
  // @ts-expect-error write first(where(items, ['member'], ({ member }) => ...))
  screen(homePlan, ({ orders }) => ({ sent: orders.items.find((order) => order) })),
  // @ts-expect-error write sortBy(items, 'member')
  screen(homePlan, ({ orders }) => ({ sorted: orders.items.toSorted() })),
  // @ts-expect-error write list(items, (item) => ...), or each(items, (item) => ...) for a call per item
  screen(homePlan, ({ menu }) => ({ names: menu.children.map((child) => child) })),
  // @ts-expect-error Operator '+' cannot be applied to types 'Ref<number> & ComputeWith<"when, test, compute, step">' and 'number'
  screen(homePlan, ({ profile }) => ({ more: profile.points + 1 })),
  // @ts-expect-error Property 'toUpperCase' does not exist on type 'Ref<string> & ComputeWith<"text, when, compute, step">'
  screen(homePlan, ({ profile }) => ({ name: profile.name.toUpperCase() })),
  // @ts-expect-error not assignable to parameter of type 'Ref<boolean>'
  screen(homePlan, ({ profile }) => ({ golden: when(profile.tier, { badge: 'gold' }) })),
  // @ts-expect-error not assignable to parameter of type 'string | number | Ref<string | number | readonly (string | number)[]>'
  screen(homePlan, ({ profile }) => ({ hello: text`Hello ${profile.nick}` })),
  // @ts-expect-error Property 'sepa' is missing
  screen(homePlan, ({ orders }) => list(orders.items, (o) => byKind(o.payment, 'kind', { card: (c) => c.last4 }))),
  // @ts-expect-error 'cash' does not exist in type
  screen(homePlan, ({ orders }) => list(orders.items, (o) => byKind(o.payment, 'kind', { cash: () => 1 }, () => 2))),
  // @ts-expect-error Property 'kind' does not exist
  screen(homePlan, ({ orders }) => list(orders.items, (o) => byKind(o.payment, 'kind', {}, (x) => x.kind))),
  // @ts-expect-error '"created"' is not assignable to parameter of type
  screen(homePlan, ({ orders }) => ({ orders: take(sortBy(orders.items, 'created'), 3) })),
  // @ts-expect-error Property 'title' does not exist
  screen(homePlan, ({ orders }) => ({ paid: where(orders.items, ['status'], ({ title }) => title === 'x') })),
  // @ts-expect-error Type '"order"' is not assignable to type '`${string}.${string}`'
  screen(homePlan, ({ orders }) => pick(orders, 'items'), { count: 'order' }),
  // @ts-expect-error Property 'caller' does not exist
  screen(homePlan, ({ caller }) => ({ id: caller.subject })),
];
