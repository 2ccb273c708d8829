import { Controller, Get, Query } from '@nestjs/common';
import { Access } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { searchScreen } from './search.screen.js';

@Controller('search')
export class SearchController {
  /** Products by words and filters, with the filters that can narrow them further. */
  @Get()
  @Access({ scope: 'catalogue:read' })
  @RateClass('interactive')
  @Screen(searchScreen)
  show(@Query() query: object) {
    return { query };
  }
}
