import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Body,
  Catch,
  ConflictException,
  Controller,
  Get,
  HttpException,
  Module,
  Post,
  type ArgumentsHost,
  type ExceptionFilter,
  type INestApplication,
  type Provider,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Access, Public } from '@frontage/auth';
import { FrontageModule } from '@frontage/gateway';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z, ZodError } from 'zod';

class DomainError extends Error {}
class OtherDomainError extends Error {}

const replyWith = (host: ArgumentsHost, adapter: HttpAdapterHost, body: object, status: number): void =>
  adapter.httpAdapter.reply(host.switchToHttp().getResponse(), body, status);

@Catch(DomainError)
class DomainFilter implements ExceptionFilter {
  constructor(private readonly adapter: HttpAdapterHost) {}
  catch(_thrown: DomainError, host: ArgumentsHost): void {
    replyWith(host, this.adapter, { own: 'domain' }, 409);
  }
}
@Catch(ZodError)
class SchemaFilter implements ExceptionFilter {
  constructor(private readonly adapter: HttpAdapterHost) {}
  catch(thrown: ZodError, host: ArgumentsHost): void {
    replyWith(host, this.adapter, { own: 'schema', count: thrown.issues.length }, 422);
  }
}
/** The usual filter of an application that takes everything. */
@Catch()
class Everything implements ExceptionFilter {
  constructor(private readonly adapter: HttpAdapterHost) {}
  catch(thrown: unknown, host: ArgumentsHost): void {
    const status = thrown instanceof HttpException ? thrown.getStatus() : 500;
    const text = thrown instanceof HttpException ? thrown.message : 'unknown';
    replyWith(host, this.adapter, { own: 'everything', text }, status);
  }
}

@Public()
@Controller()
class OrderController {
  @Get('domain')
  domain(): never {
    throw new DomainError('x');
  }
  @Get('other')
  other(): never {
    throw new OtherDomainError('secret');
  }
  @Get('conflict')
  conflict(): never {
    throw new ConflictException({ message: 'sold out', sku: 'p-1' });
  }
  @Post('orders')
  order(@Body() body: unknown): unknown {
    return z.object({ name: z.string() }).parse(body);
  }
}
@Controller('mine')
class GuardedController {
  @Get()
  @Access()
  mine(): string {
    return 'mine';
  }
}

const folder = mkdtempSync(join(tmpdir(), 'own-filters-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(
  join(folder, 'bff.yaml'),
  `bff: shop
listen: { port: 3000, adminPort: 0 }
access: { jwt: { issuer: 'https://issuer.invalid', audience: shop, jwks: 'https://issuer.invalid/jwks.json' } }
log: { requests: false }
`,
);

const adapters = { Express: undefined, Fastify: () => new FastifyAdapter() };

class App {
  readonly #nest: INestApplication;
  readonly #url: string;

  constructor(nest: INestApplication) {
    this.#nest = nest;
    this.#url = `http://127.0.0.1:${(nest.getHttpServer().address() as AddressInfo).port}`;
  }

  static async start(
    platform: keyof typeof adapters,
    providers: Provider[],
    setUp: (nest: INestApplication) => unknown = () => undefined,
  ): Promise<App> {
    @Module({
      imports: [FrontageModule.forRoot({ config: join(folder, 'bff.yaml'), env: {} })],
      controllers: [OrderController, GuardedController],
      providers,
    })
    class AppModule {}
    const options = { logger: false, abortOnError: false } as const;
    const adapter = adapters[platform]?.();
    const nest: INestApplication =
      adapter === undefined
        ? await NestFactory.create(AppModule, options)
        : await NestFactory.create(AppModule, adapter, options);
    setUp(nest);
    await nest.listen(0, '127.0.0.1');
    return new App(nest);
  }

  async ask(path: string, body?: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const init = body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(this.#url + path, init);
    return { status: response.status, ...((await response.json()) as object) };
  }

  close(): Promise<void> {
    return this.#nest.close();
  }
}

describe.each(['Express', 'Fastify'] as const)('exception filters of an application on %s', (platform) => {
  describe('that take errors of their own', () => {
    let app: App;
    beforeAll(async () => {
      app = await App.start(platform, [
        { provide: APP_FILTER, useClass: DomainFilter },
        { provide: APP_FILTER, useClass: SchemaFilter },
      ]);
    });
    afterAll(() => app?.close());

    it('take them, and leave all others to ours', async () => {
      expect(await app.ask('/domain')).toEqual({ status: 409, own: 'domain' });
      expect(await app.ask('/orders', { name: 1 })).toEqual({ status: 422, own: 'schema', count: 1 });
      expect(await app.ask('/conflict')).toMatchObject({
        status: 409,
        code: 'GW_CONFLICT',
        title: 'Conflict',
        detail: 'sold out',
        sku: 'p-1',
      });
      expect(await app.ask('/other')).toMatchObject({ status: 500, code: 'GW_INTERNAL' });
      expect(await app.ask('/mine')).toMatchObject({ status: 401, code: 'GW_UNAUTHENTICATED' });
    });
  });

  describe('that take everything', () => {
    let app: App;
    beforeAll(async () => {
      app = await App.start(platform, [{ provide: APP_FILTER, useClass: Everything }]);
    });
    afterAll(() => app?.close());

    it('take everything that handlers throw, and keep the status of what the pipeline refuses', async () => {
      expect(await app.ask('/domain')).toEqual({ status: 500, own: 'everything', text: 'unknown' });
      expect(await app.ask('/conflict')).toEqual({ status: 409, own: 'everything', text: 'sold out' });
      expect(await app.ask('/mine')).toMatchObject({ status: 401 });
      expect(await app.ask('/nowhere')).toMatchObject({ status: 404 });
    });
  });

  it('take errors also where main.ts registers them', async () => {
    const app = await App.start(platform, [], (nest) =>
      nest.useGlobalFilters(new DomainFilter(nest.get(HttpAdapterHost))),
    );
    try {
      expect(await app.ask('/domain')).toEqual({ status: 409, own: 'domain' });
      expect(await app.ask('/conflict')).toMatchObject({ code: 'GW_CONFLICT' });
    } finally {
      await app.close();
    }
  });

  it('has a schema error of a handler as a problem where no filter takes it', async () => {
    const app = await App.start(platform, []);
    try {
      expect(await app.ask('/orders', { name: 1 })).toMatchObject({
        status: 400,
        code: 'GW_INVALID_INPUT',
        errors: [{ pointer: '/body/name', message: expect.any(String) }],
      });
    } finally {
      await app.close();
    }
  });
});
