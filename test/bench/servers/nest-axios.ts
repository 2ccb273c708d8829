// Nest on Express with @nestjs/axios, as most teams write it.
import 'reflect-metadata';
import { HttpModule, HttpService } from '@nestjs/axios';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { path, port, screenByHand, upstream } from './environment.js';

const screen = await screenByHand();

@Controller(path)
class ScreenController {
  private readonly http: HttpService;
  constructor(http: HttpService) {
    this.http = http;
  }

  @Get()
  show(): Promise<object> {
    return screen((path) => this.get(path));
  }

  private async get<T>(path: string): Promise<T> {
    const { data } = await firstValueFrom(this.http.get<T>(`${upstream}${path}`));
    return data;
  }
}

@Module({ imports: [HttpModule.register({ timeout: 10_000 })], controllers: [ScreenController] })
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: ['error'] });
await app.listen(port, '127.0.0.1');
