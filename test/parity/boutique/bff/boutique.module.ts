import { Module } from '@nestjs/common';
import { CartController } from './cart/cart.controller.js';
import { CheckoutController } from './checkout/checkout.controller.js';
import { HomeController } from './home/home.controller.js';

@Module({ controllers: [HomeController, CartController, CheckoutController] })
export class BoutiqueModule {}
