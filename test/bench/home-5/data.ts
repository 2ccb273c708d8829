/** The five answers of home-5 (0.4 to 11 kB). Variants differ in their values, not in their shape or size. */
export function answers(variant: number): Readonly<Record<string, unknown>> {
  const digits = (value: number, width: number): number =>
    10 ** (width - 1) + ((value * 7919 + variant * 104_729) % (9 * 10 ** (width - 1)));
  const product = (i: number): unknown => ({
    id: `p-${i}-${digits(i, 4)}`,
    sku: `SKU-${digits(i, 5)}`,
    title: `Product number ${digits(i, 3)} with a readable title`,
    description: `A longer description of product ${digits(i, 3)} that explains what it is, what it does and why somebody might like to own one of them.`,
    price: { amount: digits(i, 4), currency: 'GBP' },
    image: `https://img.example.test/p/${digits(i, 3)}/640x480.jpg`,
    rating: 4.2,
    reviews: digits(i, 3),
    stock: digits(i, 2),
    category: { id: `c-${i % 5}`, name: `Category ${i % 5}` },
    attributes: { color: 'blue', size: 'M', weight: 1.25 },
  });
  const range = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));
  return {
    users: {
      id: `u-${digits(1, 4)}`,
      name: 'Ada Lovelace',
      email: 'ada@example.test',
      tier: 'gold',
      points: digits(2, 4),
      locale: 'en-GB',
      created: '2021-03-04T10:11:12Z',
      address: { street: '1 St James Square', city: 'London', zip: 'SW1Y 4LE', country: 'GB' },
      phones: ['+44 20 0000 0001', '+44 20 0000 0002'],
      preferences: { newsletter: true, theme: 'dark', currency: 'GBP' },
      tags: ['vip', 'early-adopter', 'beta'],
      lastLogin: '2026-11-20T08:00:00Z',
      verified: true,
    },
    cart: {
      id: `c-${digits(3, 4)}`,
      items: range(5, (i) => ({
        sku: `SKU-${digits(i, 3)}`,
        title: `Item ${i}`,
        qty: i + 1,
        price: digits(i, 4),
        image: `https://img.example.test/i/${i}.jpg`,
      })),
      count: 5,
      total: digits(4, 5),
      currency: 'GBP',
    },
    recs: { items: range(12, (i) => product(i)) },
    products: { items: range(24, (i) => product(i + 100)) },
    notifications: {
      unread: 3,
      items: range(6, (i) => ({
        id: `n-${digits(i, 4)}`,
        kind: 'order',
        text: `Your order number ${digits(i, 3)} has been shipped and is on its way to you`,
        at: '2026-11-20T08:00:00Z',
        read: i > 3,
      })),
    },
  };
}
