import { Controller, Get } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { vetsScreen } from './vets.screen.js';

@Controller('api/vet/vets')
@Public()
export class VetsController {
  /** The vets, and everything that one of them is a specialist in. */
  @Get()
  @Screen(vetsScreen)
  list() {
    return {};
  }
}
