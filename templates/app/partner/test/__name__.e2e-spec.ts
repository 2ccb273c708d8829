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
    upstreams: ['catalogue'],
  });
});
afterAll(() => app.stop());

describe('the __name__ app', () => {
  endpointSuite(() => app, [{ route: 'GET /v1/products', scope: 'catalogue:read' }]);

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

describe('the catalogue', () => {
  it('comes page by page', async () => {
    const token = await app.token('ada', 'catalogue:read');
    const first = await app.ask('GET /v1/products?limit=2', { token });
    expect(first).toMatchObject({ status: 200, body: { items: [{ sku: 'SKU-101' }, {}], next: expect.any(String) } });
  });

  it('refuses a cursor that the app did not issue', async () => {
    const token = await app.token('ada', 'catalogue:read');
    const response = await app.ask('GET /v1/products?cursor=made-up', { token });
    expect(response).toMatchObject({ status: 400, body: { code: 'cursor_unknown' } });
  });
});

describe('when services fail', () => {
  afterEach(() => app.world.clearFaults());

  it('returns a problem without the catalogue', async () => {
    await app.world.setFault('catalogue', { status: 503 });
    const response = await app.ask('GET /v1/products', { token: await app.token('ada', 'catalogue:read') });
    expect(response).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'page' } });
  });
});
