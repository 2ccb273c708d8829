import { Module } from '@nestjs/common';
import { ProductsController } from './products/products.controller.js';

@Module({ controllers: [ProductsController] })
export class BookinfoModule {}
