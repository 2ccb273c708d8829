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

/** Policies that a route asks for by decorators; `PARTS` names those that are on. */
const parts =
  process.env['PARTS']?.split(',') ?? (process.env['MODE']?.startsWith('everything-on') ? ['access', 'rate'] : []);
const access = parts.includes('access') ? Access({ scope: 'home:read' }) : Public();
const limit = parts.includes('rate') ? RateClass('bench') : (): void => undefined;

@Controller(path)
class ScreenController {
  @Get()
  @access
  @limit
  @Screen(screen)
  show() {
    return {};
  }
}

@Module({ controllers: [ScreenController] })
class BenchModule {}

await createGateway(BenchModule, { config: process.env['CONFIG'] ?? '' }).listen();
// The measurement of the start waits for this line.
process.send?.('ready');
