import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { crmScreens } from '../../fixtures/crm-screens.js';
import { homeScreen } from '../../fixtures/home-screen.js';
import { compute, orNull, orOmit, pick, text, within } from '../../view/combinators.js';
import { list } from '../../view/lists.js';
import { plan } from '../../plan/plan.js';
import { optional, required, step } from '../../plan/verbs.js';
import { screen } from '../../view/screen.js';
import { describeOrigins } from './origins.js';
import { originLines } from './origin-lines.js';
import { describePlan } from '../describe-plan.js';
import { planReads } from '../plan-reads.js';

const linesOf = (shown: typeof homeScreen): Readonly<Record<string, string>> =>
  originLines({ parts: describePlan(shown.plan).parts, origins: describeOrigins(shown) }, () => undefined);

describe('the origins of members', () => {
  it('name field, expression and need of members of every kind', () => {
    expect(linesOf(homeScreen)).toMatchInlineSnapshot(`
      {
        "banners": "content.listBanners (whole); optional: [] stands in without it",
        "banners[].id": "content.listBanners [].id; optional: [] stands in without it",
        "banners[].imageUrl": "content.listBanners [].imageUrl; optional: [] stands in without it",
        "cancelled": "orders.items of shop.listOrders items[].status, shop.listOrders items; required",
        "cancelled[]": "shop.listOrders items[].id; required",
        "city": "users.getUser address.city; required",
        "golden": "when(condition(profile.tier), { badge, points }, nothing) of users.getUser tier; required",
        "golden.points": "users.getUser points; required",
        "greeting": "text(Hello \${profile.name}) of users.getUser name; required",
        "menu": "content.getMenu (whole); optional: menu is absent without it",
        "orders": "orders.items of shop.listOrders items[].createdAt, shop.listOrders items; required",
        "orders[].id": "shop.listOrders items[].id; required",
        "orders[].lines": "shop.listOrders items[].lines; required",
        "orders[].lines[].gift": "shop.listOrders items[].lines[].gift; required",
        "orders[].lines[].qty": "shop.listOrders items[].lines[].qty; required",
        "orders[].lines[].sku": "shop.listOrders items[].lines[].sku; required",
        "orders[].note": "shop.listOrders items[].note; required",
        "orders[].payment.digits": "shop.listOrders items[].payment.last4; required",
        "orders[].payment.iban": "shop.listOrders items[].payment.iban; required",
        "orders[].shipTo.town": "shop.listOrders items[].ship.city; required",
        "orders[].shipTo.zip": "shop.listOrders items[].ship.zip; required",
        "orders[].store": "stores[].name of shop.listStores [].name, shop.listOrders items[].storeId, shop.listStores [].id; required",
        "orders[].total": "compute(orders.items[].total, orders.items[].currency) of shop.listOrders items[].total, shop.listOrders items[].currency; required",
        "parcels": "shipping.getParcel (whole); optional: one item is missing without it",
        "parcels[].eta": "shipping.getParcel eta; optional: parcels[] is null without it",
        "parcels[].state": "shipping.getParcel state; optional: parcels[] is null without it",
        "user.level": "mapEnum(profile.tier) of users.getUser tier; required",
        "user.name": "users.getUser name; required",
        "user.nick": "users.getUser nick; required",
        "user.phone": "users.getUser phone; required",
        "user.points": "users.getUser points; required",
      }
    `);
  });

  it('follow joins, folds and merged objects', () => {
    const origins = describeOrigins(crmScreens.joined).map(({ member, from }) => [
      member,
      from.map(({ part, field }) => `${part} ${field}`),
    ]);
    expect(Object.fromEntries(origins)).toMatchInlineSnapshot(`
      {
        "customers": [
          "customers items",
        ],
        "customers[].contracts": [
          "contracts items",
          "customers items[].id",
          "contracts items[].customerId",
        ],
        "customers[].contracts[].invoices": [
          "invoices items",
          "contracts items[].number",
          "invoices items[].contract",
        ],
        "customers[].contracts[].kind": [
          "contracts items[].kind",
        ],
        "customers[].contracts[].last": [
          "invoices items[].dueOn",
          "contracts items[].number",
          "invoices items[].contract",
        ],
        "customers[].contracts[].notice": [
          "contracts items[].terms.notice",
        ],
        "customers[].contracts[].number": [
          "contracts items[].number",
        ],
        "customers[].contracts[].total": [
          "invoices items[].amount",
          "contracts items[].number",
          "invoices items[].contract",
        ],
        "customers[].id": [
          "customers items[].id",
        ],
        "customers[].name": [
          "customers items[].name",
        ],
        "owners": [
          "contracts items",
        ],
        "owners[]": [
          "customers items[].name",
          "contracts items[].customerId",
          "customers items[].id",
        ],
      }
    `);
    expect(describeOrigins(crmScreens.folded).map(({ member, expression }) => `${member}: ${expression}`))
      .toMatchInlineSnapshot(`
      [
        "all: invoices.items or credits.items",
        "newest: concat(invoices.items, credits.items)",
        "newest[].id: concat(invoices.items, credits.items)[].id",
        "newest[].isLarge: equal(concat(invoices.items, credits.items)[].amount, 1)",
        "maybe: concat(credits.items, invoices.items)",
        "maybe[]: concat(credits.items, invoices.items)[].id",
        "tags: contracts.items[]",
        "distinctTags: contracts.items[]",
        "kinds: contracts.items",
        "kinds[]: contracts.items[].kind",
        "sum: sum(invoices.items[])",
        "discount: sum(credits.items[])",
        "least: min(invoices.items[])",
        "latest: max(invoices.items[])",
        "score: sum(concat(array, invoices.items[], array))",
        "pair[0]: text(\${profile.name})",
        "pair: contracts.items",
        "pair[]: contracts.items[].customerId",
      ]
    `);
  });

  it('are those of the age of the cache', () => {
    const { parts } = describePlan(homeScreen.plan);
    const origins = describeOrigins(homeScreen);
    const lines = originLines({ parts, origins }, (upstream, operation) =>
      upstream === 'users' && operation === 'getUser' ? 1500 : undefined,
    );
    expect(lines['city']).toBe('users.getUser address.city; required; up to 1.5 s old');
  });
});

interface Person {
  id: string;
  name: string;
  home: { city: string; country: string };
  notes: { text: string; at: string }[];
}

const schemas = {
  Person: {
    type: 'object',
    required: ['id', 'name', 'home', 'notes'],
    properties: {
      id: { type: 'string' },
      name: { type: 'string', 'x-classification': 'pii' },
      home: { $ref: '#/components/schemas/Home', 'x-classification': 'pii' },
      notes: { type: 'array', items: { $ref: '#/components/schemas/Note' } },
    },
  },
  Home: {
    type: 'object',
    required: ['city', 'country'],
    properties: { city: { type: 'string' }, country: { type: 'string', 'x-classification': 'public' } },
  },
  Note: {
    type: 'object',
    required: ['text', 'at'],
    properties: {
      text: { type: 'string', 'x-classification': 'confidential' },
      at: { type: 'string' },
      about: { $ref: '#/components/schemas/Person' },
    },
  },
};
const contract: Contract = {
  upstream: 'people',
  title: 'People',
  version: '1',
  owner: 'people-team',
  schemas: new SchemaTable(Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)])),
};
const getPerson: Operation<Record<never, never>, Person, Record<never, never>, 'GET'> = {
  contract,
  id: 'getPerson',
  method: 'GET',
  path: '/person',
  responses: [{ status: '200', media: 'application/json', schema: 'Person' }],
};

describe('the classification of members', () => {
  const classified = (shown: Parameters<typeof describeOrigins>[0]) =>
    Object.fromEntries(
      describeOrigins(shown).flatMap(({ member, classification }) =>
        classification === undefined ? [] : [[member, classification]],
      ),
    );

  it('is that of the field or of the nearest value around it, and public takes it back', () => {
    const people = plan('people', { deadlineMs: 100 }, () => ({ person: required(getPerson, {}) }));
    const shown = screen(people, ({ person }) => ({
      ...pick(person, 'id', 'name'),
      town: person.home.city,
      ...pick(person.home, 'country'),
      notes: list(person.notes, (note) => pick(note, 'text', 'at')),
    }));
    expect(classified(shown)).toEqual({ name: 'pii', town: 'pii', 'notes[].text': 'confidential' });
  });

  it('reaches values that are computed, by functions and through steps', () => {
    const people = plan('people', { deadlineMs: 100 }, () => {
      const person = required(getPerson, {});
      const initial = step(z.string(), { name: person.name }, ({ name }) => name.slice(0, 1));
      const count = step(z.number(), { id: person.id }, ({ id }) => id.length);
      return { person, initial, count };
    });
    const shown = screen(people, ({ person, initial, count }) => ({
      initial,
      count,
      hello: text`Hello ${person.name}`,
      all: compute(z.string(), { notes: person.notes, home: person.home }, () => ''),
    }));
    expect(classified(shown)).toEqual({ initial: 'pii', hello: 'pii', all: 'confidential, pii' });
    expect(describeOrigins(shown).find(({ member }) => member === 'initial')?.from).toEqual([
      { part: 'person', upstream: 'people', operation: 'getPerson', field: 'name', use: 'computed' },
    ]);
    expect(planReads(people)).toEqual({ person: ['id', 'name'] });
  });

  it('of members below a value that is sent as a whole is listed by member, however deep schemas hold each other', () => {
    const people = plan('people', { deadlineMs: 100 }, () => ({ person: optional(getPerson, {}) }));
    const found = classified(screen(people, ({ person }) => ({ person: orNull(person) })));
    expect(found).toMatchObject({
      'person.name': 'pii',
      'person.home': 'pii',
      'person.notes[].text': 'confidential',
      'person.notes[].about.name': 'pii',
    });
    expect(Object.keys(found).length).toBeLessThan(30);
  });

  it('says what a client gets without an optional part', () => {
    const people = plan('people', { deadlineMs: 100 }, () => ({
      a: optional(getPerson, {}),
      b: optional(getPerson, {}),
      c: optional(getPerson, {}),
    }));
    const shown = screen(people, ({ a, b, c }) => ({
      a: orOmit(a.id),
      b: within(orNull(b), (one) => one.id),
      c: compute(z.string(), { c }, () => ''),
    }));
    expect(describeOrigins(shown).map(({ without }) => without)).toEqual([
      { a: 'a is absent' },
      { b: 'b is null' },
      { c: 'its function gets nothing' },
    ]);
  });
});
