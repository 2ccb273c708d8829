// A Frontage app with the home-5 screen; `MODE` says with nothing on or with everything on.
import { Controller, Get, Module } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { createGateway, Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { homeScreen } from './home.screen.js';

@Controller('home')
class OpenController {
  @Get()
  @Public()
  @Screen(homeScreen)
  show() {
    return {};
  }
}

@Controller('home')
class GuardedController {
  @Get()
  @Access({ scope: 'home:read' })
  @RateClass('bench')
  @Screen(homeScreen)
  show() {
    return {};
  }
}

@Module({ controllers: [process.env['MODE'] === 'everything-on' ? GuardedController : OpenController] })
class BenchModule {}

await createGateway(BenchModule, { config: process.env['CONFIG'] ?? '' }).listen();
