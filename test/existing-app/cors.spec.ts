import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Header, Module, Post, type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Access, Public } from '@frontage/auth';
import { FrontageModule } from '@frontage/gateway';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'existing-cors-'));
writeFileSync(
  join(folder, 'bff.yaml'),
  `bff: shop
listen: { port: 3000, adminPort: 0 }
access: { jwt: { issuer: 'http://127.0.0.1:9/issuer', audience: shop, jwks: 'http://127.0.0.1:9/jwks.json' } }
cors: { origins: [https://shop.example.test] }
log: { requests: false }
`,
);
afterAll(() => rmSync(folder, { recursive: true }));

@Controller('shelf')
class Shelf {
  @Post('open')
  @Public()
  @Header('Vary', 'Accept')
  open(): string {
    return 'open';
  }
  @Post('mine')
  @Access()
  mine(): string {
    return 'mine';
  }
}

@Module({ imports: [FrontageModule.forRoot({ config: join(folder, 'bff.yaml'), admin: false })], controllers: [Shelf] })
class Root {}

let app: INestApplication | undefined;
afterEach(async () => {
  await app?.close();
  app = undefined;
});

const quiet = { logger: false, abortOnError: false } as const;
const create = {
  Express: (): Promise<INestApplication> => NestFactory.create(Root, quiet),
  Fastify: (): Promise<INestApplication> => NestFactory.create(Root, new FastifyAdapter(), quiet),
};

describe.each(['Express', 'Fastify'] as const)(
  'pages of other origins that call an application on %s (H12)',
  (platform) => {
    const origin = 'https://shop.example.test';
    const start = async (): Promise<string> => {
      app = await create[platform]();
      await app.listen(0, '127.0.0.1');
      return `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
    };
    const preflight = (url: string, from: string): Promise<Response> =>
      fetch(`${url}/shelf/mine`, {
        method: 'OPTIONS',
        headers: { origin: from, 'access-control-request-method': 'POST' },
      });
    const field = (response: Response, name: string): string | null => response.headers.get(`access-control-${name}`);

    it('are answered before access is asked for, each by its name', async () => {
      const url = await start();
      const asked = await preflight(url, origin);
      expect([asked.status, field(asked, 'allow-origin'), field(asked, 'allow-methods')]).toEqual([
        204,
        origin,
        'POST',
      ]);
      const refused = await preflight(url, 'https://evil.test');
      expect([refused.status, field(refused, 'allow-origin')]).toEqual([403, null]);
    });

    it('can read responses and refusals, which vary by the origin', async () => {
      const url = await start();
      for (const [path, status] of [
        ['open', 201],
        ['mine', 401],
      ] as const) {
        const response = await fetch(`${url}/shelf/${path}`, { method: 'POST', headers: { origin } });
        expect([response.status, field(response, 'allow-origin')]).toEqual([status, origin]);
        expect(response.headers.get('vary')).toMatch(/\borigin\b/);
        const other = await fetch(`${url}/shelf/${path}`, { method: 'POST', headers: { origin: 'null' } });
        expect([other.status, field(other, 'allow-origin')]).toEqual([status, null]);
      }
    });
  },
);
