// Nest on Express with @nestjs/axios, as most teams write it.
import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';

interface Product {
  readonly id: string;
  readonly title: string;
  readonly price: unknown;
  readonly image: string;
  readonly rating: number;
}

@Controller('home')
class HomeController {
  private readonly http: HttpService;
  constructor(http: HttpService) {
    this.http = http;
  }

  @Get()
  async home(): Promise<object> {
    const [user, cart, recs, products, notifications] = await Promise.all([
      this.get<{ name: string; tier: string; points: number }>('/users'),
      this.get<{ count: number; total: number }>('/cart'),
      this.get<{ items: Product[] }>('/recs'),
      this.get<{ items: Product[] }>('/products'),
      this.get<{ unread: number }>('/notifications'),
    ]);
    return {
      user: { name: user.name, tier: user.tier, points: user.points },
      cart: { count: cart.count, total: cart.total },
      recommended: recs.items.map(({ id, title, price, image }) => ({ id, title, price, image })),
      products: products.items.map(({ id, title, price, image, rating }) => ({ id, title, price, image, rating })),
      unread: notifications.unread,
    };
  }

  private async get<T>(path: string): Promise<T> {
    const { data } = await firstValueFrom(this.http.get<T>(`${process.env['UPSTREAM'] ?? ''}${path}`));
    return data;
  }
}

@Module({ imports: [HttpModule.register({ timeout: 1000 })], controllers: [HomeController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(Number(process.env['PORT']), '127.0.0.1');
