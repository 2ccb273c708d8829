import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DnsServer, type DnsReply } from '@frontage/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppProcess } from './app-process.js';

async function shopWith(
  policy: string,
  replies: Readonly<Record<string, DnsReply>>,
  env: Readonly<Record<string, string>> = {},
): Promise<AppProcess> {
  const dns = await DnsServer.start(replies);
  const folder = mkdtempSync(join(tmpdir(), 'names-'));
  onTestFinished(async () => {
    await dns.stop();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, 'bff.yaml');
  const own = `rateClasses: { few: [{ per: app, limit: 3, window: 1m }] }\ndns: { servers: ['${dns.address}'], timeout: 2s }\n`;
  writeFileSync(file, `bff: shop\n${policy}${own}`);
  return new AppProcess({ script: 'test/process/fixtures/shop.main.ts', env: { SHOP_POLICY: file, ...env } });
}

const access =
  'access: { jwt: { issuer: "https://id.corp.test", audience: shop, jwks: "https://id.corp.test/jwks.json" } }\n';

describe('a start without network names', () => {
  it('serves, and says which name it waits for', async () => {
    const app = await shopWith(`listen: { port: 0 }\n${access}`, { 'id.corp.test': 'hang' });
    const { url } = await app.ready();
    expect((await fetch(`${url}/who`)).status).toBe(200);
    await expect
      .poll(() => app.stderr, { timeout: 10_000 })
      .toMatch(/bff\.yaml:3:72\): tokens cannot be checked until it has one/);
    app.signal('SIGTERM');
    const { code, stderr } = await app.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(
      /^waits for the name "id\.corp\.test" \(\S+bff\.yaml:3:72\): tokens cannot be checked until it has an address$/m,
    );
  });

  it('says so of a name that does not exist', async () => {
    const app = await shopWith(`listen: { port: 0 }\n${access}`, {});
    await app.ready();
    await expect
      .poll(() => app.stderr, { timeout: 10_000 })
      .toMatch(
        /^the name "id\.corp\.test" has no address \(\S+bff\.yaml:3:72\): tokens cannot be checked until it has one$/m,
      );
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(0);
  });

  it('listens where the name that it is to listen on says', async () => {
    const policy = 'listen: { port: 0, host: shop.corp.test }\n';
    const app = await shopWith(policy, { 'shop.corp.test': { addresses: ['127.0.0.1'] } });
    const { url } = await app.ready();
    expect((await fetch(`${url}/who`)).status).toBe(200);
    app.signal('SIGTERM');
    expect((await app.ended).code).toBe(0);
  });

  it('ends where it cannot listen, with the place and what to write, having said what it waits for', async () => {
    const app = await shopWith('listen: { port: 0, host: shop.corp.test }\n', { 'shop.corp.test': 'hang' });
    const { code, stderr } = await app.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^waits for the name "shop\.corp\.test" \(\S+bff\.yaml:2:26\)$/m);
    expect(stderr).toMatch(
      /bff\.yaml:2:26 {2}this app cannot listen here: no address for the name "shop\.corp\.test": .*; write an IP address$/m,
    );
    expect(stderr).not.toContain('    at ');
  });
});

describe('the environment of a start', () => {
  it('is cleaned, in one line of warning each', async () => {
    const env = { SHOP_PORT: '0\r\n', SHOP_HOST: '"127.0.0.1"', SHOP_SERVICE_HOST: '10.0.0.1' };
    const app = await shopWith('listen: { port: "${SHOP_PORT}", host: "${SHOP_HOST}" }\n', {}, env);
    await app.ready();
    app.signal('SIGTERM');
    const { stderr } = await app.ended;
    expect(stderr).toMatch(/bff\.yaml:2:17 {2}warning: variable SHOP_PORT ends with a line break, which is left out$/m);
    expect(stderr).toMatch(/bff\.yaml:2:39 {2}warning: variable SHOP_HOST stands in quotes/m);
  });

  it('may hold a service link of Kubernetes', async () => {
    const env = { SHOP_PORT: 'tcp://10.0.0.1:80' };
    const app = await shopWith('listen: { port: "${SHOP_PORT:-0}" }\n', {}, env);
    await app.ready();
    app.signal('SIGTERM');
    expect((await app.ended).stderr).toMatch(/warning: variable SHOP_PORT is not used: .*service link/);
    const refused = await (await shopWith('listen: { port: "${SHOP_PORT}" }\n', {}, env)).ended;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(
      /bff\.yaml:2:17 {2}variable SHOP_PORT is not set .*service link that Kubernetes sets for the service "shop"/,
    );
  });

  it.each([
    ['http://::1:4100', 'brackets'],
    ['redis:6379', 'redis://'],
    ['redis://:hidden@cache.test:99999', 'port'],
  ])('with an address of Redis such as %s ends with the place in place of a stack', async (url, said) => {
    const { code, stderr } = await (
      await shopWith('listen: { port: 0 }\nredis: { url: "${REDIS}" }\n', {}, { REDIS: url })
    ).ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/bff\.yaml:3:15 {2}expected a URL that begins with redis:\/\/ or rediss:\/\//);
    if (said !== 'brackets') expect(stderr).toContain(said);
    expect(stderr).not.toMatch(/hidden|\n {4}at /);
  });
});
