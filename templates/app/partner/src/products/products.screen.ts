import { list, mapEnum, orNull, pick, plan, problem, required, screen } from '@frontage/aggregation';
import * as catalogue from '@frontage/upstreams/catalogue';
import { z } from 'zod';

const cursorUnknown = problem(400, 'cursor_unknown', 'Take the cursor from `next` of the page before, unchanged.');

const ProductsQuery = z.object({
  cursor: z.string().min(1).max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});

const productsPlan = plan('__name__.products', { input: { query: ProductsQuery }, deadlineMs: 5000 }, ({ query }) => {
  const page = required(
    catalogue.listProducts,
    { query: { cursor: query.cursor, limit: query.limit } },
    { refuseOn: { 422: cursorUnknown } },
  );
  return { page };
});

export const productsScreen = screen(productsPlan, ({ page }) => ({
  items: list(page.items, (product) => ({
    ...pick(product, 'id', 'sku', 'ean', 'name', 'brand', 'updatedAt'),
    state: mapEnum(product.status, { ACTIVE: 'active', PREORDER: 'preorder', DISCONTINUED: 'discontinued' }),
    priceMinor: product.price.amount,
    listPriceMinor: orNull(product.listPrice.amount),
    currency: product.price.currency,
  })),
  next: page.next,
}));
