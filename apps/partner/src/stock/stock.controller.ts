import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { stockScreen } from './stock.screen.js';

@Controller('v1/stock')
export class StockController {
  /** Stock of up to a hundred articles at once: `?skus=SKU-101,SKU-102`. Articles that do not exist are named. */
  @Get()
  @Access({ scope: 'stock:read' })
  @RateClass('batch')
  @Screen(stockScreen)
  list(@Query() query: object) {
    return { query };
  }
}
