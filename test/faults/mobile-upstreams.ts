/** The upstreams of the app `mobile`. */
export const mobileUpstreams = [
  'users',
  'catalogue',
  'inventory',
  'carts',
  'orders',
  'shipping',
  'reviews',
  'recommendations',
  'content',
] as const;
export type Upstream = (typeof mobileUpstreams)[number];
