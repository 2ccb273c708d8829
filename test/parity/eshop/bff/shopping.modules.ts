import { Module } from '@nestjs/common';
import { MobileController, WebController } from './shopping.controllers.js';

@Module({ controllers: [MobileController] })
export class MobileModule {}

@Module({ controllers: [WebController] })
export class WebModule {}
