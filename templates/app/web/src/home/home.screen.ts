import {
  given,
  list,
  mapEnum,
  optional,
  pick,
  plan,
  required,
  screen,
  sortBy,
  text,
  within,
} from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as content from '@frontage/upstreams/content';
import * as orders from '@frontage/upstreams/orders';
import * as users from '@frontage/upstreams/users';

const homePlan = plan('__name__.home', { input: { caller: given<Caller>() }, deadlineMs: 1200 }, ({ caller }) => {
  const profile = required(users.getUser, { path: { id: caller.subject } });
  const recent = required(orders.listOrders, { query: { customerId: caller.subject, limit: 5 } });
  // Editors write per language, so banners wait for the profile.
  const banners = optional(
    content.listBanners,
    { query: { slot: 'HOME_TOP', locale: profile.locale, limit: 5 } },
    { timeoutMs: 250, fallback: [] },
  );
  return { profile, recent, banners };
});

export const homeScreen = screen(homePlan, ({ profile, recent, banners }) => ({
  user: {
    ...pick(profile, 'name', 'points', 'memberSince'),
    level: mapEnum(profile.tier, { BASIC: 'basic', SILVER: 'silver', GOLD: 'gold' }),
    avatar: within(profile.avatar, (avatar) => pick(avatar, 'url', 'width', 'height')),
  },
  greeting: text`Hello ${profile.name}`,
  orders: list(recent.items, (order) => ({
    ...pick(order, 'id', 'number', 'createdAt', 'total'),
    state: mapEnum(order.status, {
      PENDING: 'awaiting payment',
      PAID: 'being packed',
      PACKED: 'being packed',
      SHIPPED: 'on its way',
      DELIVERED: 'delivered',
      CANCELLED: 'cancelled',
      RETURNED: 'returned',
    }),
  })),
  banners: list(banners, (banner) => ({
    ...pick(banner, 'id', 'title', 'text', 'target'),
    images: list(sortBy(banner.images, 'width'), (image) => pick(image, 'url', 'width', 'height')),
  })),
}));
