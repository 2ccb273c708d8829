import { Body, Controller, Post } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { checkoutScreen } from './checkout.screen.js';

@Controller('checkout')
export class CheckoutController {
  /** Orders what is in the caller's cart. Sent twice for one cart, it places one order. */
  @Post()
  @Access({ scope: 'orders:write' })
  @RateClass('write')
  @Screen(checkoutScreen)
  place(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}
