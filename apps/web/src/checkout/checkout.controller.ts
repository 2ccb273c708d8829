import { Body, Controller, Post } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { checkoutScreen } from './checkout.screen.js';

@Controller('checkout')
export class CheckoutController {
  /** Orders the articles in the caller's cart. A repeated request for one cart places one order. */
  @Post()
  @Access({ scope: 'orders:write' })
  @RateClass('write')
  @Screen(checkoutScreen)
  place(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}
