import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RecordedServices } from './recorded-services.js';

let folder = '';
let services: RecordedServices;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-recorded-'));
  await mkdir(join(folder, 'orders'));
  const headers = { 'content-type': 'application/json' };
  const files = [
    {
      request: { method: 'GET', target: '/orders?limit=2&page=1' },
      response: { status: 200, headers, body: [{ id: 'o-1' }] },
    },
    {
      request: { method: 'GET', target: '/users/[redacted]?key=[redacted]' },
      response: { status: 404, headers, body: null },
    },
    {
      request: { method: 'GET', target: '/big' },
      response: { status: 200, headers, bodyText: '{"id":9007199254740993}' },
    },
    {
      // printf '{"ids":[1]}' | sha256sum
      request: {
        method: 'POST',
        target: '/search',
        bodySha256: '8b7c1eaa1f5075f74aa267e37733ca507cb8af3f2f6b1a45982ebb0d99ca437c',
      },
      response: { status: 200, headers: { ...headers, etag: '"1"' }, body: { found: 1 } },
    },
  ];
  for (const [index, file] of files.entries())
    await writeFile(join(folder, 'orders', `${index}.json`), JSON.stringify(file));
  services = await RecordedServices.start(folder);
});
afterAll(async () => {
  await services.stop();
  await rm(folder, { recursive: true, force: true });
});

async function get(target: string, init?: RequestInit): Promise<{ status: number; text: string }> {
  const response = await fetch(`${services.url('orders')}${target}`, init);
  return { status: response.status, text: await response.text() };
}

describe('recorded services', () => {
  it('respond as it was recorded, whatever the order of the query', async () => {
    expect(services.upstreams).toEqual(['orders']);
    expect(await get('/orders?page=1&limit=2')).toEqual({ status: 200, text: '[{"id":"o-1"}]' });
    expect(await get('/big')).toEqual({ status: 200, text: '{"id":9007199254740993}' });
  });

  it('take any text where a secret was taken out', async () => {
    expect(await get('/users/ada%40example.org?key=k-1')).toEqual({ status: 404, text: 'null' });
  });

  it('refuse what was not recorded, and keep a list of it', async () => {
    expect((await get('/orders?limit=3&page=1')).status).toBe(501);
    expect((await get('/orders', { method: 'DELETE' })).status).toBe(501);
    expect((await get('/search', { method: 'POST', body: '{"ids":[2]}' })).status).toBe(501);
    expect(services.missed).toEqual([
      'orders GET /orders?limit=3&page=1',
      'orders DELETE /orders',
      'orders POST /search',
    ]);
  });

  it('tell requests with other bodies apart', async () => {
    expect(await get('/search', { method: 'POST', body: '{"ids":[1]}' })).toEqual({ status: 200, text: '{"found":1}' });
  });

  it('are refused at the start where there is nothing to serve, or a file is no recorded response', async () => {
    await expect(RecordedServices.start(join(folder, 'none'))).rejects.toThrow(
      'has no recorded responses: npm run dev --',
    );
    await mkdir(join(folder, 'other/orders'), { recursive: true });
    await writeFile(join(folder, 'other/orders/a.json'), '{"request":{}}');
    await expect(RecordedServices.start(join(folder, 'other'))).rejects.toThrow('a.json is no recorded response');
    await rm(join(folder, 'other'), { recursive: true });
  });
});
