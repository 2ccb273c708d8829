import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from '@frontage/testing';
import { AppUnderTest } from '@frontage/testing/app-under-test';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';

const session: readonly string[] = JSON.parse(
  readFileSync(new URL('fixtures/browsing-session.json', import.meta.url), 'utf8'),
);
const folder = mkdtempSync(join(tmpdir(), 'session-'));
const upstreams = 'users catalogue inventory carts orders shipping reviews recommendations content'.split(' ');

let app: AppUnderTest;
beforeAll(async () => {
  const screens = ['home', 'product', 'cart', 'order'].map(
    (name) => `  mobile.${name}: { etag: true, deltas: true }\n`,
  );
  const config = join(folder, 'bff.yaml');
  writeFileSync(config, `extends: ${join(workspaceRoot, 'apps/mobile/bff.yaml')}\nscreens:\n${screens.join('')}`);
  app = await AppUnderTest.start(MobileModule, { bff: 'mobile', config, upstreams });
});
afterAll(async () => {
  await app?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Sums {
  reads: number;
  whole: number;
  notModified: number;
  withTags: number;
  deltas: number;
  withDeltas: number;
}

/** One visit of a shopper, once as it is, once by a client with tags, once by one that merges. */
async function visit(): Promise<Sums> {
  const scopes = ['home:read', 'catalogue:read', 'cart:read', 'cart:write', 'orders:read'];
  const token = await app.token('ada', ...scopes);
  const authorization = `Bearer ${token}`;
  const ask = async (path: string, headers: Readonly<Record<string, string>>) => {
    const response = await fetch(app.url + path, { headers: { authorization, ...headers } });
    return { status: response.status, head: response.headers, bytes: (await response.arrayBuffer()).byteLength };
  };
  const tags = new Map<string, string>();
  const digests = new Map<string, string>();
  const sums: Sums = { reads: 0, whole: 0, notModified: 0, withTags: 0, deltas: 0, withDeltas: 0 };
  for (const step of session) {
    const [method = '', path = ''] = step.split(' ');
    if (method === 'POST') {
      const body = { sku: 'SKU-205' };
      expect((await app.ask(step, { token, body, headers: { 'idempotency-key': crypto.randomUUID() } })).status).toBe(
        201,
      );
      continue;
    }
    const whole = await ask(path, {});
    expect(whole.status, step).toBe(200);
    const tagged = await ask(path, { 'if-none-match': tags.get(path) ?? '"none"' });
    tags.set(path, tagged.head.get('etag') ?? '');
    const merged = await ask(path, { 'frontage-have': digests.get(path) ?? '' });
    digests.set(path, merged.head.get('frontage-digests') ?? '');
    sums.reads += 1;
    sums.whole += whole.bytes;
    sums.notModified += tagged.status === 304 ? 1 : 0;
    sums.withTags += tagged.bytes;
    sums.deltas += (merged.head.get('content-type') ?? '').includes('delta') ? 1 : 0;
    sums.withDeltas += merged.bytes;
  }
  return sums;
}

it('tags and deltas save most of the bytes of a visit', async () => {
  const sums = await visit();
  const { reads, whole, notModified, withTags, deltas, withDeltas } = sums;
  if (process.env['FRONTAGE_FIGURES'] !== undefined) console.log(sums);
  // Ten of the reads are for a page that was open before.
  expect(notModified / reads).toBeGreaterThan(0.4);
  expect(deltas).toBeGreaterThanOrEqual(notModified);
  expect(withTags / whole).toBeLessThan(0.6);
  expect(withDeltas / whole).toBeLessThan(0.6);
});
