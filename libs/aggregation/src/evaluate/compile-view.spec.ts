import { describe, expect, it } from 'vitest';
import { compileView } from './compile-view.js';
import { byHand, parsed, screenOfFive, values } from '../fixtures/home-five.js';
import { homePlan, homeScreen } from '../fixtures/home-screen.js';
import { compute, orElse, orNull, orOmit, pick, within } from '../view/combinators.js';
import { at } from '../view/joins.js';
import { count, first, list, take } from '../view/lists.js';
import { mapEnum } from '../view/choices.js';
import type { Order } from '../fixtures/home-shop.js';
import { plan } from '../plan/plan.js';
import { screen, type Screen } from '../view/screen.js';
import { each, optional, required } from '../plan/verbs.js';
import { getParcel, getUser, listOrders } from '../fixtures/home-shop.js';
import { z } from 'zod';

const order = (id: string, more: object = {}): Order => ({
  id,
  parcelId: `p-${id}`,
  storeId: 's1',
  createdAt: `2026-01-0${id}T00:00:00Z`,
  status: 'PAID',
  total: 10,
  currency: 'EUR',
  lines: [{ sku: 'a', qty: 2 }],
  payment: { kind: 'card', last4: '4242' },
  ...more,
});
const user = {
  id: 'u',
  name: 'Ada',
  points: 7,
  phone: null,
  tier: 'GOLD',
  address: { city: 'Bonn', secret: 1 },
  secret: 1,
};
const there = (value: unknown) => ({ ok: true, value });
const gone = { ok: false, status: 'timeout' };
const complete = {
  profile: user,
  orders: {
    items: [order('1'), order('2', { status: 'CANCELLED', ship: null, payment: { kind: 'sepa', iban: 'DE1' } })],
  },
  stores: [{ id: 's1', name: 'Mitte' }],
  banners: [{ id: 'b', imageUrl: 'https://x.test/b', weight: 3, secret: 1 }],
  menu: there({
    name: 'root',
    secret: 1,
    children: [{ name: 'leaf', children: [], labels: { de: 'Blatt' }, secret: 1 }],
  }),
  parcels: [there({ eta: '2026-01-01T00:00:00Z', secret: 1 }), gone],
};

/** Runs a screen over parts by name. */
function made(of: Screen<unknown>, parts: Readonly<Record<string, unknown>>, input: unknown = {}) {
  const values = of.plan.parts.map(({ name }) => parts[name]);
  const result = compileView(of)(values, input, undefined);
  return result.kind === 'made' ? { body: JSON.parse(result.body) as unknown, report: result.report } : result;
}
const bodyOf = (of: Screen<unknown>, parts: Readonly<Record<string, unknown>>, input?: unknown) => {
  const result = made(of, parts, input);
  return 'body' in result ? result.body : result;
};

describe('a rendered view', () => {
  it('has the members of the view, made of the values of the parts', () => {
    expect(bodyOf(homeScreen, complete)).toEqual({
      user: { name: 'Ada', points: 7, phone: null, level: 'gold' },
      city: 'Bonn',
      greeting: 'Hello Ada',
      golden: { badge: 'gold', points: 7 },
      orders: [
        {
          id: '2',
          total: '10.00 EUR',
          shipTo: null,
          store: 'Mitte',
          lines: [{ no: 0, sku: 'a', qty: 2 }],
          payment: { kind: 'bank', iban: 'DE1' },
        },
        {
          id: '1',
          total: '10.00 EUR',
          store: 'Mitte',
          lines: [{ no: 0, sku: 'a', qty: 2 }],
          payment: { kind: 'card', digits: '4242' },
        },
      ],
      cancelled: ['2'],
      banners: [{ id: 'b', imageUrl: 'https://x.test/b' }],
      parcels: [{ eta: '2026-01-01T00:00:00Z' }, null],
      menu: { name: 'root', children: [{ name: 'leaf', children: [], labels: { de: 'Blatt' } }] },
    });
  });

  it('names the missing parts in `_parts` of an object, beside its members', () => {
    const values = homePlan.parts.map(({ name }) => ({ ...complete, menu: gone })[name]);
    const result = compileView(homeScreen)(values, {}, { menu: { status: 'timeout', source: 'none' } });
    expect(result).toMatchObject({ kind: 'made', partsInBody: true });
    const body = JSON.parse('body' in result ? result.body : '') as Record<string, unknown>;
    expect(body['_parts']).toEqual({ menu: { status: 'timeout', source: 'none' } });
    expect(body).not.toHaveProperty('menu');
    expect(body['greeting']).toBe('Hello Ada');
  });

  it('leaves the report of a list to the header', () => {
    const ids = screen(homePlan, ({ orders }) => list(orders.items, (item) => item.id));
    const values = homePlan.parts.map(({ name }) => complete[name as keyof typeof complete]);
    const result = compileView(ids)(values, {}, { menu: { status: 'timeout', source: 'none' } });
    expect(result).toMatchObject({ kind: 'made', body: '["1","2"]', partsInBody: false });
  });

  it('keeps null, undefined and missing parts apart', () => {
    const of = screen(homePlan, ({ orders, menu }) => ({
      first: first(orders.items).note,
      none: orNull(first(orders.items).note),
      town: orElse(first(orders.items).ship.city, 'nowhere'),
      menu: orNull(menu.name),
      children: orElse(count(menu.children), 0),
      third: at(orders.items, 2).id,
      omitted: orOmit(within(menu, (root) => ({ root: root.name }))),
    }));
    const parts = { orders: { items: [order('1', { note: null })] }, menu: gone };
    expect(bodyOf(of, parts)).toEqual({ first: null, none: null, town: 'nowhere', menu: null, children: 0 });
  });

  it('takes the input where it says so', () => {
    const withInput = plan('greet', { input: { query: z.object({ word: z.string() }) }, deadlineMs: 100 }, () => ({
      profile: required(getUser, { path: { id: 'u' } }),
    }));
    const of = screen(withInput, ({ profile }, { query }) => ({ word: query.word, name: profile.name }));
    expect(bodyOf(of, { profile: user }, { query: { word: 'hi' } })).toEqual({ word: 'hi', name: 'Ada' });
  });

  it('hands a Part to a function where a part may be missing', () => {
    const of = screen(homePlan, ({ menu }) => ({
      why: compute(z.string(), { menu }, ({ menu: part }) => (part.ok ? part.value.name : part.status)),
    }));
    expect(bodyOf(of, { menu: gone })).toEqual({ why: 'timeout' });
    expect(bodyOf(of, { menu: there({ name: 'root', children: [] }) })).toEqual({ why: 'root' });
  });
});

describe('an upstream that does not keep its contract', () => {
  const broken = (parts: object) => made(homeScreen, { ...complete, ...parts });

  it('fails the page where the part is required', () => {
    const cases: readonly (readonly [object, string])[] = [
      [{ profile: { ...user, name: undefined } }, 'profile'],
      [{ profile: 'nobody' }, 'profile'],
      [{ profile: { ...user, tier: 'PLATINUM' } }, 'profile'],
      [{ profile: { ...user, name: { first: 'Ada' } } }, 'profile'],
      [{ profile: null }, 'profile'],
      [{ profile: { ...user, address: 'Bonn' } }, 'profile'],
      [{ orders: { items: 'none' } }, 'orders'],
      [{ orders: { items: [null] } }, 'orders'],
      [{ orders: { items: [order('1', { total: 'ten' })] } }, 'orders'],
      [{ orders: { items: [order('1', { lines: {} })] } }, 'orders'],
      [{ orders: { items: [order('1', { payment: { kind: 'cash' } })] } }, 'orders'],
      [{ stores: { id: 's1' } }, 'stores'],
    ];
    for (const [parts, part] of cases) {
      expect(broken(parts)).toMatchObject({
        kind: 'unreadable',
        part,
        failure: { status: 'bad_payload', code: 'GW_UPSTREAM_BAD_PAYLOAD' },
      });
    }
  });

  it('never shows the text of the upstream in the message', () => {
    expect(JSON.stringify(broken({ profile: { ...user, tier: 'PLATINUM' } }))).not.toContain('PLATINUM');
  });

  it('counts as missing where the part is optional', () => {
    const result = broken({ menu: there({ name: 'root' }) });
    expect(result).toMatchObject({ report: { menu: { status: 'bad_payload', source: 'none' } } });
    expect(result).not.toHaveProperty('body.menu');
    expect(result).toHaveProperty('body._parts.menu.status', 'bad_payload');
  });

  it('is replaced by the fallback of the call', () => {
    const result = broken({ banners: [{ id: 'b' }] });
    expect(result).toMatchObject({
      body: { banners: [] },
      report: { banners: { status: 'bad_payload', source: 'fallback' } },
    });
  });

  it('costs one item where each item has a call of its own', () => {
    const result = broken({ parcels: [there({ eta: {} }), there({ state: 'sent' }), gone, there(7)] });
    expect(result).toMatchObject({
      body: { parcels: [null, { state: 'sent' }, null, null] },
      report: { parcels: { items: { 0: 'bad_payload', 3: 'bad_payload' } } },
    });
  });

  it('adds to what the run is missing', () => {
    const values = homePlan.parts.map(({ name }) => ({ ...complete, parcels: [gone, there(7)], banners: 3 })[name]);
    const result = compileView(homeScreen)(values, {}, { parcels: { items: { 0: 'timeout' } } });
    expect(result).toMatchObject({
      report: {
        parcels: { items: { 0: 'timeout', 1: 'bad_payload' } },
        banners: { status: 'bad_payload', source: 'fallback' },
      },
    });
  });

  it('is linear in the number of broken items', () => {
    const many = plan('many', { deadlineMs: 100 }, () => {
      const orders = required(listOrders, { query: { customerId: 'u' } });
      return {
        orders,
        parcels: each(orders.items, (item) => optional(getParcel, { path: { id: item.parcelId } }, { fallback: {} }), {
          maxCount: 5000,
        }),
      };
    });
    let computed = 0;
    const of = screen(many, ({ parcels }) =>
      list(parcels, (parcel) =>
        compute(z.string(), { eta: orElse(parcel.eta, ''), state: parcel.state }, () => `${(computed += 1)}`),
      ),
    );
    const items = Array.from({ length: 5000 }, (_, i) => ({ eta: '', state: i }));
    expect(made(of, { orders: { items: [] }, parcels: items })).toHaveProperty('body.length', 5000);
    expect(computed).toBe(5000);
  });

  it('passes scalars of another type and nulls as they are, where no function gets them', () => {
    const of = screen(homePlan, ({ profile }) => pick(profile, 'id', 'points', 'name'));
    expect(bodyOf(of, { profile: { ...user, id: 7, points: null, name: true } })).toEqual({
      id: 7,
      points: null,
      name: true,
    });
  });

  it('takes `other` for a value that no mapping names', () => {
    const of = screen(homePlan, ({ profile }) => ({ level: mapEnum(profile.tier, { GOLD: 'gold' }, 'unknown') }));
    expect(bodyOf(of, { profile: { ...user, tier: 'PLATINUM' } })).toEqual({ level: 'unknown' });
  });
});

describe('names that every object has', () => {
  it('are read and written as ordinary members', () => {
    const upstream = JSON.parse(
      '{"name":"r","children":[],"labels":{"__proto__":"x","constructor":"y","toString":"z"}}',
    ) as unknown;
    const of = screen(homePlan, ({ menu }) => ({
      menu: orNull(menu),
      constructor: orNull(at(orElse(menu.labels, {}), 'constructor')),
    }));
    expect(bodyOf(of, { menu: there(upstream) })).toEqual({
      menu: { name: 'r', children: [], labels: { constructor: 'y', toString: 'z' } },
      constructor: 'y',
    });
    expect(bodyOf(of, { menu: there({ name: 'r', children: [], labels: {} }) })).toEqual({
      menu: { name: 'r', children: [], labels: {} },
      constructor: null,
    });
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('a place in a list', () => {
  it('is undefined beyond its end', () => {
    const of = screen(homePlan, ({ banners }) => ({
      none: at(banners, 9).id,
      two: list(take(banners, 2), (banner) => banner.id),
    }));
    expect(bodyOf(of, { banners: [{ id: 'a', imageUrl: '' }] })).toEqual({ two: ['a'] });
  });
});

describe('the screen that the bench measures', () => {
  it('renders the same as code written by hand', () => {
    const result = compileView(screenOfFive)(values, {}, undefined);
    expect('body' in result && JSON.parse(result.body)).toEqual(byHand(parsed));
  });
});
