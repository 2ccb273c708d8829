import { Controller, Get, Param } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { orderScreen } from './order.screen.js';

@Controller('orders')
export class OrderController {
  /** One order of the caller with the state of its parcels. */
  @Get(':id')
  @Access({ scope: 'orders:read' })
  @RateClass('interactive')
  @Screen(orderScreen)
  show(@Caller() caller: Caller, @Param() path: object) {
    return { caller, path };
  }
}
