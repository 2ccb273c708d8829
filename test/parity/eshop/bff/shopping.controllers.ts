import { Body, Controller, Get, HttpCode, Param, Post, Put } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { addItemMobile, addItemWeb } from './basket/add-item.screen.js';
import { saveBasketScreen } from './basket/save-basket.screen.js';
import { setQuantitiesScreen } from './basket/set-quantities.screen.js';
import { draftScreen } from './order/draft.screen.js';

/** A basket has the id of its buyer. */
const ofBuyer = { owner: { body: 'buyerId' } };

@Access()
@RateClass('interactive')
class ShoppingController {
  /** Puts lines into the caller's basket, or sets how many there are of them. */
  @Post('basket')
  @Access(ofBuyer)
  @HttpCode(200)
  @Screen(saveBasketScreen)
  save(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }

  @Put('basket')
  @Access(ofBuyer)
  @Screen(saveBasketScreen)
  replace(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }

  /** Sets how many there are of some lines. */
  @Put('basket/items')
  @Screen(setQuantitiesScreen)
  setQuantities(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }

  /** A draft of an order of the caller's basket. */
  @Get(['order/draft', 'order/draft/:basketId'])
  @Screen(draftScreen)
  draft(@Caller() caller: Caller, @Param() path: object) {
    return { caller, path };
  }
}

@Controller('api/v1')
export class MobileController extends ShoppingController {
  /** Puts one article into the caller's basket, in a line of its own. */
  @Post('basket/items')
  @HttpCode(200)
  @Screen(addItemMobile)
  add(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}

@Controller('api/v1')
export class WebController extends ShoppingController {
  /** Puts one article into the caller's basket, to those that are there of it. */
  @Post('basket/items')
  @HttpCode(200)
  @Screen(addItemWeb)
  add(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }
}
