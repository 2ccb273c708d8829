import {
  at,
  each,
  first,
  given,
  list,
  optional,
  orNull,
  pick,
  plan,
  required,
  screen,
  sortBy,
} from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as carts from '@frontage/upstreams/carts';
import * as catalogue from '@frontage/upstreams/catalogue';

const cartPlan = plan('mobile.cart', { input: { caller: given<Caller>() }, deadlineMs: 800 }, ({ caller }) => {
  const cart = required(carts.getCart, { path: { customerId: caller.subject } });
  const products = each(cart.lines, (line) => optional(catalogue.getProduct, { path: { id: line.productId } }), {
    maxCount: 30,
  });
  return { cart, products };
});

export const cartScreen = screen(cartPlan, ({ cart, products }) => ({
  ...pick(cart, 'itemCount', 'total', 'discount'),
  lines: list(cart.lines, (line, position) => ({
    ...pick(line, 'id', 'sku', 'quantity', 'unitPrice', 'total'),
    name: orNull(at(products, position).name),
    image: orNull(first(sortBy(at(products, position).images, 'width')).url),
  })),
}));
