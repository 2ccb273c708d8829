// A Frontage app with the screen of one scenario; `MODE` says with nothing on or with everything on.
import { Controller, Get, Module } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { createGateway, Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { screens } from '../scenarios/screens.js';
import { path, scenario } from './environment.js';

const load = screens[scenario];
if (load === undefined) throw new Error(`there is no screen for the scenario '${scenario}'`);
const screen = await load();

@Controller(path)
class OpenController {
  @Get()
  @Public()
  @Screen(screen)
  show() {
    return {};
  }
}

@Controller(path)
class GuardedController {
  @Get()
  @Access({ scope: 'home:read' })
  @RateClass('bench')
  @Screen(screen)
  show() {
    return {};
  }
}

@Module({
  controllers: [process.env['MODE']?.startsWith('everything-on') === true ? GuardedController : OpenController],
})
class BenchModule {}

await createGateway(BenchModule, { config: process.env['CONFIG'] ?? '' }).listen();
// The measurement of the start waits for this line.
process.send?.('ready');
