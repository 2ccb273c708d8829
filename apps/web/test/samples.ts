import type { Cart, CartLine } from '@frontage/upstreams/carts';
import type { Category, Product, ProductSummary } from '@frontage/upstreams/catalogue';
import type { Banner } from '@frontage/upstreams/content';
import type { Stock } from '@frontage/upstreams/inventory';
import type { Order } from '@frontage/upstreams/orders';
import type { Recommendation } from '@frontage/upstreams/recommendations';
import type { Parcel } from '@frontage/upstreams/shipping';
import type { Address, PaymentMethod, User } from '@frontage/upstreams/users';

/** Valid responses of the services by their contracts; a spec overrides the members that it tests. */
export const caller = { subject: 'ada', scopes: [], roles: [] };

const euros = (amount: number) => ({ amount, currency: 'EUR' });

const images = [
  { url: 'https://img.shop.example/a/640.jpg', width: 640, height: 640 },
  { url: 'https://img.shop.example/a/160.jpg', width: 160, height: 160 },
];

/** `images` in the web API: the narrowest first. */
export const shownImages = images.toReversed();

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
  status: 'SHIPPED',
  createdAt: '2026-11-18T08:15:00Z',
  lines: [
    { productId: 'p-1', sku: 'S-1', name: 'Lamp', quantity: 2, unitPrice: euros(1490), total: euros(2980) },
    { productId: 'p-2', sku: 'S-2', name: 'Cable', quantity: 1, unitPrice: euros(500), total: euros(500) },
  ],
  subtotal: euros(3480),
  shippingCost: euros(490),
  discount: null,
  total: euros(3970),
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
  state: 'OUT_FOR_DELIVERY',
  trackingNumber: null,
  trackingUrl: null,
  eta: '2026-11-21T12:00:00Z',
  deliveredAt: null,
  weightGrams: 400,
  events: [],
};

export const banner = (over: Partial<Banner> = {}): Banner => ({
  id: 'b-1',
  slot: 'HOME_TOP',
  title: 'Winter',
  text: null,
  images,
  target: '/winter',
  theme: 'DARK',
  startsAt: '2026-11-01T00:00:00Z',
  endsAt: null,
  ...over,
});

const recommendation: Recommendation = {
  productId: 'p-9',
  sku: 'S-9',
  name: 'Kettle',
  brand: 'Morgen',
  price: euros(7900),
  images,
  reason: 'BOUGHT_TOGETHER',
  score: 0.9,
};
export const recommendations = { items: [recommendation], model: 'neighbours-7', generatedAt: '2026-11-21T03:00:00Z' };

/** `recommendation` in the web API. */
export const shownSuggestion = {
  productId: 'p-9',
  name: 'Kettle',
  brand: 'Morgen',
  price: { amount: 7900, currency: 'EUR', text: '79.00 EUR' },
  images: shownImages,
  reason: 'often bought together',
};

export const category: Category = {
  id: 'audio',
  name: 'Audio',
  productCount: 6,
  children: [{ id: 'speakers', name: 'Speakers', productCount: 3, children: [] }],
};

export const summary: ProductSummary = {
  id: 'p-1',
  sku: 'S-1',
  name: 'Lamp',
  brand: 'Lindgren',
  status: 'ACTIVE',
  price: euros(1490),
  listPrice: euros(1990),
  images,
};

export const product: Product = {
  ...summary,
  description: 'Light where it is needed.',
  categoryId: 'office',
  attributes: [{ name: 'Power', value: '9', unit: 'W' }],
  tags: ['new'],
  weightGrams: 1300,
  ean: null,
  updatedAt: '2026-11-01T00:00:00Z',
};

export const stock = (over: Partial<Stock> = {}): Stock => ({
  sku: 'S-1',
  available: 12,
  state: 'IN_STOCK',
  restockOn: null,
  warehouses: [{ id: 'w-1', country: 'DE', quantity: 12 }],
  updatedAt: '2026-11-21T00:00:00Z',
  ...over,
});

const line = (sku: string, quantity: number): CartLine => ({
  id: `l-${sku}`,
  productId: 'p-1',
  sku,
  quantity,
  unitPrice: euros(100),
  total: euros(100 * quantity),
  addedAt: '2026-11-20T20:00:00Z',
});

export const cart = (over: Partial<Cart> = {}): Cart => ({
  id: 'c-ada',
  customerId: 'ada',
  lines: [line('S-1', 2), line('S-2', 1)],
  itemCount: 3,
  subtotal: euros(300),
  discount: null,
  total: euros(300),
  coupon: null,
  version: 7,
  updatedAt: '2026-11-21T09:00:00Z',
  ...over,
});

export const address: Address = {
  id: 'ad-1',
  label: 'Home',
  recipient: 'Ada Lovelace',
  line1: '12 St James Square',
  line2: null,
  postalCode: 'SW1Y 4LB',
  city: 'London',
  country: 'GB',
  purposes: ['SHIPPING', 'BILLING'],
  isDefault: true,
};

export const card: PaymentMethod = {
  id: 'pm-1',
  kind: 'CARD',
  label: 'Visa ending in 4242',
  isDefault: true,
  card: { brand: 'VISA', lastDigits: '4242', expiryMonth: 2, expiryYear: 2028 },
};
