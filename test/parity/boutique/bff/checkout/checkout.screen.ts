import {
  each,
  list,
  mapEnum,
  pick,
  plan,
  problem,
  required,
  screen,
  step,
  withMembers,
  write,
} from '@frontage/aggregation';
import { z } from 'zod';
import { convert } from '../../../libs/upstreams/currency/currency.gen.js';
import { sendConfirmation } from '../../../libs/upstreams/emails/emails.gen.js';
import { charge } from '../../../libs/upstreams/payment/payment.gen.js';
import { getQuote, shipOrder } from '../../../libs/upstreams/shipping/shipping.gen.js';
import { emptyCart, getCart } from '../../../libs/upstreams/shop-cart/shop-cart.gen.js';
import { getProduct } from '../../../libs/upstreams/shop-products/shop-products.gen.js';
import { caller, Money, query, total } from '../shopper.js';

const maxCount = 100;
const cartEmpty = problem(409, 'cart_empty', 'The cart is empty.');
const cardRefused = problem(422, 'card_refused', 'The card is not accepted.');

const text = z.string().min(1).max(512);
const body = z.object({
  email: z.email(),
  address: z.object({ streetAddress: text, city: text, state: text, country: text, zipCode: z.int() }),
  creditCard: z.object({
    number: z.string().regex(/^\d{12,19}$/),
    cvv: z.int(),
    expirationYear: z.int(),
    expirationMonth: z.int().min(1).max(12),
  }),
});

const checkoutPlan = plan(
  'boutique.checkout',
  { input: { caller, query, body }, deadlineMs: 4000 },
  ({ caller, query, body }) => {
    const path = { userId: caller.subject };
    const cart = required(getCart, { path });
    const items = step({ items: cart.items, cartEmpty }, ({ items, cartEmpty }) =>
      items.length === 0 ? cartEmpty() : items,
    );
    const products = each(items, (item) => required(getProduct, { path: { id: item.productId } }), { maxCount });
    const prices = each(
      products,
      (product) => required(convert, { body: { from: product.priceUsd, toCode: query.currency } }),
      { maxCount },
    );
    const quote = required(getQuote, { body: { address: body.address, items } });
    const shippingCost = required(convert, { body: { from: quote.costUsd, toCode: query.currency } });
    const amount = step(Money, { items, prices, shippingCost }, ({ items, prices, shippingCost }) => {
      const costs = prices.map((price, index) => [price, items[index]?.quantity ?? 0] as const);
      return total(shippingCost.currencyCode, [shippingCost, 1], ...costs);
    });
    const charged = write(
      charge,
      { body: { amount, creditCard: body.creditCard } },
      {
        refuseOn: {
          400: (error) =>
            withMembers(cardRefused, {
              reason: mapEnum(error.code, { INVALID_NUMBER: 'number', UNACCEPTED_TYPE: 'type', EXPIRED: 'expired' }),
              message: error.message,
            }),
        },
      },
    );
    const shipped = write(shipOrder, { body: { address: body.address, items } }, { after: [charged] });
    // The order stands, whatever becomes of these two.
    const emptied = write(emptyCart, { path }, { after: [shipped], fallback: null });
    const confirmed = write(
      sendConfirmation,
      { body: { email: body.email, trackingId: shipped.trackingId } },
      { fallback: null },
    );
    return { cart, products, prices, quote, shippingCost, amount, charged, shipped, emptied, confirmed };
  },
);

export const checkoutScreen = screen(checkoutPlan, ({ cart, shippingCost, amount, charged, shipped }) => ({
  ...pick(charged, 'transactionId'),
  ...pick(shipped, 'trackingId'),
  items: list(cart.items, (item) => pick(item, 'productId', 'quantity')),
  shippingCost,
  total: amount,
}));
