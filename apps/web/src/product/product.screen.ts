import {
  list,
  mapEnum,
  optional,
  orElse,
  orNull,
  orOmit,
  pick,
  plan,
  required,
  screen,
  within,
} from '@frontage/aggregation';
import * as catalogue from '@frontage/upstreams/catalogue';
import * as inventory from '@frontage/upstreams/inventory';
import * as recommendations from '@frontage/upstreams/recommendations';
import * as reviews from '@frontage/upstreams/reviews';
import { z } from 'zod';
import { price } from '../money.js';
import { pictures } from '../pictures.js';
import { suggestion } from '../suggestion.js';

const productPlan = plan(
  'web.product',
  { input: { path: z.object({ id: z.string().min(1).max(64) }) }, deadlineMs: 1000 },
  ({ path }) => {
    const product = required(catalogue.getProduct, { path: { id: path.id } });
    // Stock is stored per article, so this call waits for the product.
    const stock = optional(inventory.getStock, { path: { sku: product.sku } }, { timeoutMs: 300 });
    const rating = optional(reviews.getRatingSummary, { path: { productId: path.id } });
    const opinions = optional(reviews.listReviews, {
      path: { productId: path.id },
      query: { sort: 'HELPFUL', limit: 5 },
    });
    const related = optional(recommendations.listRelatedProducts, {
      path: { productId: path.id },
      query: { limit: 8 },
    });
    return { product, stock, rating, opinions, related };
  },
);

export const productScreen = screen(productPlan, ({ product, stock, rating, opinions, related }) => ({
  ...pick(product, 'id', 'sku', 'name', 'subtitle', 'brand', 'description', 'categoryId', 'tags', 'releasedOn'),
  availability: mapEnum(product.status, { ACTIVE: 'for sale', PREORDER: 'preorder', DISCONTINUED: 'no longer sold' }),
  price: price(product.price),
  listPrice: within(product.listPrice, price),
  images: pictures(product.images),
  gallery: orElse(
    list(product.gallery, (picture) => ({ alt: picture.alt, images: pictures(picture.variants) })),
    [],
  ),
  attributes: list(product.attributes, (attribute) => pick(attribute, 'name', 'value', 'unit')),
  stock: orNull(
    within(stock, ({ state, available, restockOn, maxPerOrder }) => ({
      state: mapEnum(state, { IN_STOCK: 'in stock', LOW: 'few left', BACKORDER: 'later', OUT_OF_STOCK: 'sold out' }),
      available,
      restockOn,
      maxPerOrder,
    })),
  ),
  rating: orNull(
    within(rating, ({ average, count, histogram }) => ({
      average,
      count,
      histogram: list(histogram, (bar) => pick(bar, 'stars', 'count')),
    })),
  ),
  reviews: orNull(
    within(opinions, ({ items, total }) => ({
      total,
      items: list(items, (review) => ({
        ...pick(review, 'id', 'author', 'stars', 'title', 'text', 'verified', 'helpfulCount', 'createdAt'),
        reply: review.reply.text,
      })),
    })),
  ),
  related: orOmit(list(related.items, suggestion)),
}));
