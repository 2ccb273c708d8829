import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Body, Controller, Module, Post, Put, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { given, pick, plan, screen, write } from '@frontage/aggregation';
import { Access, Caller } from '@frontage/auth';
import { FrontageModule, Screen } from '@frontage/gateway';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Issuer, signingKey, tokenOf } from '../../libs/auth/src/fixtures/issuer.js';
import { addItem } from '../../libs/gateway/src/fixtures/shop.js';

const Basket = z.object({ buyerId: z.string(), name: z.string() });
const saved = screen(
  plan('attacks.basket', { input: { caller: given<Caller>(), body: Basket }, deadlineMs: 8_000 }, ({ body }) => ({
    saved: write(addItem, { body: { name: body.name } }),
  })),
  ({ saved }) => pick(saved, 'name'),
);

const handled: unknown[] = [];

@Controller()
class Baskets {
  @Access({ owner: { body: 'buyerId', orRole: 'support' } })
  @Post('screen')
  @Screen(saved)
  screen(@Caller() caller: Caller, @Body() body: object) {
    return { caller, body };
  }

  /** Written by hand, with the id deeper in the body. */
  @Access({ owner: { body: 'order.buyer.id' } })
  @Put('hand')
  hand(@Body() body: unknown): string {
    handled.push(body);
    return 'saved';
  }
}

@Module({ controllers: [Baskets] })
class BasketModule {}

describe.each(['Fastify', 'Express'] as const)('A9: the owner that a body names, on %s', (platform) => {
  const folder = mkdtempSync(join(tmpdir(), 'a9-'));
  let shop: RawServer;
  let issuer: Issuer;
  let app: INestApplication;
  let url = '';
  let tokens: Readonly<Record<'ada' | 'support', string>>;

  beforeAll(async () => {
    shop = await RawServer.start(rawReplies.json({ id: 'i', name: 'x' }, {}, 201));
    const key = await signingKey('k', 'ES256');
    issuer = await Issuer.start(key);
    tokens = { ada: await tokenOf(key), support: await tokenOf(key, { sub: 'eve', roles: ['support'] }) };
    const config = join(folder, 'bff.yaml');
    writeFileSync(
      config,
      `bff: spec
listen: { port: 0, adminPort: 0 }
log: { requests: false, level: silent }
access: { jwt: { issuer: https://id.example.test, audience: mobile-bff, jwks: '${issuer.jwks}' } }
upstreams: { shop: { urls: ['${shop.url}'] } }
`,
    );
    @Module({ imports: [FrontageModule.forRoot({ config, env: {} }), BasketModule] })
    class Root {}
    const options = { logger: false, abortOnError: false } as const;
    app =
      platform === 'Fastify'
        ? await NestFactory.create(Root, new FastifyAdapter(), options)
        : await NestFactory.create(Root, options);
    await app.listen(0, '127.0.0.1');
    // A server that listens on TCP has such an address.
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await app.close();
    await shop.stop();
    await issuer.stop();
    rmSync(folder, { recursive: true });
  });

  const send = (method: string, path: string, body: string, who: keyof typeof tokens = 'ada') => {
    shop.requests.length = 0;
    handled.length = 0;
    return fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${tokens[who]}`, 'content-type': 'application/json' },
      body,
    });
  };

  it('is the caller, or a caller with the role', async () => {
    expect((await send('POST', '/screen', '{"buyerId":"ada","name":"x"}')).status).toBe(201);
    expect(shop.requests).toHaveLength(1);
    expect((await send('POST', '/screen', '{"buyerId":"bob","name":"x"}', 'support')).status).toBe(201);
    expect((await send('PUT', '/hand', '{"order":{"buyer":{"id":"ada"}}}')).status).toBe(200);
    expect(handled).toHaveLength(1);
  });

  it.each([
    ['another', '{"buyerId":"bob","name":"x"}'],
    ['another, spelled with an escape', '{"buyer\\u0049d":"bob","name":"x"}'],
    ['in another case', '{"buyerId":"ADA","name":"x"}'],
    ['padded', '{"buyerId":" ada","name":"x"}'],
    ['a list', '{"buyerId":["ada"],"name":"x"}'],
    ['null', '{"buyerId":null,"name":"x"}'],
    ['missing', '{"name":"x"}'],
    ['in the prototype', '{"__proto__":{"buyerId":"ada"},"name":"x"}'],
    ['in a list of bodies', '[{"buyerId":"ada","name":"x"}]'],
    ['none at all', 'null'],
  ])('refuses a request whose owner is %s, before anything is sent', async (_, body) => {
    const response = await send('POST', '/screen', body);
    // A parser of the platform may refuse it before.
    expect([403, 400]).toContain(response.status);
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(shop.requests).toEqual([]);
  });

  it('compares the value that the handler gets, where a body names its owner twice', async () => {
    expect((await send('POST', '/screen', '{"buyerId":"ada","buyerId":"bob","name":"x"}')).status).toBe(403);
    expect(shop.requests).toEqual([]);
  });

  it('refuses a hand-written handler the same, before it runs', async () => {
    for (const body of [
      '{"order":{"buyer":{"id":"bob"}}}',
      '{"order":{"buyer":"ada"}}',
      '{"order.buyer.id":"ada"}',
      '{}',
    ]) {
      const response = await send('PUT', '/hand', body);
      expect([response.status, handled]).toEqual([403, []]);
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    }
  });

  it.each(['buyerId=bob&name=x', 'buyerId=bob&buyerId=ada&name=x', 'buyerId[]=ada&name=x', 'name=x'])(
    'compares a form the same: %s',
    async (body) => {
      shop.requests.length = 0;
      const response = await fetch(`${url}/screen`, {
        method: 'POST',
        headers: { authorization: `Bearer ${tokens.ada}`, 'content-type': 'application/x-www-form-urlencoded' },
        body,
      });
      expect([response.status, shop.requests]).toEqual([403, []]);
    },
  );
});
