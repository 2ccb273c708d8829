import type { Cart } from '@frontage/upstreams/carts';
import type { Product } from '@frontage/upstreams/catalogue';
import type { Banner } from '@frontage/upstreams/content';
import type { Order } from '@frontage/upstreams/orders';
import type { Parcel } from '@frontage/upstreams/shipping';
import type { User } from '@frontage/upstreams/users';

/** Valid responses of the services by their contracts; a spec overrides the members that it tests. */
export const caller = { subject: 'ada', scopes: [], roles: [] };

export const euros = (amount: number) => ({ amount, currency: 'EUR' });

/** A phone shows the smallest picture in a list. */
export const small = 'https://img.shop.example/a/160.jpg';
const images = [
  { url: small, width: 160, height: 160 },
  { url: 'https://img.shop.example/a/640.jpg', width: 640, height: 640 },
];

export const profile: User = {
  id: 'ada',
  name: 'Ada Lovelace',
  email: 'ada@shop.example',
  phone: null,
  tier: 'GOLD',
  points: 4210,
  locale: 'en-GB',
  currency: 'EUR',
  memberSince: '2019-12-10',
  avatar: null,
  preferences: { newsletter: true, channels: ['EMAIL'] },
};

export const order = (over: Partial<Order> = {}): Order => ({
  id: 'o-1',
  number: 'A-2026-0001',
  customerId: 'ada',
  status: 'PACKED',
  createdAt: '2026-11-18T08:15:00Z',
  lines: [{ productId: 'p-1', sku: 'S-1', name: 'Lamp', quantity: 2, unitPrice: euros(1490), total: euros(2980) }],
  subtotal: euros(2980),
  shippingCost: euros(490),
  discount: null,
  total: euros(3470),
  shippingAddress: {
    recipient: 'Ada Lovelace',
    line1: '12 St James Square',
    line2: null,
    postalCode: 'SW1Y 4LB',
    city: 'London',
    country: 'GB',
  },
  parcelId: 'pc-1',
  paymentMethodId: null,
  ...over,
});

export const parcel: Parcel = {
  id: 'pc-1',
  orderId: 'o-1',
  carrier: 'DHL',
  state: 'IN_TRANSIT',
  trackingNumber: null,
  trackingUrl: 'https://dhl.example/pc-1',
  eta: null,
  deliveredAt: null,
  weightGrams: 400,
  events: [
    { at: '2026-11-19T08:00:00Z', state: 'IN_TRANSIT', place: null, note: 'On a lorry.' },
    { at: '2026-11-18T20:00:00Z', state: 'PACKED', place: null, note: 'Packed.' },
  ],
};

export const banner: Banner = {
  id: 'b-1',
  slot: 'HOME_TOP',
  title: 'Winter',
  text: null,
  images,
  target: '/winter',
  theme: 'DARK',
  startsAt: '2026-11-01T00:00:00Z',
  endsAt: null,
};

export const recommendations = {
  items: [
    {
      productId: 'p-9',
      sku: 'S-9',
      name: 'Kettle',
      brand: 'Morgen',
      price: euros(7900),
      images,
      reason: 'POPULAR',
      score: 0.9,
    },
  ],
  model: 'neighbours-7',
  generatedAt: '2026-11-21T03:00:00Z',
};

export const product = (over: Partial<Product> = {}): Product => ({
  id: 'p-1',
  sku: 'S-1',
  name: 'Lamp',
  brand: 'Lindgren',
  status: 'ACTIVE',
  price: euros(1490),
  listPrice: null,
  images: images.toReversed(),
  description: 'Light where it is needed.',
  categoryId: 'office',
  attributes: [],
  tags: [],
  weightGrams: 1300,
  ean: null,
  updatedAt: '2026-11-01T00:00:00Z',
  ...over,
});

const line = (productId: string, sku: string) => ({
  id: `l-${sku}`,
  productId,
  sku,
  quantity: 1,
  unitPrice: euros(1490),
  total: euros(1490),
  addedAt: '2026-11-20T20:00:00Z',
});

export const cart: Cart = {
  id: 'c-ada',
  customerId: 'ada',
  lines: [line('p-1', 'S-1'), line('p-2', 'S-2')],
  itemCount: 2,
  subtotal: euros(2980),
  discount: null,
  total: euros(2980),
  coupon: null,
  version: 7,
  updatedAt: '2026-11-21T09:00:00Z',
};
