import { list, pick, plan, required, screen } from '@frontage/aggregation';
import * as home from '../../libs/upstreams/home5/home5.gen.js';

const homePlan = plan('bench.home', { deadlineMs: 10_000 }, () => ({
  user: required(home.getUser, {}),
  cart: required(home.getCart, {}),
  recs: required(home.listRecommendations, {}),
  products: required(home.listProducts, {}),
  notifications: required(home.listNotifications, {}),
}));

export const homeScreen = screen(homePlan, ({ user, cart, recs, products, notifications }) => ({
  user: pick(user, 'name', 'tier', 'points'),
  cart: pick(cart, 'count', 'total'),
  recommended: list(recs.items, (product) => pick(product, 'id', 'title', 'price', 'image')),
  products: list(products.items, (product) => pick(product, 'id', 'title', 'price', 'image', 'rating')),
  unread: notifications.unread,
}));
