import { given, pick, plan, problem, screen, write } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as carts from '@frontage/upstreams/carts';
import { z } from 'zod';

const soldOut = problem(409, 'not_enough_in_stock', 'There is not enough of this article.');
const notSold = problem(422, 'article_not_sold', 'This article is not sold.');

const NewItem = z.object({
  sku: z
    .string()
    .min(1)
    .max(64)
    .meta({ examples: ['SKU-205'] }),
  quantity: z.int().min(1).max(99).default(1),
});

const addItemPlan = plan(
  'mobile.cart.add',
  { input: { caller: given<Caller>(), body: NewItem }, deadlineMs: 1500 },
  ({ caller, body }) => {
    const cart = write(
      carts.addCartItem,
      { path: { customerId: caller.subject }, body: { sku: body.sku, quantity: body.quantity } },
      { refuseOn: { 409: soldOut, 422: notSold } },
    );
    return { cart };
  },
);

export const addItemScreen = screen(addItemPlan, ({ cart }) => pick(cart, 'itemCount', 'total'));
