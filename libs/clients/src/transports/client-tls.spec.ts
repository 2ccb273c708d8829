import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureServer } from 'node:http2';
import type { Socket } from 'node:net';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import { channels, type Outcome, type Warning } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { carriedBy } from '../fixtures/carriers.js';
import { operation, scopeOf } from '../fixtures/operations.js';
import { createUpstream, type Upstream, type UpstreamTls } from '../index.js';

const folder = mkdtempSync(join(tmpdir(), 'client-tls-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(file(name), 'utf8');

/** A key and a certificate that is its own authority. */
function issue(name: string, san: string): void {
  const files = ['-keyout', file(`${name}.key`), '-out', file(`${name}.pem`)];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'];
  const names = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${san}`];
  run('openssl', ['req', '-x509', ...kind, ...files, ...names]);
}
const run = (command: string, args: readonly string[]): unknown => execFileSync(command, args, { stdio: 'ignore' });
beforeAll(() => {
  issue('first', 'DNS:localhost');
  issue('second', 'DNS:localhost');
  issue('inner', 'DNS:orders.internal');
  issue('shop', 'DNS:shop');
  issue('depot', 'DNS:depot');
});

const started: (() => unknown)[] = [];
const warnings: string[] = [];
const hear = (message: unknown): unknown => warnings.push((message as Warning).message);
afterEach(async () => {
  channels.warning.unsubscribe(hear);
  warnings.length = 0;
  for (const stop of started.splice(0).toReversed()) await stop();
});

interface World {
  readonly port: number;
  /** The name that each connection asked for, and the one in the certificate of the client. */
  readonly accepted: { readonly asked: string | false | null; readonly client: string; readonly socket: Socket }[];
  use(context: SecureContextOptions): void;
}

/** Speaks both HTTP/1.1 and HTTP/2. */
async function serve(options: TlsOptions): Promise<World> {
  const accepted: World['accepted'] = [];
  const server = createSecureServer({ allowHTTP1: true, ...options }, (_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('"served"');
  });
  server.on('secureConnection', (socket) => {
    const { subject } = socket.getPeerCertificate() as { readonly subject?: { readonly CN?: string } };
    accepted.push({ asked: socket.servername, client: subject?.CN ?? '', socket });
  });
  server.on('tlsClientError', () => undefined).on('sessionError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  started.push(() => {
    for (const { socket } of accepted) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, accepted, use: (context) => server.setSecureContext(context) };
}

const pairOf = (name: string): { key: string; cert: string } => ({
  key: text(`${name}.key`),
  cert: text(`${name}.pem`),
});

describe.each(['direct', 'undici', 'h2'] as const)('TLS by policy over %s', (carrier) => {
  function clientOf(port: number, tls: UpstreamTls, clock = new ManualClock()): Upstream {
    const urls = [`https://localhost:${port}`];
    const options = { urls, timeoutMs: 5_000, connectTimeoutMs: 5_000, tls, ...carriedBy(carrier) };
    const client = createUpstream('orders', options, { clock });
    started.push(() => client.close());
    return client;
  }
  const call = (client: Upstream): Promise<Outcome<unknown>> => client.executor(operation())({}, scopeOf());
  const served = { ok: true, value: 'served' };

  it('trusts the authority of policy, and no other', async () => {
    const { port } = await serve(pairOf('first'));
    expect(await call(clientOf(port, { ca: file('first.pem') }))).toEqual(served);
    expect(await call(clientOf(port, { ca: file('second.pem') }))).toMatchObject({ status: 'error', unsent: true });
    expect(await call(clientOf(port, { minVersion: 'TLSv1.3' }))).toMatchObject({ status: 'error', unsent: true });
  });

  it('asks for the name of policy, and requires it in the certificate', async () => {
    const { port, accepted } = await serve(pairOf('inner'));
    const ca = file('inner.pem');
    expect(await call(clientOf(port, { ca, serverName: 'orders.internal' }))).toEqual(served);
    expect(accepted.map(({ asked }) => asked)).toEqual(['orders.internal']);
    expect(await call(clientOf(port, { ca }))).toMatchObject({ status: 'error', unsent: true });
    expect(await call(clientOf(port, { ca, serverName: 'users.internal' }))).toMatchObject({ status: 'error' });
  });

  it('shows the certificate of policy', async () => {
    const { port, accepted } = await serve({
      ...pairOf('first'),
      ca: text('shop.pem'),
      requestCert: true,
      rejectUnauthorized: true,
    });
    const ca = file('first.pem');
    const shop = { certificate: file('shop.pem'), key: file('shop.key') };
    expect(await call(clientOf(port, { ca, ...shop }))).toEqual(served);
    expect(accepted.map(({ client }) => client)).toEqual(['shop']);
    expect(await call(clientOf(port, { ca }))).toMatchObject({ status: 'error' });
  });

  it('speaks no older version than policy says', async () => {
    const { port } = await serve({ ...pairOf('first'), maxVersion: 'TLSv1.2' });
    const ca = file('first.pem');
    expect(await call(clientOf(port, { ca }))).toEqual(served);
    expect(await call(clientOf(port, { ca, minVersion: 'TLSv1.3' }))).toMatchObject({ status: 'error', unsent: true });
  });

  it('uses new files on new connections, and drains the others', async () => {
    writeFileSync(file('own.pem'), text('shop.pem'));
    writeFileSync(file('own.key'), text('shop.key'));
    const { port, accepted } = await serve({
      ...pairOf('first'),
      ca: [text('shop.pem'), text('depot.pem')],
      requestCert: true,
      rejectUnauthorized: true,
    });
    const clock = new ManualClock();
    // Sooner than a kept connection ends by itself.
    const own = { certificate: file('own.pem'), key: file('own.key'), reloadMs: 100 };
    const client = clientOf(port, { ca: file('first.pem'), ...own }, clock);
    expect(await call(client)).toEqual(served);
    channels.warning.subscribe(hear);
    // The first of the two files is there, the other is still the old one.
    writeFileSync(file('own.pem'), text('depot.pem'));
    await clock.advance(100);
    await expect.poll(() => warnings).toEqual([expect.stringContaining('tls of "orders"')]);
    expect(await call(client)).toEqual(served);
    writeFileSync(file('own.key'), text('depot.key'));
    await expect
      .poll(async () => {
        await clock.advance(100);
        expect(await call(client)).toEqual(served);
        return accepted.map(({ client: name }) => name);
      })
      .toEqual(['shop', 'depot']);
    await expect.poll(() => accepted[0]?.socket.destroyed).toBe(true);
    expect(warnings).toHaveLength(1);
    await client.close();
    expect(clock.timerCount).toBe(0);
  });
});

describe('files of TLS', () => {
  const make = (tls: UpstreamTls, url = 'https://a.test'): unknown =>
    createUpstream('orders', { urls: [url], tls }, { clock: new ManualClock() });

  it.each<[string, () => UpstreamTls, RegExp]>([
    ['that is not there', () => ({ ca: file('none.pem') }), /the file .*none\.pem cannot be read \(ENOENT\)/],
    ['that holds no certificate', () => ({ ca: file('first.key') }), /not a list of whole certificates in PEM/],
    [
      'of another key',
      () => ({ certificate: file('first.pem'), key: file('second.key') }),
      /it does not belong to the certificate/,
    ],
    [
      'that is no key',
      () => ({ certificate: file('first.pem'), key: file('first.pem') }),
      /no private key in PEM without a passphrase/,
    ],
  ])('are refused at the start for one %s', (_, tls, message) => {
    expect(() => make(tls())).toThrow(message);
  });

  it('are refused where nothing uses them', () => {
    const ca = file('first.pem');
    expect(() => make({ ca }, 'http://a.test')).toThrow('orders: tls is not used without an address with https');
    expect(() => make({ certificate: ca })).toThrow('orders: tls.certificate and tls.key belong together');
    expect(() =>
      createUpstream(
        'orders',
        { urls: ['https://a.test'], tls: { ca }, transport: 'axios' },
        { clock: new ManualClock() },
      ),
    ).toThrow('orders: tls needs transport direct or undici');
  });
});
