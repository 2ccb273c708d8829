import { Module } from '@nestjs/common';
import { CartController } from './cart/cart.controller.js';
import { OrdersController } from './orders/orders.controller.js';

@Module({ controllers: [OrdersController, CartController] })
export class SockShopModule {}
