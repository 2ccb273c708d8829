import { each, list, plan, problem, required, screen, sum, write } from '@frontage/aggregation';
import { z } from 'zod';
import { addItem, getCart, removeItem } from '../../../libs/upstreams/shop-cart/shop-cart.gen.js';
import { getProduct } from '../../../libs/upstreams/shop-products/shop-products.gen.js';
import { caller } from '../shopper.js';

const maxCount = 20;
const noProduct = problem(422, 'product_unknown', 'A product is unknown.');

const Item = z.object({ productId: z.string().min(1).max(64), quantity: z.int().min(1).max(10) });
const body = z.object({ items: z.array(Item).min(1).max(maxCount) });

const addItemsPlan = plan('boutique.cart.add', { input: { caller, body }, deadlineMs: 3000 }, ({ caller, body }) => {
  const path = { userId: caller.subject };
  const known = each(
    body.items,
    (item) => required(getProduct, { path: { id: item.productId } }, { refuseOn: { 404: noProduct } }),
    { maxCount },
  );
  const added = each(
    body.items,
    (item) =>
      write(
        addItem,
        { path, body: { productId: item.productId, quantity: item.quantity } },
        { after: [known], undo: () => write(removeItem, { path: { ...path, productId: item.productId } }) },
      ),
    { maxCount },
  );
  const cart = required(getCart, { path }, { after: [added] });
  return { known, added, cart };
});

export const addItemsScreen = screen(addItemsPlan, ({ cart }) => ({
  cartSize: sum(list(cart.items, (item) => item.quantity)),
}));
