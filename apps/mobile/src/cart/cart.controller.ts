import { Body, Controller, Get, Post } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { addItemScreen } from './add-item.screen.js';
import { cartScreen } from './cart.screen.js';

@Controller('cart')
export class CartController {
  /** The caller's cart with names and pictures. */
  @Get()
  @Access({ scope: 'cart:read' })
  @RateClass('interactive')
  @Screen(cartScreen)
  show(@Caller() caller: Caller) {
    return { caller };
  }

  /** Puts an article into the caller's cart. */
  @Post('items')
  @Access({ scope: 'cart:write' })
  @RateClass('write')
  @Screen(addItemScreen)
  add(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}
