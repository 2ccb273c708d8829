import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { Authority } from '../../libs/gateway/src/fixtures/certificates.js';
import { launchers } from '../../libs/generator/src/pack/launchers.js';

const folder = mkdtempSync(join(tmpdir(), 'healthcheck-'));
const authority = new Authority();
const pair = authority.issue({ name: '/CN=shop', san: 'DNS:shop.example' });
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The exit code of the health check of an app on this port. */
async function check(port: number): Promise<number | null> {
  writeFileSync(join(folder, 'frontage-pack.json'), JSON.stringify({ port: { port, variable: 'SHOP_PORT' } }));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(folder, 'healthcheck.js'), launchers(true).get('healthcheck.js') ?? '');
  const child = spawn(process.execPath, [join(folder, 'healthcheck.js')], { stdio: 'ignore', env: {} });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function listening(made: Server): Promise<number> {
  server = made;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const respond =
  (status: number): RequestListener =>
  ({ url }, response) =>
    void response.writeHead(url === '/livez' ? status : 404).end();

it.each<[string, () => Server, number]>([
  ['is alive', () => createServer(respond(200)), 0],
  ['is not alive where it says so', () => createServer(respond(503)), 1],
  ['is alive with TLS', () => createTlsServer(pair, respond(200)), 0],
  ['is not alive with TLS where it says so', () => createTlsServer(pair, respond(503)), 1],
  [
    'is alive where it asks for a certificate',
    () => createTlsServer({ ...pair, requestCert: true, ca: authority.cert }, respond(200)),
    0,
  ],
])('an app %s', async (_, make, code) => {
  expect(await check(await listening(make()))).toBe(code);
});

it('an app that has ended is not alive', async () => {
  const port = await listening(createServer(respond(200)));
  server?.close();
  await once(server ?? process, 'close');
  expect(await check(port)).toBe(1);
});
