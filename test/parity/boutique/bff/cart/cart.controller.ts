import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { addItemsScreen } from './add-items.screen.js';
import { cartScreen } from './cart.screen.js';

@Controller('cart')
@Access()
export class CartController {
  /** The cart with costs, shipping and products that go well with it. */
  @Get()
  @Screen(cartScreen)
  show(@Caller() caller: Caller, @Query() query: object) {
    return { caller, query };
  }

  /** Puts products into the cart: all of them, or none. */
  @Post()
  @HttpCode(200)
  @RateClass('write')
  @Screen(addItemsScreen)
  add(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}
