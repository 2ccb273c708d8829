import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { loadConfig, type BffConfig } from '@frontage/config';
import { channels, type Warning } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Authority, type Pair } from '../fixtures/certificates.js';
import { policyFile } from '../fixtures/gateway-under-test.js';
import { TlsEntry } from './tls-entry.js';

const folder = mkdtempSync(join(tmpdir(), 'tls-'));
const dayMs = 86_400_000;
const file = (name: string): string => join(folder, name);
const write = (name: string, text: string): void => writeFileSync(file(name), text);
const put = (pair: Pair): void => {
  write('server.pem', pair.cert);
  write('server.key', pair.key);
};

let authority: Authority;
let first: Pair;
let second: Pair;

beforeAll(() => {
  authority = new Authority();
  first = authority.issue({ name: '/CN=first', san: 'DNS:localhost' });
  second = authority.issue({ name: '/CN=second', san: 'DNS:localhost' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => {
  put(first);
  write('clients.pem', authority.cert);
});

function policy(keys = ''): BffConfig {
  const lines = `bff: spec\nlisten:\n  port: 0\n  tls:\n    certificate: ${file('server.pem')}\n    key: ${file('server.key')}\n${keys}`;
  return loadConfig(policyFile(lines), { env: {}, environment: 'test' });
}

let server: Server | undefined;
const sockets: Socket[] = [];
const warnings: string[] = [];
const hear = (message: unknown): void => {
  const { message: text, cause } = message as Warning;
  warnings.push(cause instanceof Error ? `${text}: ${cause.message}` : text);
};
beforeEach(() => {
  warnings.length = 0;
  channels.warning.subscribe(hear);
});
afterEach(async () => {
  channels.warning.unsubscribe(hear);
  for (const socket of sockets.splice(0)) socket.destroy();
  if (server?.listening === true) {
    server.close();
    await once(server, 'close');
  }
});

async function serve(keys = '', clock = new ManualClock(Date.now()), secret?: string): Promise<TlsEntry> {
  const config = policy(keys);
  const { tls } = config.listen;
  if (tls === undefined) throw new Error('the policy has no TLS');
  const entry = await TlsEntry.open(config, tls, secret, clock);
  server = createServer(entry.serverOptions, (_, response) => response.end('served'));
  entry.serves(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return entry;
}

const portOf = (): number => {
  if (server === undefined) throw new Error('no server was started');
  return (server.address() as AddressInfo).port;
};

/** Opens a connection; rejects with the code of the error. */
async function open(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    port: portOf(),
    host: '127.0.0.1',
    servername: 'localhost',
    ca: authority.cert,
    ...options,
  });
  sockets.push(socket);
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket));
    socket.on('error', (error: NodeJS.ErrnoException) => reject(new Error(error.code)));
    socket.once('close', () => reject(new Error('closed')));
  });
}

/** The name in the certificate of a new connection. */
const served = async (): Promise<unknown> => (await open()).getPeerCertificate().subject.CN;

/** Turns the clock until the entry has looked at its files. */
async function afterLook(clock: ManualClock): Promise<void> {
  await clock.advance(2_000);
  // The files are read by threads, which no manual clock moves.
  await expect.poll(() => clock.nextInMs, { timeout: 5_000 }).toBeLessThanOrEqual(2_000);
}

describe('TLS of the port for clients', () => {
  it('is of version 1.2 or 1.3, with the names of the certificate', async () => {
    await serve();
    expect(await served()).toBe('first');
    expect((await open()).getProtocol()).toBe('TLSv1.3');
    expect((await open({ maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2');
  });

  it('is refused to older versions, to weak ciphers, and to clients that speak HTTP; each is counted', async () => {
    const entry = await serve();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    await expect(open(old)).rejects.toThrow('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
    await expect(open({ maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA256' })).rejects.toThrow('ALERT_HANDSHAKE_FAILURE');
    const plain = connectPlain(portOf(), '127.0.0.1');
    sockets.push(plain);
    let bytes = '';
    plain.on('data', (chunk: Buffer) => (bytes += chunk.toString('latin1')));
    plain.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(plain, 'close');
    expect(bytes).not.toContain('HTTP');
    expect(entry.refusedHandshakes).toBe(3);
  });

  it('can be TLS 1.3 alone, and have other ciphers without losing TLS 1.3', async () => {
    await serve('    minVersion: TLSv1.3\n');
    await expect(open({ maxVersion: 'TLSv1.2' })).rejects.toThrow('PROTOCOL_VERSION');
    server?.close();
    await serve('    ciphers: [ECDHE-ECDSA-AES256-GCM-SHA384]\n');
    expect((await open()).getProtocol()).toBe('TLSv1.3');
    expect((await open({ maxVersion: 'TLSv1.2' })).getCipher().name).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
  });

  it('closes a connection that does not finish its handshake', async () => {
    await serve('limits: { headersTimeout: 200ms }\n');
    const silent = connectPlain(portOf(), '127.0.0.1');
    sockets.push(silent);
    await once(silent, 'close');
  });

  it.each([
    [
      '    ciphers: [ECDHE-RSA-AES128-GCM-SHA265]\n',
      ':7:15  OpenSSL has no cipher suite "ECDHE-RSA-AES128-GCM-SHA265"; did you mean "ECDHE-RSA-AES128-GCM-SHA256"?',
    ],
    ['    ciphers: [TLS_AES_128_GCM_SHA256, NULL-SHA256]\n', ':7:39  "NULL-SHA256" protects nothing; remove it'],
    ['    ciphers: [RC4-SHA]\n', '"RC4-SHA" protects nothing; remove it'],
    ['    minVersion: TLSv1.3\n    ciphers: [ECDHE-RSA-AES128-GCM-SHA256]\n', 'none of these is a suite of TLSv1.3'],
    [
      '    minVersion: TLSv1.1\n',
      'expected one of TLSv1.2, TLSv1.3 (it has known attacks; write TLSv1.2), found "TLSv1.1"',
    ],
  ])('refuses to start with %j', async (keys, message) => {
    await expect(serve(keys)).rejects.toThrow(message);
  });

  it.each<[string, () => void, string]>([
    ['no certificate', () => rmSync(file('server.pem')), ':5:18  the file'],
    [
      'a key that belongs to another certificate',
      () => write('server.key', second.key),
      ':6:10  it does not belong to the certificate',
    ],
    ['the intermediate first', () => write('server.pem', second.cert + first.cert), 'write the own certificate first'],
    [
      'half of a certificate',
      () => write('server.pem', first.cert.slice(0, 400)),
      'the file is not a list of whole certificates in PEM',
    ],
    ['a whole and a half one', () => write('server.pem', first.cert + second.cert.slice(0, 400)), 'whole certificates'],
    [
      'a certificate that is none',
      () => write('server.pem', first.cert.replace(/MII../, 'MIIAA')),
      'certificate 1 of the file is malformed',
    ],
    [
      'a key that is none',
      () => write('server.key', 'secret-of-the-key'),
      ':6:10  the file is no private key in PEM without a passphrase',
    ],
    ['no authority', () => write('clients.pem', first.cert), 'the certificate of CN=first is not one of an authority'],
  ])('refuses to start with %s', async (_, spoil, message) => {
    spoil();
    const failure = await serve(`    clientCertificates: { ca: ${file('clients.pem')} }\n`).catch(String);
    expect(failure).toContain(message);
    expect(failure).not.toContain('secret-of');
  });

  it('refuses to start with a certificate that has expired', async () => {
    await expect(serve('', new ManualClock(Date.now() + 40 * dayMs))).rejects.toThrow('the certificate expired at');
  });
});

describe('new files', () => {
  it('are used by new connections, without an end of those that are open', async () => {
    const clock = new ManualClock(Date.now());
    await serve('', clock);
    const open1 = await open();
    put(second);
    await afterLook(clock);
    expect(await served()).toBe('second');
    open1.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(String((await once(open1, 'data'))[0])).toContain('200 OK');
  });

  it('that do not fit together change nothing until they do, with one warning', async () => {
    const clock = new ManualClock(Date.now());
    await serve('', clock);
    write('server.pem', second.cert);
    await afterLook(clock);
    await afterLook(clock);
    expect(await served()).toBe('first');
    expect(warnings).toEqual([
      'new files of listen.tls are not used: those that were read last stay in use: it does not belong to the certificate',
    ]);
    write('server.key', second.key);
    await afterLook(clock);
    expect(await served()).toBe('second');
  });

  it.each<[string, () => void]>([
    ['is missing', () => rmSync(file('server.key'))],
    ['is empty', () => write('server.pem', '')],
    ['ends in the middle', () => write('server.pem', second.cert.slice(0, -60))],
    [
      'has a second certificate that is half written',
      () => write('server.pem', first.cert + second.cert.slice(0, 300)),
    ],
  ])('of which one %s change nothing', async (_, spoil) => {
    const clock = new ManualClock(Date.now());
    await serve('', clock);
    spoil();
    await afterLook(clock);
    expect(await served()).toBe('first');
    expect(warnings).toHaveLength(1);
  });

  it('are found behind a link that leads elsewhere', async () => {
    const clock = new ManualClock(Date.now());
    await serve('', clock);
    write('next.key', second.key);
    write('next.pem', second.cert);
    renameSync(file('next.key'), file('server.key'));
    renameSync(file('next.pem'), file('server.pem'));
    await afterLook(clock);
    expect(await served()).toBe('second');
  });

  it('end the sessions from before: a client certificate of an authority that was removed is asked for again', async () => {
    const clock = new ManualClock(Date.now());
    const other = new Authority('Other');
    await serve(`    clientCertificates: { ca: ${file('clients.pem')}, required: true }\n`, clock, 'shared');
    const client = authority.issue({ name: '/CN=client' });
    const socket = await open(client);
    const session = await new Promise<Buffer>((resolve) => socket.once('session', resolve));
    expect((await open({ ...client, session })).isSessionReused()).toBe(true);
    write('clients.pem', other.cert);
    await afterLook(clock);
    const again = await open({ ...client, session });
    expect(again.isSessionReused()).toBe(false);
    // In TLS 1.3 the client learns of it after its own end of the handshake.
    if (!again.closed) await once(again, 'close');
  });

  it('are not looked at any more once the server is closed', async () => {
    const clock = new ManualClock(Date.now());
    await serve('', clock);
    expect(clock.timerCount).toBeGreaterThan(0);
    const closed = server && once(server, 'close');
    server?.close();
    await closed;
    expect(clock.timerCount).toBe(0);
  });
});

describe('the expiry', () => {
  it('is counted down, and warned of once a day from the time on that the policy says', async () => {
    const clock = new ManualClock(Date.now());
    const entry = await serve('    warnBefore: 72h\n', clock);
    expect(entry.expiresInSeconds / 86_400).toBeCloseTo(30, 1);
    await clock.advance(26.9 * dayMs);
    expect(warnings).toEqual([]);
    await clock.advance(2 * dayMs);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toMatch(/^the certificate of listen\.tls expires at 20\d\d-/);
    await clock.advance(3 * dayMs);
    expect(entry.expiresInSeconds).toBeLessThan(0);
    expect(warnings.at(-1)).toMatch(/^the certificate of listen\.tls expired at /);
  });

  it('is that of the first certificate of the chain', async () => {
    const soon = authority.issue({ name: '/CN=intermediate', days: 3 });
    write('server.pem', first.cert + soon.cert);
    const entry = await serve();
    expect(entry.expiresInSeconds / 86_400).toBeCloseTo(3, 1);
  });
});

it('a session that one process began is resumed by the others', async () => {
  await serve('    minVersion: TLSv1.3\n', undefined, 'shared');
  const socket = await open();
  const session = await new Promise<Buffer>((resolve) => socket.once('session', resolve));
  server?.close();
  await serve('    minVersion: TLSv1.3\n', undefined, 'shared');
  expect((await open({ session })).isSessionReused()).toBe(true);
  await serve('    minVersion: TLSv1.3\n', undefined, 'other');
  expect((await open({ session })).isSessionReused()).toBe(false);
});
