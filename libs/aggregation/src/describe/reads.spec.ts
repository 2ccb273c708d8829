import { expect, it } from 'vitest';
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
