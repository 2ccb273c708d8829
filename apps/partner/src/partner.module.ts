import { Module } from '@nestjs/common';
import { OrdersController } from './orders/orders.controller.js';
import { ProductsController } from './products/products.controller.js';
import { StockController } from './stock/stock.controller.js';

@Module({ controllers: [ProductsController, StockController, OrdersController] })
export class PartnerModule {}
