import type { Product } from '@frontage/upstreams/catalogue';
import type { Order } from '@frontage/upstreams/orders';

/** Valid responses of the services by their contracts; a spec overrides the members that it tests. */
export const caller = { subject: 'acme', scopes: [], roles: [] };

const euros = (amount: number) => ({ amount, currency: 'EUR' });

export const product = (over: Partial<Product> = {}): Product => ({
  id: 'p-1',
  sku: 'S-1',
  name: 'Lamp',
  brand: 'Lindgren',
  status: 'ACTIVE',
  price: euros(8900),
  listPrice: euros(9900),
  images: [
    { url: 'https://img.shop.example/a/160.jpg', width: 160, height: 160 },
    { url: 'https://img.shop.example/a/1280.jpg', width: 1280, height: 1280 },
  ],
  description: 'Light where it is needed.',
  categoryId: 'office',
  attributes: [{ name: 'Power', value: '9', unit: 'W' }],
  tags: [],
  weightGrams: 1300,
  ean: '4059000000001',
  updatedAt: '2026-11-01T00:00:00Z',
  ...over,
});

export const order = (over: Partial<Order> = {}): Order => ({
  id: 'o-1',
  number: 'A-2026-0001',
  customerId: 'acme',
  status: 'SHIPPED',
  createdAt: '2026-11-17T06:30:00Z',
  lines: [{ productId: 'p-1', sku: 'S-1', name: 'Lamp', quantity: 10, unitPrice: euros(8900), total: euros(89000) }],
  subtotal: euros(89000),
  shippingCost: euros(0),
  discount: euros(4000),
  total: euros(85000),
  shippingAddress: {
    recipient: 'Acme Trading GmbH',
    line1: 'Lagerstr. 40',
    line2: null,
    postalCode: '10115',
    city: 'Berlin',
    country: 'DE',
  },
  parcelId: 'pc-1',
  paymentMethodId: 'pm-1',
  reference: 'PO-4711',
  ...over,
});

/** `order` as a summary in the partner API. */
export const orderHead = {
  id: 'o-1',
  number: 'A-2026-0001',
  createdAt: '2026-11-17T06:30:00Z',
  reference: 'PO-4711',
  state: 'shipped',
  totalMinor: 85000,
  currency: 'EUR',
};

/** `order` with all members in the partner API. */
export const orderBody = {
  ...orderHead,
  lines: [{ sku: 'S-1', name: 'Lamp', quantity: 10, unitPriceMinor: 8900, totalMinor: 89000 }],
  subtotalMinor: 89000,
  shippingCostMinor: 0,
  discountMinor: 4000,
  shipTo: {
    recipient: 'Acme Trading GmbH',
    line1: 'Lagerstr. 40',
    line2: null,
    postalCode: '10115',
    city: 'Berlin',
    country: 'DE',
  },
};
