import { Module } from '@nestjs/common';
import { HomeController } from './home/home.controller.js';

@Module({ controllers: [HomeController] })
export class __Name__Module {}
