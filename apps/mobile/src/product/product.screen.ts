import { first, mapEnum, optional, orNull, pick, plan, required, screen, sortBy, within } from '@frontage/aggregation';
import * as catalogue from '@frontage/upstreams/catalogue';
import * as inventory from '@frontage/upstreams/inventory';
import * as reviews from '@frontage/upstreams/reviews';
import { z } from 'zod';

const productPlan = plan(
  'mobile.product',
  { input: { path: z.object({ id: z.string().min(1).max(64) }) }, deadlineMs: 700 },
  ({ path }) => {
    const product = required(catalogue.getProduct, { path: { id: path.id } });
    const stock = optional(inventory.getStock, { path: { sku: product.sku } }, { timeoutMs: 200 });
    const rating = optional(reviews.getRatingSummary, { path: { productId: path.id } }, { timeoutMs: 200 });
    return { product, stock, rating };
  },
);

export const productScreen = screen(productPlan, ({ product, stock, rating }) => ({
  ...pick(product, 'id', 'sku', 'name', 'brand', 'price', 'listPrice', 'description'),
  image: first(sortBy(product.images, 'width')).url,
  stock: orNull(
    within(stock, ({ state, available }) => ({
      state: mapEnum(state, { IN_STOCK: 'in stock', LOW: 'few left', BACKORDER: 'later', OUT_OF_STOCK: 'sold out' }),
      available,
    })),
  ),
  rating: orNull(pick(rating, 'average', 'count')),
}));
