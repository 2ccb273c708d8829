import {
  cursorPage,
  isRecord,
  number,
  ok,
  optionalText,
  problem,
  text,
  texts,
  type Behaviour,
  type SandboxResponse,
} from '../model/behaviour.js';
import { availableOf, missing } from './browsing.js';
import { cartIdOf, cartStore, couponOf, invalid } from './carts.js';
import { euros, productsBySku } from './catalogue.js';
import { addresses } from './people.js';
import { parcelOf } from './parcels.js';
import {
  orderId,
  orderLine,
  orderNumber,
  orders as seededOrders,
  parcelIdOf,
  postalAddress,
  shippingOptions,
  startOfSeed,
  sumOf,
  type Order,
  type PostalAddress,
} from './trade.js';

/** Most orders that one sandbox keeps, so that a load test does not grow it without end. The oldest ones are removed first. */
const maxPlacedOrders = 10_000;

/** Upstreams with state: carts, orders and shipping of one sandbox see each other's. */
export function trading(): { readonly carts: Behaviour; readonly orders: Behaviour; readonly shipping: Behaviour } {
  const carts = cartStore();
  const orders = new Map(seededOrders.map((order) => [order.id, order]));
  const placedByKey = new Map<string, { readonly request: string; readonly order: Order }>();
  let placed = 0;

  const place = (key: string, request: Readonly<Record<string, unknown>>): SandboxResponse => {
    const customerId = text(request, 'customerId');
    const cart = carts.get(customerId);
    if (cart === undefined) return invalid('/customerId', `There is no customer ${customerId}.`);
    const fromCart = request['cartId'] !== undefined;
    if (fromCart && request['cartId'] !== cartIdOf(customerId)) return invalid('/cartId', 'There is no such cart.');
    const wanted = fromCart ? cart.lines : wantedLines(request['lines']);
    if (wanted.length === 0) return invalid('/lines', 'Nothing is ordered: give lines, or a cart that is not empty.');
    const unknown = wanted.findIndex(({ sku }) => !productsBySku.has(sku));
    if (unknown >= 0) return invalid(`/lines/${unknown}/sku`, `There is no article ${wanted[unknown]?.sku}.`);
    const soldOut = wanted.filter(({ sku, quantity }) => quantity > (availableOf(sku) ?? 0)).map(({ sku }) => sku);
    if (soldOut.length > 0) return problem(409, 'Articles are sold out', { soldOut });
    const shippingAddress = destination(request, customerId);
    if (shippingAddress === undefined) return invalid('/addressId', 'Say where it goes: addressId or shippingAddress.');
    const option = shippingOptions.find(({ id }) => id === (request['shippingOptionId'] ?? 'so-gls'));
    if (option === undefined) return invalid('/shippingOptionId', 'There is no such way to send it.');

    const lines = wanted.map(({ sku, quantity }) => orderLine(sku, quantity)).filter((line) => line !== undefined);
    const discount = fromCart ? couponOf(customerId, sumOf(lines)) : 0;
    const no = 2001 + placed;
    placed += 1;
    const order: Order = {
      id: orderId(no),
      number: orderNumber(no),
      customerId,
      status: 'PENDING',
      createdAt: new Date(startOfSeed + placed * 60_000).toISOString(),
      lines,
      subtotal: euros(sumOf(lines)),
      shippingCost: option.price,
      discount: discount === 0 ? null : euros(discount),
      total: euros(sumOf(lines) + option.price.amount - discount),
      shippingAddress,
      parcelId: parcelIdOf(orderId(no)),
      paymentMethodId: optionalText(withoutNulls(request), 'paymentMethodId') ?? null,
      ...(typeof request['reference'] === 'string' && { reference: request['reference'] }),
      ...(typeof request['note'] === 'string' && { note: request['note'] }),
    };
    orders.set(order.id, order);
    placedByKey.set(key, { request: JSON.stringify(request), order });
    if (placed > maxPlacedOrders) {
      orders.delete(orderId(no - maxPlacedOrders));
      for (const oldest of placedByKey.keys()) {
        placedByKey.delete(oldest);
        break;
      }
    }
    if (fromCart) carts.empty(customerId);
    return created(order);
  };

  const ordersBehaviour: Behaviour = {
    listOrders: ({ query }) => {
      const statuses = texts(query, 'status');
      const matches = [...orders.values()]
        .filter(({ customerId, status }) => customerId === query['customerId'] && (statuses?.includes(status) ?? true))
        .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
      const page = cursorPage(matches, optionalText(query, 'cursor'), number(query, 'limit', 20));
      return page === undefined ? problem(422, 'The cursor is unknown') : ok({ ...page, total: matches.length });
    },
    getOrder: ({ path }) => {
      const order = orders.get(text(path, 'id'));
      return order === undefined ? missing : ok(order);
    },
    createOrder: ({ header, body }) => {
      const request = recordOf(body);
      // The key belongs to the customer: two customers may choose the same one.
      const key = `${text(request, 'customerId')} ${text(header, 'idempotency-key')}`;
      const before = placedByKey.get(key);
      if (before === undefined) return place(key, request);
      if (before.request === JSON.stringify(request)) return created(before.order);
      return problem(409, 'The key was used for another order', { orderId: before.order.id });
    },
    cancelOrder: ({ path, body }) => {
      const order = orders.get(text(path, 'id'));
      if (order === undefined) return missing;
      if (order.status === 'CANCELLED') return ok(order);
      if (!['PENDING', 'PAID', 'PACKED'].includes(order.status)) {
        return problem(409, 'The order is on its way already', { orderId: order.id });
      }
      const cancelled = { ...order, status: 'CANCELLED', cancelledBecause: text(recordOf(body), 'reason') } as const;
      orders.set(order.id, cancelled);
      return ok(cancelled);
    },
  };

  const shippingBehaviour: Behaviour = {
    getParcel: ({ path }) => {
      const order = orders.get(orderOfParcel(text(path, 'id')));
      return order === undefined ? missing : ok(parcelOf(order));
    },
    getShipmentOfOrder: ({ path }) => {
      const order = orders.get(text(path, 'orderId'));
      if (order === undefined) return missing;
      const { city, country, postalCode } = order.shippingAddress;
      const parcel = parcelOf(order);
      const destination = { city, country, postalCode };
      return ok({
        id: `sh-${order.id.slice(2)}`,
        orderId: order.id,
        state: parcel.state,
        destination,
        parcels: [parcel],
      });
    },
    listShippingOptions: ({ query }) => {
      if (number(query, 'weightGrams', 0) > 31_500) return problem(422, 'The parcel is too heavy for every carrier');
      const served = ['AT', 'BE', 'DE', 'FI', 'FR', 'GB', 'NL'].includes(text(query, 'country'));
      const light = number(query, 'weightGrams', 0) <= 1000;
      return ok({
        items: shippingOptions.filter(
          ({ id, maxDays }) => served && (id !== 'so-post' || light) && (query['express'] !== true || maxDays === 1),
        ),
      });
    },
  };

  return { carts: carts.behaviour, orders: ordersBehaviour, shipping: shippingBehaviour };
}

const created = (order: Order): SandboxResponse => ({
  status: 201,
  body: order,
  headers: { location: `/orders/${order.id}` },
});

const recordOf = (body: unknown): Readonly<Record<string, unknown>> => (isRecord(body) ? body : {});

const withoutNulls = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null));

const orderOfParcel = (parcelId: string): string => `o-${parcelId.slice(3)}`;

function wantedLines(lines: unknown): readonly { readonly sku: string; readonly quantity: number }[] {
  if (!Array.isArray(lines)) return [];
  return lines.filter(isRecord).map((line) => ({ sku: text(line, 'sku'), quantity: number(line, 'quantity', 1) }));
}

function destination(request: Readonly<Record<string, unknown>>, customerId: string): PostalAddress | undefined {
  const stated = request['shippingAddress'];
  if (isRecord(stated)) {
    return {
      recipient: text(stated, 'recipient'),
      line1: text(stated, 'line1'),
      line2: optionalText(withoutNulls(stated), 'line2') ?? null,
      postalCode: text(stated, 'postalCode'),
      city: text(stated, 'city'),
      country: text(stated, 'country'),
    };
  }
  const known = addresses[customerId]?.find(({ id }) => id === request['addressId']);
  return known && postalAddress(known);
}
