import { lookup } from 'node:dns';
import type { BffConfig, UpstreamConfig } from '@frontage/config';
import { DnsServer } from '@frontage/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Mobile } from './mobile.js';

let server: DnsServer;
let mobile: Mobile;

/** The same upstream by a name in place of its address. */
function byName(upstream: UpstreamConfig | undefined, name: string): UpstreamConfig {
  if (upstream === undefined) throw new Error(`there is no upstream for ${name}`);
  return { ...upstream, urls: upstream.urls.map((url) => url.replace('127.0.0.1', name)) };
}

const withNames = (policy: BffConfig): BffConfig => ({
  ...policy,
  dns: { ...policy.dns, servers: [server.address], timeoutMs: 2_000 },
  upstreams: {
    ...policy.upstreams,
    content: byName(policy.upstreams['content'], 'content.test'),
    carts: byName(policy.upstreams['carts'], 'carts.test'),
  },
});

beforeAll(async () => {
  server = await DnsServer.start({ 'carts.test': { addresses: ['127.0.0.1'], ttl: 1 }, 'content.test': 'hang' });
  mobile = await Mobile.start([], withNames, ['carts.test', 'content.test']);
});
afterAll(async () => {
  await mobile.stop();
  await server.stop();
});
afterEach(() => {
  server.replyToAll = undefined;
});

describe('a name server that hangs for one optional upstream (RELIABILITY F31)', () => {
  it('delays no page that does not use it, and costs the others that part alone', async () => {
    await mobile.get('/cart');
    const homes = Promise.all(Array.from({ length: 40 }, () => mobile.get('/home')));
    const carts = await Promise.all(Array.from({ length: 40 }, () => mobile.get('/cart')));
    for (const { status, body } of carts) {
      expect(status).toBe(200);
      expect(Object.keys(body['_parts'] ?? {})).not.toContain('cart');
    }
    for (const { status, body } of await homes) {
      expect(status).toBe(200);
      expect(Object.keys(body['_parts'] ?? {})).toEqual(['banners']);
    }
    expect(server.asked.filter((name) => name === 'content.test').length).toBeLessThanOrEqual(4);
  });

  it('leaves the pool of threads to others', async () => {
    const homes = Promise.all(Array.from({ length: 20 }, () => mobile.get('/home')));
    const began = performance.now();
    // Any work of that pool would wait behind questions that hang there.
    await new Promise((resolve) => lookup('localhost', resolve));
    expect(performance.now() - began).toBeLessThan(1_000);
    await homes;
  });

  it('is not noticed once an address was known: it serves on', async () => {
    await mobile.get('/cart');
    for (const reply of ['hang', 'servfail', 'refused'] as const) {
      server.replyToAll = reply;
      // Longer than the record is valid.
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const { status, tookMs } = await mobile.get('/cart');
      expect(status).toBe(200);
      expect(tookMs).toBeLessThan(1_500);
    }
  });
});
