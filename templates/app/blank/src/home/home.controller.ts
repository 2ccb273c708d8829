import { Controller, Get } from '@nestjs/common';
import { Access, Caller } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { homeScreen } from './home.screen.js';

@Controller('home')
export class HomeController {
  /** Home. */
  @Get()
  @Access({ scope: 'home:read' })
  @RateClass('interactive')
  @Screen(homeScreen)
  show(@Caller() caller: Caller) {
    return { caller };
  }
}
