import { optional, plan, screen, step } from '@frontage/aggregation';
import { z } from 'zod';
import { getReviews } from '../../../libs/upstreams/reviews/reviews.gen.js';
import { ProductPath, sorryFor } from './product.js';

const sorry = sorryFor('reviews');

const Rating = z.object({ stars: z.int().optional(), color: z.string().optional(), error: z.string().optional() });
const Review = z.object({ reviewer: z.string(), text: z.string(), rating: Rating.optional() });
const Reviews = z.object({
  id: z.string(),
  podname: z.string(),
  clustername: z.string(),
  reviews: z.array(Review),
});

const reviewsPlan = plan('bookinfo.reviews', { input: { path: ProductPath }, deadlineMs: 3500 }, ({ path }) => {
  const reviews = optional(getReviews, { path: { id: path.id } });
  const read = step(Reviews, { reviews, ...sorry }, ({ reviews, unknown, failed, late }) => {
    if (reviews.ok) return reviews.value;
    return reviews.status === 'not_found' ? unknown() : reviews.status === 'timeout' ? late() : failed();
  });
  return { reviews, read };
});

export const reviewsScreen = screen(reviewsPlan, ({ read }) => read);
