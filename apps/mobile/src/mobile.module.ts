import { Module } from '@nestjs/common';
import { CartController } from './cart/cart.controller.js';
import { HomeController } from './home/home.controller.js';
import { OrderController } from './order/order.controller.js';
import { ProductController } from './product/product.controller.js';

@Module({ controllers: [HomeController, ProductController, CartController, OrderController] })
export class MobileModule {}
