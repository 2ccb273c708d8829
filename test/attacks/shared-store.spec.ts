import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module, UseGuards } from '@nestjs/common';
import { Throttle, ThrottlerGuard } from '@nestjs/throttler';
import { compute, lastGood, optional, pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import { SchemaTable, type Operation } from '@frontage/core';
import { createGateway, InjectClient, Screen, type Gateway } from '@frontage/gateway';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { RateClass } from '@frontage/throttling';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

const schemas = new SchemaTable([
  ['Lamp', '{"type":"object","properties":{"name":{"type":"string"}},"required":["name"]}'],
]);
const contract = { upstream: 'shop', title: 'Shop', version: '1', schemas };
const getLamp: Operation<Record<never, never>, { name: string }, Record<never, never>, 'GET'> = {
  contract,
  id: 'getLamp',
  method: 'GET',
  path: '/lamp',
  responses: [{ status: '200', media: 'application/json', schema: 'Lamp' }],
};
const getPicture: Operation<Record<never, never>, Uint8Array, Record<never, never>, 'GET'> = {
  contract,
  id: 'getPicture',
  method: 'GET',
  path: '/picture',
  responses: [{ status: '200', media: 'image/png' }],
};
const shop = { contract, getLamp, getPicture };

/** Careless code of a team: the types refuse it, but a cast gets it through. */
const renamed = (seen: { lamp: { readonly name: string } }): string => {
  Object.assign(seen.lamp, { name: `price for ${seen.lamp.name}` });
  return seen.lamp.name;
};
const spoiling = screen(
  plan('store.spoiling', { deadlineMs: 5_000 }, () => ({ lamp: required(getLamp, {}) })),
  ({ lamp }) => ({ name: compute(z.string(), { lamp }, renamed) }),
);
const reading = screen(
  plan('store.reading', { deadlineMs: 5_000 }, () => ({
    lamp: required(getLamp, {}),
    again: optional(getLamp, {}, { fallback: lastGood({ maxAgeMs: 60_000, otherwise: { name: 'none' } }) }),
  })),
  ({ lamp }) => pick(lamp, 'name'),
);

@Public()
@Controller()
class ShopController {
  @Get('spoiling')
  @Screen(spoiling)
  spoil() {
    return {};
  }
  @Get('reading')
  @Screen(reading)
  read() {
    return {};
  }
  @Get('picture')
  async picture(@InjectClient(shop) client: Client<typeof shop>) {
    const bytes = await client.getPicture();
    const text = Buffer.isBuffer(bytes) ? bytes.toString('latin1') : JSON.stringify(bytes);
    if (Buffer.isBuffer(bytes)) bytes.fill(0);
    return { text };
  }
  @Get('limited')
  @RateClass('address')
  limited() {
    return {};
  }
  @Get('other')
  @RateClass('other')
  other() {
    return {};
  }
  @Get('throttled')
  @UseGuards(ThrottlerGuard)
  @Throttle({ default: { limit: 3, ttl: 60_000 } })
  throttled() {
    return {};
  }
}

@Module({ controllers: [ShopController] })
class ShopModule {}

describe.skipIf(!redisIsInstalled())('apps that share a Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shared-store-'));
  const gateways: Gateway[] = [];
  let redis: RedisServer;
  let admin: Redis;
  let upstream: Server;
  let loads = 0;

  async function start(app: string, more = '', from = redis): Promise<(path: string) => Promise<Response>> {
    const file = join(folder, `${app}-${gateways.length}.yaml`);
    const { port } = upstream.address() as AddressInfo; // a TCP server that listens has such an address
    const cached = '{ getLamp: { ttl: 1m, scope: public }, getPicture: { ttl: 1m, scope: public } }';
    writeFileSync(
      file,
      `bff: ${app}
listen: { port: 0, adminPort: 0 }
log: { requests: false }
redis: { url: '${from.url}' }
rateClasses:
  address: [{ per: address, limit: 3, window: 1m }]
  other: [{ per: user, limit: 3, window: 1m }, { per: app, limit: 100, window: 1m }]
upstreams:
  shop: { urls: [ 'http://127.0.0.1:${port}' ], timeout: 2s, cache: ${cached} }
${more}`,
    );
    const gateway = createGateway(ShopModule, { config: file, admin: false });
    gateways.push(gateway);
    const { url } = await gateway.start();
    return (path) => fetch(url + path);
  }
  const statuses = async (ask: (path: string) => Promise<Response>, path: string, count: number): Promise<number[]> => {
    const all: number[] = [];
    for (let asked = 0; asked < count; asked++) all.push((await ask(path)).status);
    return all;
  };

  beforeAll(async () => {
    redis = await RedisServer.start();
    admin = new Redis(redis.url);
    upstream = createServer((request, response) => {
      loads++;
      if (request.url === '/lamp') response.setHeader('content-type', 'application/json').end('{"name":"lamp"}');
      else response.setHeader('content-type', 'image/png').end(Buffer.from([0x89, 0x50, 0, 255]));
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(async () => {
    loads = 0;
    await admin.flushall();
  });
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.close();
  });
  afterAll(async () => {
    admin.disconnect();
    upstream.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('R6: have every key under their own name, for every use of the store', async () => {
    const more = 'addressLimit: { limit: 100, window: 1m }\n';
    for (const ask of [await start('mobile', more), await start('web', more)])
      for (const path of ['/reading', '/picture', '/limited', '/other', '/throttled'])
        expect([path, (await ask(path)).status]).toEqual([path, 200]);
    await expect.poll(() => admin.keys('*:cache:*').then((keys) => keys.length)).toBe(4);
    const keys = await admin.keys('*');
    expect(keys.filter((key) => !/^(?:mobile|web):(?:cache|cache-marks|limits|probe):v\d+:/.test(key))).toEqual([]);
    const usesOf = (app: string) =>
      keys
        .filter((key) => key.startsWith(`${app}:`))
        .map((key) => key.slice(app.length).split('\n')[0])
        .toSorted();
    expect(usesOf('mobile')).toEqual(usesOf('web'));
    expect(new Set(usesOf('web').map((key) => key?.split(':').slice(0, 4).join(':').split('/')[0]))).toEqual(
      new Set([
        ':probe:v1:',
        ':cache:v3:shop',
        ':cache-marks:v1:operation',
        ':limits:v2:class',
        ':limits:v2:address-limit',
        ':limits:v2:throttler',
      ]),
    );
  });

  it.each(['/limited', '/other', '/throttled'])('R6: have limits of their own at %s', async (path) => {
    const [mobile, web] = [await start('mobile'), await start('web')];
    expect(await statuses(mobile, path, 5)).toEqual([200, 200, 200, 429, 429]);
    expect(await statuses(web, path, 4)).toEqual([200, 200, 200, 429]);
    const again = await start('mobile');
    expect(await statuses(again, path, 1)).toEqual([429]);
  });

  it('R6: count the limit of addresses apart from a rate class that is called address', async () => {
    const ask = await start('mobile', 'addressLimit: { limit: 5, window: 1m }\n');
    expect(await statuses(ask, '/reading', 2)).toEqual([200, 200]);
    expect(await statuses(ask, '/limited', 4)).toEqual([200, 200, 200, 429]);
  });

  it('give binary responses out of the shared cache as the bytes they are, to each request its own', async () => {
    const [first, second] = [await start('mobile'), await start('mobile')];
    const text = Buffer.from([0x89, 0x50, 0, 255]).toString('latin1');
    expect(await (await first('/picture')).json()).toEqual({ text });
    await expect.poll(() => admin.keys('mobile:cache:*')).toHaveLength(1);
    for (const ask of [second, second, first]) expect(await (await ask('/picture')).json()).toEqual({ text });
    expect(loads).toBe(1);
  });

  it('A17: keep a cached response from what a function of a screen does to it', async () => {
    const ask = await start('mobile');
    expect((await ask('/reading')).status).toBe(200);
    expect((await ask('/spoiling')).status).toBe(500);
    expect(await (await ask('/reading')).json()).toEqual({ name: 'lamp' });
    const other = await start('mobile');
    expect((await other('/spoiling')).status).toBe(500);
    expect(await (await other('/reading')).json()).toEqual({ name: 'lamp' });
  });

  it('F32: count on by themselves while their Redis is a replica or gone, and in Redis again when it is back', async () => {
    const own = await RedisServer.start();
    const control = new Redis(own.url, { retryStrategy: () => 50 });
    control.on('error', () => undefined);
    const ask = await start('mobile', '', own);
    expect(await statuses(ask, '/limited', 2)).toEqual([200, 200]);
    await control.replicaof('127.0.0.1', String(redis.port));
    // Two were counted before: the limit holds on.
    expect(await statuses(ask, '/limited', 3)).toEqual([200, 429, 429]);
    expect((await ask('/reading')).status).toBe(200);
    await control.replicaof('NO', 'ONE');
    await control.flushall();
    await expect
      .poll(
        async () => {
          await ask('/other');
          return control.keys('mobile:limits:*');
        },
        { timeout: 5_000 },
      )
      .toHaveLength(2);
    control.disconnect();
    await own.stop();
    expect(await statuses(ask, '/throttled', 4)).toEqual([200, 200, 200, 429]);
  });

  it('do not start at a node of a Redis Cluster, and say what to write instead', async () => {
    const node = await RedisServer.start(undefined, ['--cluster-enabled', 'yes']);
    await expect(start('mobile', '', node)).rejects.toThrow(
      /is a node of a Redis Cluster.*give the address of one Redis/,
    );
    await node.stop();
  });
});
