import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Module } from '@nestjs/common';
import { Access, Caller, Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { signingKey, tokenOf } from '../../libs/auth/src/fixtures/issuer.js';

@Controller()
class Routes {
  @Get('me')
  @Access()
  me(@Caller() caller: Caller): Caller {
    return caller;
  }
  @Get('open')
  @Public()
  open(): { open: true } {
    return { open: true };
  }
}
@Module({ controllers: [Routes] })
class App {}

const deadlineMs = 400;
const folder = mkdtempSync(join(tmpdir(), 'hanging-issuer-'));
const key = await signingKey('key-1', 'ES256');
const keySet = JSON.stringify({ keys: [key.publicJwk] });

let server: Server;
const sockets = new Set<Socket>();
/** The bytes that the issuer sends to each connection. */
let reply: (socket: Socket) => void;
let gateway: Gateway;
let url = '';

beforeEach(async () => {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('data', () => reply(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const file = join(folder, 'bff.yaml');
  writeFileSync(
    file,
    [
      'bff: spec',
      'listen: { port: 0, adminPort: 0 }',
      'log: { level: silent }',
      `deadline: ${deadlineMs}ms`,
      'access:',
      `  jwt: { issuer: https://id.example.test, audience: mobile-bff, jwks: 'http://127.0.0.1:${port}/jwks', keys: { timeout: 3s } }`,
    ].join('\n'),
  );
  gateway = createGateway(App, { loaded: loadConfig(file, { env: {}, environment: 'test' }) });
  ({ url } = await gateway.start());
});
afterEach(async () => {
  await gateway.close();
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await new Promise((resolve) => server.close(resolve));
  rmSync(join(folder, 'bff.yaml'));
});

const ask = async (path: string, authorization?: string) => {
  const startedAt = performance.now();
  const response = await fetch(url + path, { headers: authorization === undefined ? {} : { authorization } });
  const body: unknown = await response.json();
  return { status: response.status, body, tookMs: performance.now() - startedAt };
};

const hanging: readonly (readonly [string, (socket: Socket) => void])[] = [
  ['that never answers', () => undefined],
  ['that stops in its headers', (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-type: app')],
  ['that stops in its body', (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n{"keys":[')],
  [
    'whose body drips',
    (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n{"keys":[');
      const drip = setInterval(() => (socket.destroyed ? clearInterval(drip) : socket.write(' ')), 20);
      socket.once('close', () => clearInterval(drip));
    },
  ],
];

describe('a token issuer', () => {
  it.each(hanging)('%s costs a request its deadline and no more, and public routes nothing', async (_how, send) => {
    reply = send;
    const authorization = `Bearer ${await tokenOf(key)}`;
    const [first, second, open] = await Promise.all([
      ask('/me', authorization),
      ask('/me', authorization),
      ask('/open', authorization),
    ]);
    expect(open.body).toEqual({ open: true });
    for (const { status, body, tookMs } of [first, second]) {
      expect([502, 504]).toContain(status);
      expect(['GW_UPSTREAM_FAILED', 'GW_DEADLINE_EXCEEDED']).toContain(Reflect.get(Object(body), 'code'));
      // The bound has room for a busy machine; without one, a request takes the three seconds of the fetch.
      expect(tookMs).toBeLessThan(deadlineMs + 1_200);
    }
    expect(sockets.size).toBe(1);
  });

  it('that responds again gets requests again, so that no client stays locked out', async () => {
    reply = (socket) => socket.destroy();
    const authorization = `Bearer ${await tokenOf(key)}`;
    expect((await ask('/me', authorization)).status).toBe(502);
    reply = (socket) => void socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${keySet.length}\r\n\r\n${keySet}`);
    await expect.poll(async () => (await ask('/me', authorization)).status, { timeout: 5_000 }).toBe(200);
  });
});
