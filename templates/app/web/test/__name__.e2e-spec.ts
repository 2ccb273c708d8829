import { AppUnderTest } from '@frontage/testing/app-under-test';
import { egressTable } from '@frontage/testing/egress-table';
import { endpointSuite } from '@frontage/testing/endpoint-suite';
import { expectPinned } from '@frontage/testing/pinned-document';
import { routeTable } from '@frontage/testing/route-table';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { __Name__Module } from '../src/__name__.module.js';

let app: AppUnderTest;

beforeAll(async () => {
  app = await AppUnderTest.start(__Name__Module, {
    bff: '__name__',
    config: fileURLToPath(new URL('../bff.yaml', import.meta.url)),
    upstreams: ['users', 'orders', 'content'],
  });
});
afterAll(() => app.stop());

describe('the __name__ app', () => {
  endpointSuite(() => app, [{ route: 'GET /home', scope: 'home:read' }]);

  it('has the routes that were reviewed', async () => {
    await expect(routeTable(app.description)).toMatchFileSnapshot('../routes.gen.md');
  });

  it('sends the classified members that were reviewed', async () => {
    await expect(egressTable(app.description)).toMatchFileSnapshot('../egress.gen.md');
  });

  it('promises its clients what was reviewed', async () => {
    await expectPinned(app.document, new URL('../openapi.gen.json', import.meta.url));
  });
});

describe('when services fail', () => {
  afterEach(() => app.world.clearFaults());

  it('shows the greeting without banners, and names the missing part', async () => {
    await app.world.setFault('content', { status: 503 });
    const response = await app.ask('GET /home', { token: await app.token('ada', 'home:read') });
    expect(response).toMatchObject({
      status: 200,
      body: { greeting: 'Hello Ada Lovelace', banners: [], _parts: { banners: { status: 'error', source: 'fallback' } } },
    });
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  it('returns a problem for the home screen without orders', async () => {
    await app.world.setFault('orders', { status: 503 });
    const response = await app.ask('GET /home', { token: await app.token('ada', 'home:read') });
    expect(response).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'recent' } });
  });
});
