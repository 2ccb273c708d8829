import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { responseSchema } from './response-schema.js';
import { named, pick, within } from '../view/combinators.js';
import { compileView } from '../evaluate/compile-view.js';
import { homePlan, homeScreen } from '../fixtures/home-screen.js';
import { listOrders } from '../fixtures/home-shop.js';
import { mixed, wholes } from '../fixtures/view-examples.js';
import { valuesOf } from '../fixtures/arbitrary-responses.js';
import { undeclared } from '../fixtures/schema-arbitrary.js';
import { list } from '../view/lists.js';
import { plan } from '../plan/plan.js';
import { screen, type Screen } from '../view/screen.js';
import { required, step } from '../plan/verbs.js';

const schemaOf = (of: Screen<unknown>) => responseSchema(of).schema;

function validatorOf(of: Screen<unknown>) {
  const { schema, components } = responseSchema(of);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return ajv.compile({ allOf: [schema], components: { schemas: components } });
}

describe('the schema of a response', () => {
  const screens = { home: homeScreen, wholes, mixed };
  for (const [name, of] of Object.entries(screens)) {
    it(`of ${name} allows every response that the contracts allow, and no undeclared member is sent`, () => {
      const validate = validatorOf(of);
      const make = compileView(of);
      fc.assert(
        fc.property(valuesOf(of), (values) => {
          const made = make(values, {}, undefined);
          if (made.kind !== 'made') throw new Error(JSON.stringify(made));
          expect(made.report).toBeUndefined();
          validate(JSON.parse(made.body));
          expect(validate.errors ?? []).toEqual([]);
          expect(made.body).not.toContain(undeclared);
        }),
        { numRuns: 150 },
      );
    });
  }

  it('is derived from the contracts, field by field', () => {
    const { schema } = responseSchema(
      screen(homePlan, ({ profile, orders }) => ({
        ...pick(profile, 'id', 'phone', 'nick'),
        city: profile.address.city,
        shipTo: list(orders.items, (order) => within(order.ship, (ship) => ({ town: ship.city }))),
      })),
    );
    expect(schema).toEqual({
      type: 'object',
      properties: {
        id: { type: 'string' },
        phone: { type: ['string', 'null'] },
        nick: { type: 'string' },
        city: { type: 'string' },
        shipTo: {
          type: 'array',
          items: {
            type: ['object', 'null'],
            properties: { town: { type: 'string' } },
            required: ['town'],
            additionalProperties: false,
          },
        },
      },
      required: ['id', 'phone', 'shipTo'],
      additionalProperties: false,
    });
  });

  it('names what it keeps whole after its upstream, recursion included, and drops what only requests carry', () => {
    const { schema, components } = responseSchema(wholes);
    expect(schema).toMatchObject({ properties: { profile: { $ref: '#/components/schemas/users.User' } } });
    expect(Object.keys(components)).toEqual([
      'content.Banner',
      'content.Category',
      'shipping.Parcel',
      'shop.Address',
      'shop.Card',
      'shop.Dated',
      'shop.Order',
      'shop.Payment',
      'shop.Sepa',
      'shop.Store',
      'users.Address',
      'users.User',
    ]);
    expect(JSON.stringify(components['users.User'])).not.toContain('password');
    expect(components['shop.Payment']).toMatchObject({
      discriminator: { mapping: { sepa: '#/components/schemas/shop.Sepa' } },
    });
    expect(components['content.Category']).toMatchObject({
      properties: { children: { items: { $ref: '#/components/schemas/content.Category' } } },
    });
  });

  it('limits a list by `take` and by the count of an `each`', () => {
    expect(schemaOf(homeScreen)).toMatchObject({ properties: { orders: { maxItems: 3 }, parcels: { maxItems: 20 } } });
  });

  it('keeps constants that tell branches apart, and widens others', () => {
    expect(schemaOf(mixed)).toMatchObject({
      properties: {
        kind: { anyOf: [{ properties: { is: { const: 'gold' } } }, { properties: { is: { const: 'plain' } } }] },
      },
    });
    expect(schemaOf(homeScreen)).toMatchObject({
      properties: {
        golden: { properties: { badge: { type: 'string' } } },
        user: { properties: { level: { enum: ['basic', 'gold'] } } },
        orders: {
          items: {
            properties: {
              payment: {
                anyOf: [{ properties: { kind: { const: 'card' } } }, { properties: { kind: { const: 'bank' } } }],
              },
            },
          },
        },
      },
    });
  });

  it('names an object of ours on request, and refuses two of one name', () => {
    expect(responseSchema(mixed).components).toHaveProperty('Address');
    const twice = screen(homePlan, ({ profile }) => ({
      a: named('X', { id: profile.id }),
      b: named('X', { name: profile.name }),
    }));
    expect(() => responseSchema(twice)).toThrow("two different schemas are named 'X'");
  });

  it('takes the schema of a step, and asks for one where there is none', () => {
    const steps = plan('steps', { deadlineMs: 100 }, () => {
      const orders = required(listOrders, { query: { customerId: 'u' } });
      const typed = step(z.object({ total: z.number() }), { orders }, ({ orders: all }) => ({
        total: all.items.length,
      }));
      const untyped = step({ orders }, ({ orders: all }) => ({ total: all.items.length }));
      return { orders, typed, untyped };
    });
    expect(schemaOf(screen(steps, ({ typed }) => ({ total: typed.total })))).toMatchObject({
      properties: { total: { type: 'number' } },
    });
    expect(() => responseSchema(screen(steps, ({ untyped }) => ({ total: untyped.total })))).toThrow(
      "screen of plan 'steps': untyped.total has no schema, its step has no schema: write step(schema, deps, run), or read it in compute(...)",
    );
  });

  it('names the field that the contract does not have, for callbacks that the compiler did not check', () => {
    const unchecked = homePlan.parts.slice(0, 1).map(({ name, node }): Screen<unknown> => {
      return {
        plan: homePlan,
        view: { kind: 'field', key: 'nam', of: { kind: 'part', name, position: 0, node } },
        source: 'home.screen.ts:1:1',
      };
    });
    expect(() => unchecked.map((one) => compileView(one))).toThrow(
      "profile.nam: the contract declares no field 'nam'; it has id, name, points, phone, nick, tier, address",
    );
  });

  it('refuses a root that holds a member `_parts`', () => {
    expect(() => screen(homePlan, ({ profile }) => ({ _parts: profile.id }))).toThrow("'_parts'");
  });
});
