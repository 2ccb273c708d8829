import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { Controller, Get, Module, Post, Req, StreamableFile } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { channels } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from './create-gateway.js';
import { Authority } from './fixtures/certificates.js';
import { policyFile, policyText, specModule } from './fixtures/gateway-under-test.js';
import { getItem } from './fixtures/shop.js';
import { FrontageModule } from './nest/frontage.module.js';
import { Screen } from './screens/screen.decorator.js';

const item = screen(
  plan('spec.item', { deadlineMs: 5000 }, () => ({
    item: required(getItem, { path: { id: 'i-1' } }, { timeoutMs: 4000 }),
  })),
  ({ item }) => pick(item, 'id', 'name'),
);
const chunk = Buffer.alloc(256 * 1024, 'y');
async function* endless(): AsyncGenerator<Buffer> {
  for (;;) yield chunk;
}

@Public()
@Controller()
class Shop {
  @Get('item')
  @Screen(item)
  item() {
    return {};
  }
  @Post('echo')
  async echo(@Req() incoming: { readonly body: unknown }): Promise<unknown> {
    return { body: incoming.body };
  }
  @Get('endless')
  endless(): StreamableFile {
    return new StreamableFile(Readable.from(endless()));
  }
}

const folder = mkdtempSync(join(tmpdir(), 'tls-app-'));
let authority: Authority;
let shop: RawServer;
let gateway: Gateway;
let url = '';
let adminUrl = '';
let file = '';
const sockets: TLSSocket[] = [];

beforeAll(async () => {
  authority = new Authority();
  const pair = authority.issue({ name: '/CN=shop', san: 'DNS:localhost,IP:127.0.0.1' });
  writeFileSync(join(folder, 'server.pem'), pair.cert);
  writeFileSync(join(folder, 'server.key'), pair.key);
  shop = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'Lamp' }));
  const listen = `, tls: { certificate: '${folder}/server.pem', key: '${folder}/server.key' }`;
  const policy = 'access: off\nlimits: { maxBody: 64KiB, sendIdleTimeout: 400ms, sendTimeout: 1200ms }\n';
  file = policyFile(policyText({ listen, policy }));
  gateway = createGateway(specModule({ controllers: [Shop] }), {
    loaded: loadConfig(file, { env: { SHOP_URL: shop.url }, environment: 'test' }),
  });
  ({ url, adminUrl = '' } = await gateway.start());
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway?.close();
  await shop?.stop();
  rmSync(folder, { recursive: true });
});

async function ask(path: string, method = 'GET', body?: string): Promise<readonly [number | undefined, string]> {
  const agent = new Agent({ ca: authority.cert });
  const headers = body === undefined ? {} : { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
  const sent = request(url + path, { agent, method, headers }).end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return [response.statusCode, await text(response)];
}

/** A connection that has sent these bytes, and reads nothing unless a test does. */
async function raw(bytes: string): Promise<TLSSocket> {
  const socket = connect({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    ca: authority.cert,
    servername: 'localhost',
  });
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.pause();
  await once(socket, 'secureConnect');
  socket.write(bytes, 'latin1');
  return socket;
}

describe('an app with listen.tls', () => {
  it('serves screens and handlers, and says https', async () => {
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await ask('/item')).toEqual([200, '{"id":"i-1","name":"Lamp"}']);
    expect(await ask('/echo', 'POST', '{"a":1}')).toEqual([201, '{"body":{"a":1}}']);
  });

  it('bounds bodies whose size is not declared, and the framing of their chunks', async () => {
    expect((await ask('/echo', 'POST', JSON.stringify('x'.repeat(70_000))))[0]).toBe(413);
    const padded = `${'0'.repeat(1_000)}1\r\n1\r\n`.repeat(200);
    const socket = await raw(
      `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${padded}`,
    );
    expect((await text(socket)).split('\r\n')[0]).toBe('HTTP/1.1 400 Bad Request');
  });

  it('responds to bytes that are no request with a problem, inside of TLS', async () => {
    const socket = await raw('NONSENSE\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*application\/problem\+json/);
  });

  it('closes a connection whose client takes nothing of a response', async () => {
    const ended = nextEnded();
    await raw('GET /endless HTTP/1.1\r\nhost: x\r\n\r\n');
    await ended;
  });

  it('keeps a connection whose client reads slowly but steadily', async () => {
    const socket = await raw('GET /endless HTTP/1.1\r\nhost: x\r\n\r\n');
    let read = 0;
    const until = performance.now() + 1_500;
    while (performance.now() < until) {
      const bytes: unknown = socket.read();
      if (Buffer.isBuffer(bytes)) read += bytes.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(socket.destroyed).toBe(false);
    expect(read).toBeGreaterThan(chunk.length);
    socket.destroy();
  });

  it('shows the time that its certificate has left among the metrics', async () => {
    const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
    const seconds = /^frontage_tls_certificate_expires_seconds (\d+)$/m.exec(metrics)?.[1];
    expect(Number(seconds) / 86_400).toBeCloseTo(30, 1);
    expect(metrics).toMatch(/^frontage_tls_refused_handshakes_total 0$/m);
  });

  it('is described without its files', async () => {
    const elsewhere = policyFile(
      policyText({ listen: ', tls: { certificate: none.pem, key: none.key }', policy: 'access: off\n' }),
    );
    const options = { config: elsewhere, env: { SHOP_URL: shop.url, FRONTAGE_ENV: 'test' } };
    const described = await createGateway(specModule({ controllers: [Shop] }), options).describe();
    expect(described.endpoints).toHaveLength(3);
  });

  it('refuses to start without its files, at their line of the policy', async () => {
    const elsewhere = policyFile(
      policyText({ listen: ',\n  tls: { certificate: none.pem, key: none.key }', policy: 'access: off\n' }),
    );
    const options = { config: elsewhere, env: { SHOP_URL: shop.url, FRONTAGE_ENV: 'test' } };
    await expect(createGateway(specModule({ controllers: [Shop] }), options).start()).rejects.toThrow(
      /:3:23 {2}the file .*none\.pem cannot be read \(ENOENT\)/,
    );
  });
});

it('an application that makes its own server is told that the block has no effect', async () => {
  const loaded = loadConfig(file, { env: { SHOP_URL: shop.url }, environment: 'test' });
  @Module({ imports: [] })
  class Own {}
  const make = () =>
    NestFactory.create({ module: Own, imports: [FrontageModule.forRoot({ loaded })] }, { logger: false });
  expect(make).toThrow('this application makes its own server');
});

/** Resolves with the next request that has ended. */
function nextEnded(): Promise<void> {
  return new Promise((resolve) => {
    const hear = (): void => {
      channels.requestEnded.unsubscribe(hear);
      resolve();
    };
    channels.requestEnded.subscribe(hear);
  });
}
