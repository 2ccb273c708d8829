import { Body, Controller, Get, Headers, Param, Post, Query } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { createOrderScreen } from './create-order.screen.js';
import { orderScreen } from './order.screen.js';
import { ordersScreen } from './orders.screen.js';

@Controller('v1/orders')
export class OrdersController {
  /** The partner's orders, the newest first. */
  @Get()
  @Access({ scope: 'orders:read' })
  @RateClass('batch')
  @Screen(ordersScreen)
  list(@Caller() caller: Caller, @Query() query: object) {
    return { caller, query };
  }

  /** One order of the partner. */
  @Get(':id')
  @Access({ scope: 'orders:read' })
  @RateClass('batch')
  @Screen(orderScreen)
  show(@Caller() caller: Caller, @Param() path: object) {
    return { caller, path };
  }

  /** Orders articles by SKU. The same `Idempotency-Key` with the same body returns the same order. */
  @Post()
  @Access({ scope: 'orders:write' })
  @RateClass('write')
  @Screen(createOrderScreen)
  create(@Caller() caller: Caller, @Headers() header: object, @Body() body: object) {
    return { caller, header, body };
  }
}
