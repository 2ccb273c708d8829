import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Controller,
  Get,
  HttpException,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Post,
  Body,
  UseFilters,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
  type PipeTransform,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { mapEnum, optional, orNull, pick, plan, required, screen, within } from '@frontage/aggregation';
import { Access, Caller, Public } from '@frontage/auth';
import { FrontageModule, Screen } from '@frontage/gateway';
import { startWorld, type World } from '@frontage/testing';
import * as catalogue from '@frontage/upstreams/catalogue';
import * as inventory from '@frontage/upstreams/inventory';
import { map, type Observable } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';

const productScreen = screen(
  plan('shop.product', { input: { path: z.object({ id: z.string().max(20) }) }, deadlineMs: 2000 }, ({ path }) => {
    const product = required(catalogue.getProduct, { path: { id: path.id } });
    const stock = optional(inventory.getStock, { path: { sku: product.sku } });
    return { product, stock };
  }),
  ({ product, stock }) => ({
    ...pick(product, 'id', 'name'),
    stock: orNull(
      within(stock, ({ state }) =>
        mapEnum(state, { IN_STOCK: 'yes', LOW: 'few', BACKORDER: 'later', OUT_OF_STOCK: 'no' }),
      ),
    ),
  }),
);

const seen: string[] = [];

/** Members of the original application: an interceptor that wraps responses, a pipe that trims, a guard that counts. */
@Injectable()
class Wrapping implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    seen.push('interceptor');
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}
class Trimming implements PipeTransform {
  transform(value: unknown): unknown {
    return typeof value === 'string' ? value.trim() : value;
  }
}
class Counting implements CanActivate {
  canActivate(): boolean {
    seen.push('guard');
    return true;
  }
}
class TeapotFilter implements ExceptionFilter {
  catch(_thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<{ status(code: number): { send(body: string): void } }>();
    response.status(418).send('short and stout');
  }
}

@Public()
@Controller()
class AppController {
  @Get('hello/:name')
  hello(@Param('name') name: string): string {
    return `Hello ${name}`;
  }
  @Get('orders/:id')
  order(@Param('id') id: string): never {
    throw new NotFoundException(`no order ${id}`);
  }
  @Get('bug')
  bug(): never {
    throw new TypeError('a secret of ours');
  }
  @Get('teapot')
  @UseFilters(TeapotFilter)
  teapot(): never {
    throw new HttpException('never seen', 400);
  }
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }
}

@Controller('mine')
class GuardedController {
  @Get()
  @Access({ scope: 'mine:read' })
  mine(@Caller() caller: Caller): string {
    return caller.subject;
  }
}

@Controller('products')
class ProductController {
  @Get(':id')
  @Public()
  @Screen(productScreen)
  show(@Param() path: object) {
    return { path };
  }
}

let world: World;
let folder: string;
beforeAll(async () => {
  world = await startWorld({ upstreams: ['catalogue', 'inventory'] });
  folder = mkdtempSync(join(tmpdir(), 'existing-app-'));
  writeFileSync(
    join(folder, 'bff.yaml'),
    `bff: shop
listen: { port: 3000, adminPort: 0 }
access: { jwt: { issuer: '\${ISSUER_URL}', audience: shop, jwks: '\${ISSUER_URL}/jwks.json' } }
log: { requests: false }
upstreams:
  catalogue: { urls: ['\${CATALOGUE_URL}'] }
  inventory: { urls: ['\${INVENTORY_URL}'] }
`,
  );
});
afterAll(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const create = {
  Express: (module: object): Promise<INestApplication> =>
    NestFactory.create(module, { logger: false, abortOnError: false }),
  Fastify: (module: object): Promise<INestApplication> =>
    NestFactory.create(module, new FastifyAdapter(), { logger: false, abortOnError: false }),
};

const moduleOf = (...controllers: (new () => object)[]): object => {
  @Module({ imports: [FrontageModule.forRoot({ config: join(folder, 'bff.yaml'), env: world.env })], controllers })
  class AppModule {}
  return AppModule;
};

describe.each(['Express', 'Fastify'] as const)('an application on %s', (platform) => {
  let app: INestApplication;
  let url: string;
  beforeAll(async () => {
    app = await create[platform](moduleOf(AppController, GuardedController, ProductController));
    app.useGlobalInterceptors(new Wrapping());
    app.useGlobalPipes(new Trimming());
    app.useGlobalGuards(new Counting());
    await app.listen(0, '127.0.0.1');
    url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    seen.length = 0;
  });
  afterAll(() => app?.close());

  const ask = async (
    path: string,
    init?: RequestInit,
  ): Promise<{ status: number; headers: Headers; body: unknown }> => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    const json = text !== '' && response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
  };

  it('has a screen beside its controllers', async () => {
    const { status, headers, body } = await ask('/products/p-101');
    expect(status).toBe(200);
    expect(body).toEqual({ id: 'p-101', name: expect.any(String), stock: expect.any(String) });
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask('/products/p-101', { method: 'HEAD' })).status).toBe(200);
  });

  it('has parts that may be missing, and problems', async () => {
    await world.setFault('inventory', { status: 500 });
    const partial = await ask('/products/p-101');
    await world.clearFaults();
    expect([partial.status, partial.body]).toEqual([
      200,
      { id: 'p-101', name: expect.any(String), stock: null, _parts: { stock: { status: 'error', source: 'none' } } },
    ]);
    expect((await ask('/products/none')).body).toMatchObject({ status: 404, code: 'GW_NOT_FOUND', part: 'product' });
    expect((await ask(`/products/${'x'.repeat(30)}`)).body).toMatchObject({ status: 400, code: 'GW_INVALID_INPUT' });
  });

  it('keeps its interceptors, pipes and guards for its own controllers', async () => {
    expect((await ask('/hello/%20Ada%20')).body).toEqual({ data: 'Hello Ada' });
    expect(seen.toSorted()).toEqual(['guard', 'interceptor']);
  });

  it('has its interceptors run around a screen, without changing its response', async () => {
    expect((await ask('/products/p-101')).body).not.toHaveProperty('data');
    expect(seen).toContain('interceptor');
  });

  it('turns its own exceptions into problems with the same status and text', async () => {
    const { headers, body } = await ask('/orders/7');
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(body).toMatchObject({ status: 404, detail: 'no order 7' });
    expect(JSON.stringify((await ask('/bug')).body)).not.toContain('secret');
  });

  it('keeps an exception filter of its own where it stands on a controller or a route', async () => {
    expect(await ask('/teapot')).toMatchObject({ status: 418, body: 'short and stout' });
  });

  it('lets our guard go before its own', async () => {
    expect((await ask('/mine')).status).toBe(401);
    expect(seen).toEqual([]);
    const token = await world.token({ user: 'ada', scopes: ['mine:read'], audience: 'shop' });
    expect((await ask('/mine', { headers: { authorization: `Bearer ${token}` } })).body).toEqual({ data: 'ada' });
  });

  it('returns a problem for a request without a route', async () => {
    expect((await ask('/nobody')).body).toMatchObject({ status: 404, code: 'GW_ROUTE_NOT_FOUND' });
    expect((await ask('/hello/Ada', { method: 'DELETE' })).body).toMatchObject({ status: 405 });
    const broken = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":' };
    expect((await ask('/echo', broken)).body).toMatchObject({ status: 400, code: 'GW_BAD_REQUEST' });
    expect((await ask('/echo', { ...broken, body: '{"a":1}' })).body).toEqual({ data: { a: 1 } });
  });

  it('aborts calls whose client has left', async () => {
    await world.setFault('catalogue', { hang: true });
    await world.resetCalls();
    const leaving = new AbortController();
    const asked = ask('/products/p-102', { signal: leaving.signal }).catch(() => undefined);
    await world.untilCalls('catalogue', (calls) => calls.length === 1);
    leaving.abort();
    await asked;
    await world.untilCalls('catalogue', (calls) => calls[0]?.state === 'aborted', 2000);
    await world.clearFaults();
  });
});

describe.each(['Express', 'Fastify'] as const)(
  'an application on %s that has a route which says nothing of access',
  (platform) => {
    it('does not start, and names it', async () => {
      @Controller()
      class Old {
        @Get()
        getHello(): string {
          return 'Hello World!';
        }
      }
      const app = await create[platform](moduleOf(Old, ProductController));
      await expect(app.listen(0, '127.0.0.1')).rejects.toThrow(
        "Old.getHello (GET /) says neither @Access(...) nor @Public(): write @Access({ scope: '...' }), or @Public() if everyone may call it",
      );
      await app.close();
    });
  },
);
