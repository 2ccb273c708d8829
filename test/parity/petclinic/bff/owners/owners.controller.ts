import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RateClass } from '@frontage/throttling';
import { createOwnerScreen } from './create-owner.screen.js';
import { ownerScreen } from './owner.screen.js';

@Controller('api/gateway/owners')
@Public()
export class OwnersController {
  /** An owner with the pets, each with its visits. */
  @Get(':ownerId')
  @Screen(ownerScreen)
  show(@Param() path: object) {
    return { path };
  }

  /** Registers an owner. */
  @Post()
  @RateClass('write')
  @Screen(createOwnerScreen)
  create(@Body() body: object) {
    return { body };
  }
}
