import { Controller, Get, Post } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { ordersScreen } from './orders.screen.js';
import { placeOrderScreen } from './place-order.screen.js';

@Controller('orders')
@Access()
export class OrdersController {
  /** The caller's orders. */
  @Get()
  @RateClass('interactive')
  @Screen(ordersScreen)
  list(@Caller() caller: Caller) {
    return { caller };
  }

  /** Orders the articles in the caller's cart, to the first address and with the first card. */
  @Post()
  @RateClass('write')
  @Screen(placeOrderScreen)
  place(@Caller() caller: Caller) {
    return { caller };
  }
}
