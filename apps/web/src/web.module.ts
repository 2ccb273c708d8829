import { Module } from '@nestjs/common';
import { AccountController } from './account/account.controller.js';
import { CheckoutController } from './checkout/checkout.controller.js';
import { HomeController } from './home/home.controller.js';
import { ProductController } from './product/product.controller.js';
import { SearchController } from './search/search.controller.js';
import { StartController } from './start/start.controller.js';

@Module({
  controllers: [
    StartController,
    HomeController,
    ProductController,
    SearchController,
    AccountController,
    CheckoutController,
  ],
})
export class WebModule {}
