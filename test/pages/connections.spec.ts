import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@frontage/config';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, expect, it } from 'vitest';

const page = readFileSync(join(workspaceRoot, 'docs/connections.md'), 'utf8');
const policies = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);

const folder = mkdtempSync(join(tmpdir(), 'connections-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const load = (index: number, text = policies[index] ?? '') => {
  const file = join(folder, `${index}.yaml`);
  writeFileSync(file, text);
  return loadConfig(file, { env: {} }).upstreams;
};

it('the page about connections shows HTTP/2 with its defaults, carried by undici', () => {
  const { orders, prices } = load(0);
  expect(orders).toEqual({ ...prices, urls: ['https://orders.internal'] });
  expect(prices).toMatchObject({ transport: 'undici', protocol: 'h2', streams: 100, connections: 4 });
});

it('the page about connections shows TLS whose files begin at the folder of the policy', () => {
  expect(load(1)['orders']?.tls).toEqual({
    ca: join(folder, 'tls/company-ca.pem'),
    certificate: join(folder, 'tls/shop.pem'),
    key: join(folder, 'tls/shop.key'),
    serverName: 'orders.internal',
    minVersion: 'TLSv1.3',
    reloadMs: 2_000,
  });
});

it('a proxy makes undici the transport, and axios stays what it is', () => {
  const keys = 'bff: shop\nlisten: { port: 4001 }\nproxy: http://gate.internal:3128\nupstreams:\n';
  const upstreams = load(
    2,
    `${keys}  a: { urls: [http://a.test] }\n  b: { urls: [http://b.test], proxy: off }\n  c: { urls: [http://c.test], transport: axios }\n`,
  );
  expect(Object.values(upstreams).map(({ transport }) => transport)).toEqual(['undici', 'direct', 'axios']);
});
