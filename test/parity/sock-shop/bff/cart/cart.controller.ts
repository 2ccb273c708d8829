import { Body, Controller, Post } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { addToCartScreen } from './add-to-cart.screen.js';

@Controller('cart')
export class CartController {
  /** Puts an article into the caller's cart, at the price of the catalogue. */
  @Post()
  @Access()
  @RateClass('write')
  @Screen(addToCartScreen)
  add(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}
