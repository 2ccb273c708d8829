import { table } from '@frontage/core';
import { euros, productsBySku, skuOf } from './catalogue.js';
import { addresses, type SeedAddress } from './people.js';

/** Carts and orders as they stand when the sandbox starts; parcels follow from the orders. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

export interface OrderLine {
  readonly productId: string;
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
  readonly total: Money;
}

export type PostalAddress = Pick<SeedAddress, 'recipient' | 'line1' | 'line2' | 'postalCode' | 'city' | 'country'>;

export interface Order {
  readonly id: string;
  readonly number: string;
  readonly customerId: string;
  readonly status: 'PENDING' | 'PAID' | 'PACKED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED' | 'RETURNED';
  readonly createdAt: string;
  readonly lines: readonly OrderLine[];
  readonly subtotal: Money;
  readonly shippingCost: Money;
  readonly discount: Money | null;
  readonly total: Money;
  readonly shippingAddress: PostalAddress;
  readonly parcelId: string;
  readonly paymentMethodId: string | null;
  readonly reference?: string;
  readonly note?: string;
  readonly cancelledBecause?: string;
}

/** A product of the seed as a line of an order; undefined where the article is not sold here. */
export function orderLine(sku: string, quantity: number): OrderLine | undefined {
  const product = productsBySku.get(sku);
  if (product === undefined) return undefined;
  const { id, name, price } = product;
  return { productId: id, sku, name, quantity, unitPrice: price, total: euros(price.amount * quantity) };
}

export const sumOf = (lines: readonly { readonly total: Money }[]): number =>
  lines.reduce((sum, line) => sum + line.total.amount, 0);

export const postalAddress = ({
  recipient,
  line1,
  line2,
  postalCode,
  city,
  country,
}: PostalAddress): PostalAddress => ({
  recipient,
  line1,
  line2,
  postalCode,
  city,
  country,
});

interface OrderRow {
  readonly no: number;
  readonly customer: string;
  readonly status: Order['status'];
  readonly at: string;
  /** Product number and quantity. */
  readonly lines: readonly (readonly [product: number, quantity: number])[];
  readonly discount?: number;
  readonly extra?: Pick<Order, 'reference' | 'note' | 'cancelledBecause'>;
}

// prettier-ignore
const rows: readonly OrderRow[] = [
  { no: 1007, customer: 'ada', status: 'PAID', at: '2026-11-20T19:04:00Z', lines: [[201, 1], [204, 1]], discount: 2000 },
  { no: 1006, customer: 'ada', status: 'SHIPPED', at: '2026-11-18T08:15:00Z', lines: [[101, 1], [205, 2]] },
  { no: 1005, customer: 'ada', status: 'DELIVERED', at: '2026-10-02T12:40:00Z', lines: [[401, 1], [402, 1], [403, 1]], extra: { note: 'Please leave it with the porter.' } },
  { no: 1004, customer: 'ada', status: 'RETURNED', at: '2026-08-11T17:22:00Z', lines: [[103, 1]] },
  { no: 1003, customer: 'ada', status: 'DELIVERED', at: '2026-03-30T09:01:00Z', lines: [[304, 1], [305, 1]], discount: 1000 },
  { no: 1002, customer: 'grace', status: 'PACKED', at: '2026-11-19T21:48:00Z', lines: [[301, 1], [303, 1]] },
  { no: 1001, customer: 'grace', status: 'CANCELLED', at: '2026-09-14T10:10:00Z', lines: [[105, 1]], extra: { cancelledBecause: 'TOO_SLOW' } },
  { no: 1010, customer: 'acme', status: 'SHIPPED', at: '2026-11-17T06:30:00Z', lines: [[306, 10], [304, 10], [305, 10]], extra: { reference: 'PO-4711' } },
  { no: 1009, customer: 'acme', status: 'DELIVERED', at: '2026-07-01T07:00:00Z', lines: [[303, 20]], extra: { reference: 'PO-4630' } },
  { no: 1008, customer: 'acme', status: 'DELIVERED', at: '2026-02-12T07:00:00Z', lines: [[205, 100]], discount: 14900, extra: { reference: 'PO-4502' } },
];

export const orderId = (no: number): string => `o-${no}`;
export const parcelIdOf = (order: string): string => `pc-${order.slice(2)}`;
export const orderNumber = (no: number): string => `A-2026-${String(no).padStart(4, '0')}`;

export const orders: readonly Order[] = rows.map(seededOrder);

function seededOrder(row: OrderRow): Order {
  const lines = row.lines.map(([product, quantity]) => mustBeSold(skuOf(`p-${product}`), quantity));
  const subtotal = sumOf(lines);
  const shippingCost = subtotal >= 5000 ? 0 : 490;
  const address = addresses[row.customer]?.[0];
  if (address === undefined) throw new Error(`The seed gives ${row.customer} orders and no address.`);
  return {
    id: orderId(row.no),
    number: orderNumber(row.no),
    customerId: row.customer,
    status: row.status,
    createdAt: row.at,
    lines,
    subtotal: euros(subtotal),
    shippingCost: euros(shippingCost),
    discount: row.discount === undefined ? null : euros(row.discount),
    total: euros(subtotal + shippingCost - (row.discount ?? 0)),
    shippingAddress: postalAddress(address),
    parcelId: parcelIdOf(orderId(row.no)),
    paymentMethodId: `pm-${row.customer}-1`,
    ...row.extra,
  };
}

/** Product number and quantity by customer; all other customers begin with an empty cart. */
export const cartContents: Readonly<Record<string, readonly (readonly [sku: string, quantity: number])[]>> = table({
  ada: [
    ['SKU-102', 1],
    ['SKU-206', 1],
    ['SKU-405', 2],
  ],
  grace: [['SKU-307', 1]],
});

export const coupons: Readonly<Record<string, { readonly code: string; readonly amount: number }>> = table({
  ada: { code: 'WELCOME-BACK', amount: 1000 },
});

/** Changes in the sandbox happen after this moment, each one step of time later. */
export const startOfSeed = Date.parse('2026-11-21T09:00:00Z');

export const shippingOptions = [
  { id: 'so-post', name: 'Letterbox', carrier: 'POST', price: euros(290), minDays: 2, maxDays: 5, orderBefore: null },
  { id: 'so-gls', name: 'Standard', carrier: 'GLS', price: euros(490), minDays: 2, maxDays: 3, orderBefore: '16:00' },
  { id: 'so-dhl', name: 'Express', carrier: 'DHL', price: euros(1290), minDays: 1, maxDays: 1, orderBefore: '14:00' },
] as const;

function mustBeSold(sku: string, quantity: number): OrderLine {
  const line = orderLine(sku, quantity);
  if (line === undefined) throw new Error(`The seed has an order of ${sku}, which is not in its catalogue.`);
  return line;
}
