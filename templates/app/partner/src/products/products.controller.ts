import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { productsScreen } from './products.screen.js';

@Controller('v1/products')
export class ProductsController {
  /** The catalogue, page by page: `?cursor=` takes the `next` of the page before. */
  @Get()
  @Access({ scope: 'catalogue:read' })
  @RateClass('batch')
  @Screen(productsScreen)
  list(@Query() query: object) {
    return { query };
  }
}
