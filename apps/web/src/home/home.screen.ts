import {
  at,
  each,
  given,
  list,
  mapEnum,
  optional,
  orNull,
  orOmit,
  pick,
  plan,
  required,
  screen,
  text,
  within,
  type Deep,
} from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as catalogue from '@frontage/upstreams/catalogue';
import * as content from '@frontage/upstreams/content';
import * as orders from '@frontage/upstreams/orders';
import * as recommendations from '@frontage/upstreams/recommendations';
import * as shipping from '@frontage/upstreams/shipping';
import * as users from '@frontage/upstreams/users';
import { orderRow } from '../order-row.js';
import { pictures } from '../pictures.js';
import { suggestion } from '../suggestion.js';

const homePlan = plan('web.home', { input: { caller: given<Caller>() }, deadlineMs: 1200 }, ({ caller }) => {
  const profile = required(users.getUser, { path: { id: caller.subject } });
  const recent = required(orders.listOrders, { query: { customerId: caller.subject, limit: 5 } });
  const parcels = each(recent.items, (order) => optional(shipping.getParcel, { path: { id: order.parcelId } }), {
    maxCount: 5,
  });
  // Editors write per language, so banners wait for the profile.
  const topBanners = optional(
    content.listBanners,
    { query: { slot: 'HOME_TOP', locale: profile.locale, limit: 5 } },
    { timeoutMs: 250, fallback: [] },
  );
  const bottomBanners = optional(
    content.listBanners,
    { query: { slot: 'HOME_BOTTOM', locale: profile.locale, limit: 5 } },
    { timeoutMs: 250, fallback: [] },
  );
  const suggested = optional(recommendations.listRecommendations, {
    path: { customerId: caller.subject },
    query: { placement: 'HOME', limit: 12 },
  });
  const categories = optional(catalogue.listCategories, {});
  return { profile, recent, parcels, topBanners, bottomBanners, suggested, categories };
});

const bannerOf = (banner: Deep<content.Banner>) => ({
  ...pick(banner, 'id', 'title', 'text', 'target'),
  dark: mapEnum(banner.theme, { LIGHT: false, DARK: true }),
  images: pictures(banner.images),
});

export const homeScreen = screen(
  homePlan,
  ({ profile, recent, parcels, topBanners, bottomBanners, suggested, categories }) => ({
    user: {
      ...pick(profile, 'name', 'points', 'memberSince'),
      level: mapEnum(profile.tier, { BASIC: 'basic', SILVER: 'silver', GOLD: 'gold' }),
      avatar: within(profile.avatar, (avatar) => pick(avatar, 'url', 'width', 'height')),
    },
    greeting: text`Hello ${profile.name}`,
    orders: list(recent.items, (order, position) => ({
      ...orderRow(order),
      parcel: orNull(
        within(at(parcels, position), (parcel) => ({
          ...pick(parcel, 'eta', 'trackingUrl'),
          state: mapEnum(parcel.state, {
            ANNOUNCED: 'announced',
            PACKED: 'announced',
            IN_TRANSIT: 'on its way',
            OUT_FOR_DELIVERY: 'arrives today',
            DELIVERED: 'delivered',
            RETURNED: 'returned',
            LOST: 'lost',
          }),
        })),
      ),
    })),
    banners: { top: list(topBanners, bannerOf), bottom: list(bottomBanners, bannerOf) },
    suggestions: orNull(list(suggested.items, suggestion)),
    categories: orOmit(
      list(categories.items, (category) => ({
        ...pick(category, 'id', 'name', 'productCount'),
        children: list(category.children, (child) => pick(child, 'id', 'name', 'productCount')),
      })),
    ),
  }),
);
