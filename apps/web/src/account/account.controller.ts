import { Controller, Get, Query } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { accountScreen } from './account.screen.js';

@Controller('account')
export class AccountController {
  /** The caller's account: profile, addresses, ways to pay, and a page of orders. */
  @Get()
  @Access({ scope: 'account:read' })
  @RateClass('interactive')
  @Screen(accountScreen)
  show(@Caller() caller: Caller, @Query() query: object) {
    return { caller, query };
  }
}
