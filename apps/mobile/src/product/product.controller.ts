import { Controller, Get, Param } from '@nestjs/common';
import { Access } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { productScreen } from './product.screen.js';

@Controller('products')
export class ProductController {
  /** One product with its stock and its rating. */
  @Get(':id')
  @Access({ scope: 'catalogue:read' })
  @RateClass('interactive')
  @Screen(productScreen)
  show(@Param() path: object) {
    return { path };
  }
}
