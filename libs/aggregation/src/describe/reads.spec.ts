import { expect, it } from 'vitest';
import { crmScreens } from '../fixtures/crm-screens.js';
import { homeScreen } from '../fixtures/home-screen.js';
import { readFields } from './reads.js';

it('names the fields of each response that are sent, and those that a function of the screen gets', () => {
  expect(readFields(homeScreen)).toEqual({
    profile: {
      upstream: 'users',
      operation: 'getUser',
      kept: ['address.city', 'name', 'nick', 'phone', 'points'],
      computed: ['name', 'tier'],
    },
    orders: {
      upstream: 'shop',
      operation: 'listOrders',
      kept: [
        'items[].id',
        'items[].lines[].gift',
        'items[].lines[].qty',
        'items[].lines[].sku',
        'items[].note',
        'items[].payment.iban',
        'items[].payment.last4',
        'items[].ship.city',
        'items[].ship.zip',
      ],
      computed: [
        'items[].createdAt',
        'items[].currency',
        'items[].payment.kind',
        'items[].status',
        'items[].storeId',
        'items[].total',
      ],
    },
    stores: { upstream: 'shop', operation: 'listStores', kept: ['[].name'], computed: ['[].id'] },
    banners: { upstream: 'content', operation: 'listBanners', kept: ['[].id', '[].imageUrl'], computed: [] },
    menu: { upstream: 'content', operation: 'getMenu', kept: ['(whole)'], computed: [] },
    parcels: { upstream: 'shipping', operation: 'getParcel', kept: ['eta', 'state'], computed: [] },
  });
});

it('names the fields that joins, folds and merged objects read', () => {
  const fieldsOf = (name: keyof typeof crmScreens) =>
    Object.fromEntries(
      Object.entries(readFields(crmScreens[name])).map(([part, { kept, computed }]) => [part, { kept, computed }]),
    );
  expect(fieldsOf('joined')).toMatchInlineSnapshot(`
    {
      "contracts": {
        "computed": [
          "items[].customerId",
          "items[].kind",
          "items[].number",
        ],
        "kept": [
          "items[].number",
          "items[].terms.notice",
        ],
      },
      "customers": {
        "computed": [
          "items[].id",
        ],
        "kept": [
          "items[].id",
          "items[].name",
        ],
      },
      "invoices": {
        "computed": [
          "items[].amount",
          "items[].contract",
          "items[].dueOn",
        ],
        "kept": [
          "items",
        ],
      },
    }
  `);
  expect(fieldsOf('matched')).toMatchInlineSnapshot(`
    {
      "contracts": {
        "computed": [
          "items[].customerId",
          "items[].number",
        ],
        "kept": [
          "items",
        ],
      },
      "customers": {
        "computed": [
          "items[]",
          "items[].id",
          "items[].manager",
        ],
        "kept": [
          "items[].id",
          "items[].name",
        ],
      },
      "invoices": {
        "computed": [
          "items[].amount",
          "items[].contract",
        ],
        "kept": [
          "items",
        ],
      },
      "profile": {
        "computed": [
          "id",
          "score",
        ],
        "kept": [],
      },
    }
  `);
  expect(fieldsOf('folded')).toMatchInlineSnapshot(`
    {
      "contracts": {
        "computed": [
          "items[].kind",
        ],
        "kept": [
          "items[].customerId",
          "items[].kind",
          "items[].tags",
        ],
      },
      "credits": {
        "computed": [
          "items[].amount",
          "items[].discount",
          "items[].dueOn",
        ],
        "kept": [
          "items",
          "items[].id",
        ],
      },
      "invoices": {
        "computed": [
          "items[].amount",
          "items[].contract",
          "items[].dueOn",
        ],
        "kept": [
          "items",
          "items[].id",
        ],
      },
      "profile": {
        "computed": [
          "name",
        ],
        "kept": [],
      },
    }
  `);
  expect(fieldsOf('perItem')).toMatchInlineSnapshot(`
    {
      "menu": {
        "computed": [],
        "kept": [
          "children[].name",
        ],
      },
      "orders": {
        "computed": [
          "items[]",
          "items[].createdAt",
          "items[].lines[].qty",
          "items[].storeId",
          "items[].total",
        ],
        "kept": [
          "items[].id",
          "items[].lines[].sku",
          "items[].payment",
          "items[].total",
        ],
      },
      "parcels": {
        "computed": [
          "state",
        ],
        "kept": [
          "eta",
          "state",
        ],
      },
      "profile": {
        "computed": [
          "name",
        ],
        "kept": [],
      },
      "stores": {
        "computed": [
          "[].id",
        ],
        "kept": [
          "[]",
        ],
      },
    }
  `);
  expect(fieldsOf('merged')).toMatchInlineSnapshot(`
    {
      "contracts": {
        "computed": [
          "items[].kind",
        ],
        "kept": [
          "items[]",
          "items[].terms",
          "items[].terms.notice",
        ],
      },
      "extra": {
        "computed": [],
        "kept": [
          "(whole)",
          "name",
        ],
      },
      "profile": {
        "computed": [],
        "kept": [
          "(whole)",
          "city",
          "id",
          "name",
        ],
      },
    }
  `);
});
