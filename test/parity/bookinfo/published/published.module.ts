import { Controller, Get, Module, Param } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { getReviews } from '../../libs/upstreams/reviews-published/reviews-published.gen.js';
import { ProductPath } from '../bff/products/product.js';

const reviewsPlan = plan('published.reviews', { input: { path: ProductPath }, deadlineMs: 3500 }, ({ path }) => ({
  reviews: required(getReviews, { path: { id: path.id } }),
}));
const reviewsScreen = screen(reviewsPlan, ({ reviews }) => pick(reviews, 'id'));

@Controller('reviews')
class ReviewsController {
  @Get(':id')
  @Public()
  @Screen(reviewsScreen)
  show(@Param() path: object) {
    return { path };
  }
}

/** A BFF over the published contract of the reviews service, which differs from its behaviour. */
@Module({ controllers: [ReviewsController] })
export class PublishedModule {}
