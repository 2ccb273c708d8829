import { Module } from '@nestjs/common';
import { OwnersController } from './owners/owners.controller.js';
import { VetsController } from './vets/vets.controller.js';

@Module({ controllers: [OwnersController, VetsController] })
export class PetclinicModule {}
