import { given, list, pick, plan, problem, required, screen, step, write } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as carts from '@frontage/upstreams/carts';
import * as inventory from '@frontage/upstreams/inventory';
import * as orders from '@frontage/upstreams/orders';
import * as users from '@frontage/upstreams/users';
import { z } from 'zod';
import { price } from '../money.js';
import { orderRow } from '../order-row.js';
import { soldOutSkus } from './sold-out.js';

const emptyCart = problem(409, 'cart_empty', 'There is nothing in the cart.');
const soldOut = problem(409, 'sold_out', (skus: string) => `There is not enough of ${skus}.`);
const cartTooLong = problem(409, 'cart_too_long', 'There are more than 100 different articles in the cart.');
const alreadyOrdered = problem(409, 'order_conflict', 'The cart was ordered already, or something was sold meanwhile.');
const unknownAddress = problem(422, 'address_unknown', 'The caller has no such address.');
const unknownPayment = problem(422, 'payment_unknown', 'The caller has no such way to pay.');
const impossible = problem(422, 'order_impossible', 'The order cannot be sent this way.');

const Checkout = z.object({
  addressId: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ['ad-ada-1'] }),
  paymentMethodId: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ['pm-ada-1'] }),
  shippingOptionId: z.string().min(1).max(64).optional(),
  note: z.string().max(500).optional(),
});

const checkoutPlan = plan(
  'web.checkout',
  { input: { caller: given<Caller>(), body: Checkout }, deadlineMs: 3000 },
  ({ caller, body }) => {
    const cart = required(carts.getCart, { path: { customerId: caller.subject } });
    const addresses = required(users.listAddresses, { path: { id: caller.subject } });
    const payments = required(users.listPaymentMethods, { path: { id: caller.subject } });
    // The address and the way to pay must be the caller's own; the services do not check that.
    const addressId = step(
      { own: addresses.items, wanted: body.addressId, unknownAddress },
      ({ own, wanted, unknownAddress }) => (own.some(({ id }) => id === wanted) ? wanted : unknownAddress()),
    );
    const paymentMethodId = step(
      { own: payments.items, wanted: body.paymentMethodId, unknownPayment },
      ({ own, wanted, unknownPayment }) => (own.some(({ id }) => id === wanted) ? wanted : unknownPayment()),
    );
    const skus = step({ lines: cart.lines, emptyCart }, ({ lines, emptyCart }) =>
      lines.length === 0 ? emptyCart() : [...new Set(lines.map(({ sku }) => sku))],
    );
    const stock = required(inventory.listStock, { query: { skus } }, { refuseOn: { 422: cartTooLong } });
    // One state of a cart gives one order, however often the button is pressed.
    const key = step(
      { id: cart.id, version: cart.version, lines: cart.lines, stock: stock.items, soldOut },
      ({ id, version, lines, stock, soldOut }) => {
        const missing = soldOutSkus(lines, stock);
        return missing.length > 0 ? soldOut(missing.join(', ')) : `checkout-${id}-${version}`;
      },
    );
    // The orders service empties the cart. A call from here could fail after the order is placed, and would lose articles added meanwhile.
    const order = write(
      orders.createOrder,
      {
        header: { 'Idempotency-Key': key },
        body: {
          customerId: caller.subject,
          cartId: cart.id,
          addressId,
          paymentMethodId,
          shippingOptionId: body.shippingOptionId,
          note: body.note,
        },
      },
      { refuseOn: { 409: alreadyOrdered, 422: impossible } },
    );
    return { cart, addresses, payments, addressId, paymentMethodId, skus, stock, key, order };
  },
);

export const checkoutScreen = screen(
  checkoutPlan,
  ({ order }) => ({
    ...orderRow(order),
    lines: list(order.lines, (line) => ({ ...pick(line, 'sku', 'name', 'quantity'), total: price(line.total) })),
    shippingCost: price(order.shippingCost),
    shipTo: pick(order.shippingAddress, 'recipient', 'line1', 'line2', 'postalCode', 'city', 'country'),
  }),
  { count: 'order.placed' },
);
