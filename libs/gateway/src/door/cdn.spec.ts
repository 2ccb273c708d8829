import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Get, Req } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { requestContextOf } from '@frontage/context';
import { ManualClock } from '@frontage/testing/manual-clock';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../create-gateway.js';
import { policyFile, specModule } from '../fixtures/gateway-under-test.js';

@Public()
@Controller()
class Addresses {
  @Get('client')
  client(@Req() request: object): string {
    return requestContextOf(request)?.clientAddress ?? '';
  }
}

const folder = mkdtempSync(join(tmpdir(), 'cdn-'));
const file = (name: string): string => join(folder, name);
const oldSecret = 'old-secret-of-the-cdn';
const newSecret = 'new-secret-of-the-cdn';
let gateway: Gateway | undefined;
beforeEach(() => {
  writeFileSync(file('addresses'), '# the CDN\n192.0.2.0/24\n127.0.0.1 # this machine\n\n');
  writeFileSync(file('secret'), `${oldSecret}\n`);
});
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Running {
  readonly url: string;
  readonly adminUrl: string;
  readonly clock: ManualClock;
}

async function start(behindCdn: string, listen = ''): Promise<Running> {
  const text = `bff: spec\nlisten: { port: 0, adminPort: 0${listen}, behindCdn: { clientAddress: Cf-Connecting-Ip, ${behindCdn} } }\nlog: { requests: false }\n`;
  const clock = new ManualClock(Date.now());
  const loaded = loadConfig(policyFile(text), { env: {}, environment: 'test' });
  gateway = createGateway(specModule({ controllers: [Addresses] }), { loaded, clock });
  const { url, adminUrl = '' } = await gateway.start();
  return { url, adminUrl, clock };
}

const ask = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/client`, { headers: { connection: 'close', ...headers } });
const secret = `originSecret: { header: X-Origin-Secret, file: ${file('secret')} }`;

describe('an app behind a CDN', () => {
  it('closes connections from elsewhere before it reads a byte, and counts them', async () => {
    const { url, adminUrl } = await start('addresses: 192.0.2.0/24');
    await expect(ask(url)).rejects.toThrow();
    await expect(fetch(`${url}/livez`)).rejects.toThrow();
    expect(await (await fetch(`${adminUrl}/metrics`)).text()).toContain('frontage_cdn_refused_connections_total 2\n');
  });

  it('serves nothing but health to the addresses of health checks', async () => {
    const { url } = await start('addresses: 192.0.2.0/24, healthFrom: 127.0.0.0/8');
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await ask(url)).status).toBe(403);
    expect((await fetch(`${url}/nothing`)).status).toBe(403);
  });

  it.each([
    [{ 'cf-connecting-ip': '203.0.113.7' }, '203.0.113.7'],
    [{ 'cf-connecting-ip': '2001:db8::7' }, '2001:db8::7'],
    [{ 'cf-connecting-ip': '203.0.113.7', 'x-forwarded-for': '198.51.100.1' }, '203.0.113.7'],
    [{ 'x-forwarded-for': '198.51.100.1' }, '127.0.0.1'],
    [{ 'cf-connecting-ip': 'somebody' }, '127.0.0.1'],
    [{}, '127.0.0.1'],
  ])('takes the address of the client from %j', async (headers, address) => {
    const { url } = await start('addresses: 127.0.0.1');
    expect(await (await ask(url, headers)).text()).toBe(address);
  });

  it('does not read the header of a peer that is no CDN (H7)', async () => {
    const { url } = await start('addresses: 192.0.2.0/24, healthFrom: 127.0.0.1');
    const response = await fetch(`${url}/livez`, { headers: { 'cf-connecting-ip': '203.0.113.7' } });
    expect(response.status).toBe(200);
  });

  it('reads its addresses from a file, and again when it changes', async () => {
    const { url, clock } = await start(`addressesFile: ${file('addresses')}`);
    expect((await ask(url)).status).toBe(200);
    writeFileSync(file('addresses'), '192.0.2.0/24\n');
    await clock.advance(2_000);
    await expect
      .poll(
        () =>
          ask(url).then(
            () => true,
            () => false,
          ),
        { interval: 5 },
      )
      .toBe(false);
    writeFileSync(file('addresses'), 'no address at all, and never taken\n');
    await clock.advance(2_000);
    await expect(ask(url)).rejects.toThrow();
  });

  it('refuses a request without the secret, and takes two while it is replaced', async () => {
    const { url, clock } = await start(`addresses: 127.0.0.1, ${secret}`);
    const status = async (value?: string): Promise<number> =>
      (await ask(url, value === undefined ? {} : { 'x-origin-secret': value })).status;
    expect([await status(), await status('wrong'), await status(newSecret), await status(oldSecret)]).toEqual([
      403, 403, 403, 200,
    ]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    writeFileSync(file('secret'), `${newSecret}\n${oldSecret}\n`);
    await clock.advance(2_000);
    await expect.poll(() => status(newSecret), { interval: 5 }).toBe(200);
    expect(await status(oldSecret)).toBe(200);
    writeFileSync(file('secret'), newSecret);
    await clock.advance(2_000);
    await expect.poll(() => status(oldSecret), { interval: 5 }).toBe(403);
    expect(await status(newSecret)).toBe(200);
  });

  it.each<[string, string, () => void]>([
    ['addresses: 300.0.0.1', '"300.0.0.1" is no address or network', () => undefined],
    [`addressesFile: ${file('addresses')}`, 'has no address', () => writeFileSync(file('addresses'), '# none\n')],
    [`addressesFile: ${file('none')}`, 'no such file', () => undefined],
    [
      `addresses: 127.0.0.1, ${secret}`,
      'write the secret, or the new one and the old one',
      () => writeFileSync(file('secret'), 'a\nb\nc\n'),
    ],
    [
      `addresses: 127.0.0.1, ${secret}`,
      'is not 16 visible ASCII characters',
      () => writeFileSync(file('secret'), 'short'),
    ],
    ['healthFrom: 127.0.0.1', 'nobody could connect', () => undefined],
    [
      `addresses: 127.0.0.1, originSecret: { header: CF-connecting-IP, file: a }`,
      'has the address of the client',
      () => undefined,
    ],
  ])('does not start with %s: %s', async (keys, message, spoil) => {
    spoil();
    const failure = await start(keys).catch(String);
    expect(failure).toContain(message);
    expect(failure).toMatch(/bff\d+\.yaml:2:/);
  });

  it('does not start beside `trustedProxies`, which would name another client', async () => {
    await expect(start('addresses: 127.0.0.1', ', trustedProxies: 1')).rejects.toThrow('remove "trustedProxies"');
  });

  it('sends the secret to no service', () => {
    const text = `bff: spec\nlisten: { port: 0, behindCdn: { addresses: 127.0.0.1, clientAddress: a, ${secret} } }\nupstreams: { shop: { urls: ['http://a.test'], forwardHeaders: [x-origin-secret] } }\n`;
    expect(() => loadConfig(policyFile(text), { env: {}, environment: 'test' })).toThrow('it goes to no service');
  });
});

describe('proxies that are named by their addresses (H7)', () => {
  const startBehind = async (proxies: string): Promise<string> => {
    const text = `bff: spec\nlisten: { port: 0, adminPort: 0, trustedProxies: ${proxies} }\nlog: { requests: false }\n`;
    const loaded = loadConfig(policyFile(text), { env: {}, environment: 'test' });
    gateway = createGateway(specModule({ controllers: [Addresses] }), { loaded });
    return (await gateway.start()).url;
  };
  const client = async (url: string, forwarded: string): Promise<string> =>
    (await ask(url, { 'x-forwarded-for': forwarded })).text();

  it('are believed up to the first address that is none of them', async () => {
    const url = await startBehind('[127.0.0.1, 10.0.0.0/8]');
    expect(await client(url, '203.0.113.7')).toBe('203.0.113.7');
    expect(await client(url, '198.51.100.1, 203.0.113.7, 10.1.2.3')).toBe('203.0.113.7');
  });

  it('are the only ones that are believed', async () => {
    const url = await startBehind('[10.0.0.0/8]');
    expect(await client(url, '203.0.113.7')).toBe('127.0.0.1');
  });

  it.each(['-1', '17', 'yes', '[]', '[somewhere]'])('are refused as %s', async (proxies) => {
    await expect(startBehind(proxies)).rejects.toThrow('a list of IP addresses and networks');
  });
});
