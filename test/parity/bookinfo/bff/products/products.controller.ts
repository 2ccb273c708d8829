import { Controller, Get, Param } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { detailsScreen } from './details.screen.js';
import { productsScreen } from './products.screen.js';
import { reviewsScreen } from './reviews.screen.js';

@Controller('api/v1/products')
@Public()
export class ProductsController {
  /** The books there are. */
  @Get()
  @Screen(productsScreen)
  list() {
    return {};
  }

  /** The details of a book. */
  @Get(':id')
  @Screen(detailsScreen)
  details(@Param() path: object) {
    return { path };
  }

  /** The reviews of a book, with their stars where these exist. */
  @Get(':id/reviews')
  @Screen(reviewsScreen)
  reviews(@Param() path: object) {
    return { path };
  }
}
