import { Module } from '@nestjs/common';
import { ProductsController } from './products/products.controller.js';

@Module({ controllers: [ProductsController] })
export class __Name__Module {}
