import type { Operation } from '@frontage/core';
import { z } from 'zod';
import { compute, test } from '../view/combinators.js';
import { where } from '../view/lists.js';
import { screen } from '../view/screen.js';
import { createOrder, getUser, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { pages } from './pages.js';
import { plan } from './plan.js';
import { given } from '../model/schema.js';
import { optional, required, step, write } from './verbs.js';

/*
 * The values that functions of plans and screens get are read-only at any depth: other requests may hold the same. Checked by the compiler: an
 * assignment that compiled would be an unused directive here.
 */
declare const getPlaces: Operation<
  { path: { id: string } },
  { rows: { tags: string[]; at: Record<string, { left: number }> }[]; table: Map<string, { left: number }> },
  { '404': { seen: string[] } },
  'GET'
>;
declare const rename: Operation<{ path: { id: string } }, { id: string }, { '409': { seen: string[] } }, 'PUT'>;

export const guarded = plan('guarded', { input: { caller: given<Shopper>() }, deadlineMs: 100 }, ({ caller }) => {
  const user = required(getUser, { path: { id: caller.subject } });
  const maybe = optional(getUser, { path: { id: caller.subject } });
  const places = required(
    getPlaces,
    { path: { id: 'a' } },
    {
      onStatus: {
        404: (body) => {
          // @ts-expect-error Property 'push' does not exist
          body.seen.push('me');
          return { rows: [], table: new Map() };
        },
      },
    },
  );
  const renamed = write(
    rename,
    { path: { id: 'a' } },
    {
      onStatus: {
        409: (body) => {
          // @ts-expect-error it is read-only
          body.seen = [];
          return { id: '' };
        },
      },
    },
  );
  const pageOf = pages((cursor) => required(listOrders, { query: { customerId: 'a', limit: cursor } }), {
    items: 'items',
    next: (page) => {
      // @ts-expect-error Property 'pop' does not exist
      page.items.pop();
      return page.next;
    },
    maxPages: 2,
    maxItems: 2,
  });
  const spoilt = step({ user, maybe, places, caller }, (of) => {
    // @ts-expect-error it is read-only
    of.user.name = `price for ${of.caller.subject}`;
    // @ts-expect-error it is read-only
    if (of.user.address !== undefined) of.user.address.city = 'mine';
    // @ts-expect-error it is read-only
    if (of.maybe.ok) of.maybe.value.name = 'mine';
    // @ts-expect-error Property 'reverse' does not exist
    of.places.rows.reverse();
    // @ts-expect-error Property 'push' does not exist
    of.places.rows[0]?.tags.push('mine');
    // @ts-expect-error only reads are allowed
    of.places.rows[0].at['a'] = { left: 1 };
    // @ts-expect-error Property 'set' does not exist
    of.places.table.set('a', { left: 1 });
    // @ts-expect-error it is read-only
    of.caller.premium = true;
    return of.user.name;
  });
  // A value that was seen may be returned as it is, although the schema's own type could be changed.
  const passedOn = step(z.object({ id: z.string(), tags: z.array(z.string()) }), { places, user }, (of) => ({
    id: of.user.id,
    tags: of.places.rows[0]?.tags ?? [],
  }));
  // A value of a step can be sent, although it is read-only.
  const skus = step({ places }, (of) => of.places.rows[0]?.tags ?? []);
  const sent = write(createOrder, { body: { customerId: user.id, skus } });
  return { user, places, renamed, pageOf, spoilt, passedOn, sent };
});

export const shown = screen(guarded, ({ user, places, pageOf }) => ({
  name: compute(z.string(), { user }, (of) => {
    // @ts-expect-error it is read-only
    of.user.name = 'mine';
    return of.user.name;
  }),
  rows: compute(z.array(z.object({ tags: z.array(z.string()) })), { places }, (of) => of.places.rows),
  any: test({ places }, (of) => {
    // @ts-expect-error Property 'reverse' does not exist
    of.places.rows.reverse();
    return true;
  }),
  orders: where(pageOf, ['id'], (order) => {
    // @ts-expect-error it is read-only
    order.id = 'mine';
    return true;
  }),
}));
