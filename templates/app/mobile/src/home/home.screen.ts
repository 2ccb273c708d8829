import {
  each,
  first,
  given,
  list,
  mapEnum,
  optional,
  orNull,
  pick,
  plan,
  required,
  screen,
  text,
} from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as content from '@frontage/upstreams/content';
import * as orders from '@frontage/upstreams/orders';
import * as recommendations from '@frontage/upstreams/recommendations';
import * as shipping from '@frontage/upstreams/shipping';
import * as users from '@frontage/upstreams/users';
import { orderState } from '../order-state.js';

const homePlan = plan('__name__.home', { input: { caller: given<Caller>() }, deadlineMs: 800 }, ({ caller }) => {
  const profile = required(users.getUser, { path: { id: caller.subject } });
  const recent = required(orders.listOrders, { query: { customerId: caller.subject, limit: 3 } });
  const banners = optional(
    content.listBanners,
    { query: { slot: 'HOME_TOP', limit: 3 } },
    { timeoutMs: 150, fallback: [] },
  );
  const suggested = optional(recommendations.listRecommendations, {
    path: { customerId: caller.subject },
    query: { placement: 'HOME', limit: 6 },
  });
  const parcels = each(recent.items, (order) => optional(shipping.getParcel, { path: { id: order.parcelId } }), {
    maxCount: 3,
  });
  return { profile, recent, banners, suggested, parcels };
});

export const homeScreen = screen(homePlan, ({ profile, recent, banners, suggested, parcels }) => ({
  user: {
    ...pick(profile, 'name', 'points'),
    level: mapEnum(profile.tier, { BASIC: 'basic', SILVER: 'silver', GOLD: 'gold' }),
  },
  greeting: text`Hello ${profile.name}`,
  orders: list(recent.items, (order) => ({
    ...pick(order, 'id', 'number', 'total'),
    state: orderState(order.status),
  })),
  parcels: list(parcels, (parcel) => orNull(pick(parcel, 'orderId', 'state', 'eta'))),
  banners: list(banners, (banner) => ({ ...pick(banner, 'id', 'title', 'target'), image: first(banner.images).url })),
  suggested: orNull(
    list(suggested.items, (product) => ({
      ...pick(product, 'productId', 'name', 'price'),
      image: first(product.images).url,
    })),
  ),
}));
