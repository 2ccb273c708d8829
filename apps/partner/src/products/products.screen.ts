import { first, list, mapEnum, orNull, pick, plan, required, screen, sortBy } from '@frontage/aggregation';
import * as catalogue from '@frontage/upstreams/catalogue';
import { z } from 'zod';
import { cursorUnknown, Page } from '../page.js';

const ProductsQuery = Page.extend({
  category: z.string().min(1).max(64).optional(),
  updatedSince: z.iso.datetime({ offset: true }).optional(),
});

const productsPlan = plan('partner.products', { input: { query: ProductsQuery }, deadlineMs: 5000 }, ({ query }) => {
  const page = required(
    catalogue.listProducts,
    {
      query: {
        cursor: query.cursor,
        limit: query.limit,
        category: query.category,
        updatedSince: query.updatedSince,
      },
    },
    { refuseOn: { 422: cursorUnknown } },
  );
  return { page };
});

export const productsScreen = screen(productsPlan, ({ page }) => ({
  items: list(page.items, (product) => ({
    ...pick(product, 'id', 'sku', 'ean', 'name', 'brand', 'description', 'categoryId', 'weightGrams', 'updatedAt'),
    state: mapEnum(product.status, { ACTIVE: 'active', PREORDER: 'preorder', DISCONTINUED: 'discontinued' }),
    priceMinor: product.price.amount,
    listPriceMinor: orNull(product.listPrice.amount),
    currency: product.price.currency,
    imageUrl: orNull(first(sortBy(product.images, 'width', 'descending')).url),
    attributes: list(product.attributes, (attribute) => pick(attribute, 'name', 'value', 'unit')),
  })),
  next: page.next,
}));
