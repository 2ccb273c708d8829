import { mapEnum, pick, type Deep } from '@frontage/aggregation';
import type { Recommendation } from '@frontage/upstreams/recommendations';
import { price } from './money.js';
import { pictures } from './pictures.js';

/** A recommended product and the reason for it. */
export const suggestion = (product: Deep<Recommendation>) => ({
  ...pick(product, 'productId', 'name', 'brand'),
  price: price(product.price),
  images: pictures(product.images),
  reason: mapEnum(product.reason, {
    BOUGHT_TOGETHER: 'often bought together',
    SIMILAR: 'similar',
    POPULAR: 'popular',
    NEW: 'new',
    VIEWED_BEFORE: 'seen before',
  }),
});
