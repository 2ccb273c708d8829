import { Controller, Get, Header } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { RateClass } from '@frontage/throttling';
import { startPage, startPolicy } from './start.page.js';

@Controller()
export class StartController {
  /** The start page: a login, and the home screen of the user. */
  @Get()
  @Public()
  @RateClass('interactive')
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', startPolicy)
  show(): string {
    return startPage;
  }
}
