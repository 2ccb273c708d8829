import type { IncomingMessage, Server } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  SetMetadata,
  type INestApplication,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Access, Public } from '@frontage/auth';
import { FrontageModule } from '@frontage/gateway';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

@Controller()
class Rooms {
  @Access()
  @Get('guarded')
  guarded(): string {
    return 'guarded';
  }
  @Public()
  @Get('open')
  open(): string {
    return 'open';
  }
}

const takeUpgrade = (_request: IncomingMessage, socket: Socket): void => {
  socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n');
};

/** A provider that takes upgrades by itself, as libraries for WebSockets do. */
@Injectable()
class Chat implements OnModuleInit {
  readonly #host: HttpAdapterHost;
  constructor(@Inject(HttpAdapterHost) host: HttpAdapterHost) {
    this.#host = host;
  }
  onModuleInit(): void {
    const server: Server = this.#host.httpAdapter.getHttpServer();
    server.on('upgrade', takeUpgrade);
  }
}

/** A gateway of Nest, named on purpose. */
@SetMetadata('websockets:is_gateway', true)
class NamedGateway {}

describe.each(['Fastify', 'Express'] as const)('G4: a request to upgrade the connection, on %s', (platform) => {
  const folder = mkdtempSync(join(tmpdir(), 'upgrades-'));
  const config = join(folder, 'bff.yaml');
  beforeAll(() => {
    writeFileSync(
      config,
      "bff: spec\nlisten: { port: 0, adminPort: 0 }\nlog: { requests: false, level: silent }\naccess: { jwt: { issuer: https://i.test, audience: a, jwks: 'http://127.0.0.1:9/k' } }\n",
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function started(providers: Type[], outside: (string | Type)[] = []): Promise<INestApplication> {
    @Module({ imports: [FrontageModule.forRoot({ config, env: {}, outside })], controllers: [Rooms], providers })
    class Root {}
    const options = { logger: false, abortOnError: false } as const;
    const app =
      platform === 'Fastify'
        ? await NestFactory.create(Root, new FastifyAdapter(), options)
        : await NestFactory.create(Root, options);
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    return app;
  }

  /** The status line of the response to a handshake (RFC 6455 section 4.1). */
  function handshake(app: INestApplication, path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      // A server that listens on TCP has such an address.
      const { port } = app.getHttpServer().address() as AddressInfo;
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(
          `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n\r\n`,
        );
      });
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes.toString('latin1').split('\r\n')[0] ?? '');
        socket.destroy();
      });
      socket.once('error', reject);
    });
  }

  it('is served by the rule of its route, as any other request', async () => {
    const app = await started([]);
    expect(await handshake(app, '/guarded')).toMatch(/^HTTP\/1\.1 401 /);
    expect(await handshake(app, '/open')).toMatch(/^HTTP\/1\.1 200 /);
    expect(await handshake(app, '/nothing')).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('stops the start of an app that takes it past the pipeline, unless the app names it', async () => {
    await expect(started([Chat])).rejects.toThrow(/listener for upgrades .* outside: \['upgrade'\]/);
    const app = await started([Chat], ['upgrade']);
    expect(await handshake(app, '/guarded')).toMatch(/^HTTP\/1\.1 101 /);
  });

  it('cannot be taken by a listener that is added later', async () => {
    const app = await started([]);
    const server: Server = app.getHttpServer();
    expect(() => server.on('upgrade', takeUpgrade)).toThrow(/no rule of access of Frontage/);
    expect(await handshake(app, '/guarded')).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('may be taken where a gateway of Nest is named on purpose', async () => {
    const app = await started([NamedGateway], [NamedGateway]);
    const server: Server = app.getHttpServer();
    expect(() => server.on('upgrade', takeUpgrade)).not.toThrow();
  });
});
