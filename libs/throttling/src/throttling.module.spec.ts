import 'reflect-metadata';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Throttle, ThrottlerGuard } from '@nestjs/throttler';
import { describe, expect, it } from 'vitest';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { RedisStore } from '@frontage/store';
import { RateLimiter, ThrottlingModule, type ThrottlingOptions } from './index.js';
import type { MemoryThrottlerStorage } from './counts/memory-storage.js';
import { RATE_STORE } from './throttling.module.js';

@Controller()
@UseGuards(ThrottlerGuard)
class HandWritten {
  @Get('tight')
  @Throttle({ default: { limit: 2, ttl: 60_000, blockDuration: 0 } })
  tight(): string {
    return 'ok';
  }
}

async function appOn(adapter: FastifyAdapter | ExpressAdapter, options: ThrottlingOptions = {}) {
  @Module({ imports: [ThrottlingModule.forRoot(options)], controllers: [HandWritten] })
  class App {}
  const module = await Test.createTestingModule({ imports: [App] }).compile();
  const app = module.createNestApplication(adapter, { logger: false });
  app.enableShutdownHooks();
  await app.listen(0, '127.0.0.1');
  return app;
}

describe.each([
  ['Fastify', () => new FastifyAdapter()],
  ['Express', () => new ExpressAdapter()],
])('@Throttle() of @nestjs/throttler on %s', (_name, adapter) => {
  it('counts in our store', async () => {
    const app = await appOn(adapter());
    const store = app.get<MemoryThrottlerStorage>(RATE_STORE);
    const ask = async (): Promise<number> => (await fetch(`${await app.getUrl()}/tight`)).status;
    expect([await ask(), await ask(), await ask()]).toEqual([200, 200, 429]);
    expect(store.size).toBe(1);
    expect(app.get(RateLimiter)).toBeInstanceOf(RateLimiter);
    await app.close();
  });
});

describe.skipIf(!redisIsInstalled())('with Redis', () => {
  it('instances share one count', async () => {
    const redis = await RedisServer.start();
    const store = new RedisStore({ app: 'mobile', url: redis.url, timeoutMs: 5_000 });
    await store.start();
    const options: ThrottlingOptions = { redis: { store, whenDown: 'closed' } };
    const apps = [await appOn(new FastifyAdapter(), options), await appOn(new FastifyAdapter(), options)];
    const statuses: number[] = [];
    for (const app of [...apps, ...apps]) statuses.push((await fetch(`${await app.getUrl()}/tight`)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
    for (const app of apps) await app.close();
    store.stop();
    await redis.stop();
  });
});
