import { Controller, Get, Query } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { homeScreen } from './home.screen.js';

@Controller()
@Access()
export class HomeController {
  /** The products with their prices in the shopper's currency. */
  @Get()
  @Screen(homeScreen)
  show(@Caller() caller: Caller, @Query() query: object) {
    return { caller, query };
  }
}
