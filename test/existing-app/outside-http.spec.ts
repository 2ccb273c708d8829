import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Controller,
  Get,
  Module,
  SetMetadata,
  VersioningType,
  type INestApplication,
  type MiddlewareConsumer,
} from '@nestjs/common';
import { APP_GUARD, NestFactory, RouterModule } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Access, Public } from '@frontage/auth';
import { FrontageModule, type GatewayOptions } from '@frontage/gateway';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const platforms = ['Express', 'Fastify'] as const;
const create = {
  Express: (module: object): Promise<INestApplication> =>
    NestFactory.create(module, { logger: false, abortOnError: false }),
  Fastify: (module: object): Promise<INestApplication> =>
    NestFactory.create(module, new FastifyAdapter(), { logger: false, abortOnError: false }),
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'outside-http-'));
  writeFileSync(
    join(folder, 'bff.yaml'),
    `bff: shop
listen: { port: 3000, adminPort: 0 }
access: { jwt: { issuer: 'http://127.0.0.1:9/issuer', audience: shop, jwks: 'http://127.0.0.1:9/jwks.json' } }
log: { requests: false }
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const frontage = (options: GatewayOptions = {}) =>
  FrontageModule.forRoot({ ...options, config: join(folder, 'bff.yaml') });

let app: INestApplication | undefined;
const closed = async (): Promise<void> => {
  await app?.close();
  app = undefined;
};
afterEach(closed);
const listen = async (made: INestApplication): Promise<string> => {
  app = made;
  await made.listen(0, '127.0.0.1');
  return `http://127.0.0.1:${(made.getHttpServer().address() as AddressInfo).port}`;
};

@Controller('shelf')
class Shelf {
  @Get('open')
  @Public()
  open(): string {
    return 'open';
  }
  @Get('mine')
  @Access({ scope: 'mine:read' })
  mine(): string {
    return 'mine';
  }
}

/** A method that serves messages, as `@MessagePattern` marks it. */
class Messages {
  @SetMetadata('microservices:pattern', ['order.placed'])
  placed(): string {
    return 'placed';
  }
}
@SetMetadata('websockets:is_gateway', true)
class Chat {}
class Resolver {
  @SetMetadata('graphql:resolver_type', 'Query')
  orders(): string[] {
    return [];
  }
}

describe.each(platforms)('an application on %s', (platform) => {
  it.each([Messages, Chat, Resolver])(
    'does not start with another transport, unless it is named: %o',
    async (Other) => {
      @Module({ imports: [frontage()], controllers: [Shelf], providers: [Other] })
      class Unnamed {}
      const refused = await create[platform](Unnamed);
      await expect(refused.listen(0, '127.0.0.1')).rejects.toThrow(`outside: [${Other.name}]`);
      await refused.close();
      @Module({ imports: [frontage({ outside: [Other] })], controllers: [Shelf], providers: [Other] })
      class Named {}
      const url = await listen(await create[platform](Named));
      expect((await fetch(`${url}/shelf/open`)).status).toBe(200);
    },
  );

  it('has prefixes of the app, of modules and of versions under the same rules', async () => {
    @Module({ controllers: [Shelf] })
    class ShelfModule {}
    @Module({
      imports: [frontage(), ShelfModule, RouterModule.register([{ path: 'store', module: ShelfModule }])],
    })
    class Root {}
    const made = await create[platform](Root);
    made.setGlobalPrefix('api', { exclude: ['livez'] });
    made.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    const url = await listen(made);
    expect((await fetch(`${url}/api/v1/store/shelf/open`)).status).toBe(200);
    expect((await fetch(`${url}/api/v1/store/shelf/mine`)).status).toBe(401);
    const wrong = await fetch(`${url}/api/v1/store/shelf/mine`, { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('runs our stages before a guard that its root module provides', async () => {
    const seen: string[] = [];
    const guard = { canActivate: (): boolean => seen.push('guard') > 0 };
    @Module({ imports: [frontage()], controllers: [Shelf], providers: [{ provide: APP_GUARD, useValue: guard }] })
    class Root {}
    const url = await listen(await create[platform](Root));
    expect((await fetch(`${url}/shelf/mine`)).status).toBe(401);
    expect(seen).toEqual([]);
    expect((await fetch(`${url}/shelf/open`)).status).toBe(200);
    expect(seen).toEqual(['guard']);
  });

  it('tells the routes of two controllers apart that inherit one method', async () => {
    class Base {
      @Get()
      show(): string {
        return this.constructor.name;
      }
    }
    @Public()
    @Controller('open')
    class Open extends Base {}
    @Access({ scope: 'closed:read' })
    @Controller('closed')
    class Closed extends Base {}
    @Module({ imports: [frontage()], controllers: [Open, Closed] })
    class Root {}
    const url = await listen(await create[platform](Root));
    expect(await (await fetch(`${url}/open`)).text()).toBe('Open');
    expect((await fetch(`${url}/closed`)).status).toBe(401);
  });

  it('runs its middleware for a path of its own', async () => {
    @Module({ imports: [frontage()], controllers: [Shelf] })
    class Root {
      configure(consumer: MiddlewareConsumer): void {
        consumer
          .apply((_request: unknown, response: { end(text: string): void }) => response.end('from a middleware'))
          .forRoutes('own');
      }
    }
    const url = await listen(await create[platform](Root));
    expect(await (await fetch(`${url}/own`)).text()).toBe('from a middleware');
  });
});

describe('a route that is registered on the adapter of Fastify', () => {
  const start = (options: GatewayOptions): Promise<string> => {
    @Module({ imports: [frontage(options)], controllers: [Shelf] })
    class Root {}
    return create.Fastify(Root).then((made) => {
      made
        .getHttpAdapter()
        .get('/raw/page', (_request: unknown, reply: { send(text: string): void }) => reply.send('raw'));
      return listen(made);
    });
  };

  it('stops the start, unless it is named', async () => {
    await expect(start({})).rejects.toThrow('GET /raw/page is registered on the HTTP adapter itself');
    await closed();
    for (const outside of ['/raw/page', '/raw*']) {
      const answer = await fetch(`${await start({ outside: [outside] })}/raw/page`);
      expect([answer.status, answer.headers.get('x-content-type-options')]).toEqual([200, 'nosniff']);
      await closed();
    }
  });
});
