import { address, digits, product, range, type Answers } from '../values.js';

/** Five responses of 0.4 to 11 kB. */
export const answers = (variant: number): Answers => ({
  '/users': {
    id: `u-${digits(variant, 1, 4)}`,
    name: 'Ada Lovelace',
    email: 'ada@example.test',
    tier: 'gold',
    points: digits(variant, 2, 4),
    locale: 'en-GB',
    created: '2021-03-04T10:11:12Z',
    address,
    phones: ['+44 20 0000 0001', '+44 20 0000 0002'],
    preferences: { newsletter: true, theme: 'dark', currency: 'GBP' },
    tags: ['vip', 'early-adopter', 'beta'],
    lastLogin: '2026-11-20T08:00:00Z',
    verified: true,
  },
  '/cart': {
    id: `c-${digits(variant, 3, 4)}`,
    items: range(5, (i) => ({
      sku: `SKU-${digits(variant, i, 3)}`,
      title: `Item ${i}`,
      qty: i + 1,
      price: digits(variant, i, 4),
      image: `https://img.example.test/i/${i}.jpg`,
    })),
    count: 5,
    total: digits(variant, 4, 5),
    currency: 'GBP',
  },
  '/recs': { items: range(12, (i) => product(variant, i)) },
  '/products': { items: range(24, (i) => product(variant, i + 100)) },
  '/notifications': {
    unread: 3,
    items: range(6, (i) => ({
      id: `n-${digits(variant, i, 4)}`,
      kind: 'order',
      text: `Your order number ${digits(variant, i, 3)} has been shipped and is on its way to you`,
      at: '2026-11-20T08:00:00Z',
      read: i > 3,
    })),
  },
});
