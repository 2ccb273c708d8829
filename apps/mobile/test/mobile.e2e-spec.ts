import { AppUnderTest } from '@frontage/testing/app-under-test';
import { egressTable } from '@frontage/testing/egress-table';
import { endpointSuite } from '@frontage/testing/endpoint-suite';
import { expectPinned } from '@frontage/testing/pinned-document';
import { routeTable } from '@frontage/testing/route-table';
import { expectWithinBudgets } from '@frontage/testing/screen-budgets';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MobileModule } from '../src/mobile.module.js';

let app: AppUnderTest;

beforeAll(async () => {
  app = await AppUnderTest.start(MobileModule, {
    bff: 'mobile',
    config: fileURLToPath(new URL('../bff.yaml', import.meta.url)),
    upstreams: [
      'users',
      'catalogue',
      'inventory',
      'carts',
      'orders',
      'shipping',
      'reviews',
      'recommendations',
      'content',
    ],
    separate: ['content', 'orders'],
  });
});
afterAll(() => app.stop());

describe('the mobile app', () => {
  endpointSuite(
    () => app,
    [
      { route: 'GET /home', scope: 'home:read' },
      { route: 'GET /products/:id', path: '/products/p-101', scope: 'catalogue:read' },
      { route: 'GET /cart', scope: 'cart:read' },
      { route: 'POST /cart/items', scope: 'cart:write', body: { sku: 'SKU-205' }, status: 201 },
      { route: 'GET /orders/:id', path: '/orders/o-1006', scope: 'orders:read' },
    ],
  );

  it('has the routes that were reviewed', async () => {
    await expect(routeTable(app.description)).toMatchFileSnapshot('../routes.gen.md');
  });

  it('sends the classified members that were reviewed', async () => {
    await expect(egressTable(app.description)).toMatchFileSnapshot('../egress.gen.md');
  });

  it('promises its clients what was reviewed', async () => {
    await expectPinned(app.document, new URL('../openapi.gen.json', import.meta.url));
  });

  it('costs no more than was reviewed, and no more than its budgets', async () => {
    await expectWithinBudgets(app.description, new URL('../openapi.gen.json', import.meta.url));
  });
});

describe('the cart', () => {
  it('shows its lines in their order, with name and picture', async () => {
    const answer = await app.ask('GET /cart', { token: await app.token('grace', 'cart:read') });
    expect(answer.body).toMatchObject({
      itemCount: 1,
      lines: [{ sku: 'SKU-307', name: 'Desk lamp', image: 'https://img.shop.example/products/p-307/main/160.jpg' }],
    });
  });

  it('refuses more than the stock', async () => {
    const token = await app.token('grace', 'cart:write');
    const answer = await app.ask('POST /cart/items', { token, body: { sku: 'SKU-105', quantity: 1 } });
    expect(answer).toMatchObject({ status: 409, body: { code: 'not_enough_in_stock' } });
    expect(app.responses.violations('POST /cart/items', 409, answer.body)).toEqual([]);
  });

  it('refuses an article that is not for sale', async () => {
    const token = await app.token('grace', 'cart:write');
    const answer = await app.ask('POST /cart/items', { token, body: { sku: 'SKU-000' } });
    expect(answer).toMatchObject({ status: 422, body: { code: 'article_not_sold' } });
  });

  it('lists all wrong fields in one response', async () => {
    const token = await app.token('grace', 'cart:write');
    const answer = await app.ask('POST /cart/items', { token, body: { quantity: 100 } });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'GW_INVALID_INPUT', errors: [{ pointer: '/body/sku' }, { pointer: '/body/quantity' }] },
    });
  });
});

describe('an order', () => {
  // RELIABILITY A9
  it('of another customer looks like one that does not exist', async () => {
    const token = await app.token('grace', 'orders:read');
    const problem = {
      type: 'urn:frontage:problem:order_unknown',
      title: 'Not Found',
      status: 404,
      detail: 'There is no such order.',
      code: 'order_unknown',
      requestId: expect.any(String),
    };
    const foreign = await app.ask('GET /orders/o-1006', { token });
    expect(foreign.body).toEqual(problem);
    expect((await app.ask('GET /orders/o-9999', { token })).body).toEqual(problem);
    expect(app.responses.violations('GET /orders/:id', 404, foreign.body)).toEqual([]);
  });

  it('comes without its parcels where shipping is too slow', async () => {
    await app.world.setFault('shipping', { operation: 'getShipmentOfOrder', hang: true });
    const answer = await app.ask('GET /orders/o-1006', { token: await app.token('ada', 'orders:read') });
    await app.world.clearFaults('shipping');
    expect(answer).toMatchObject({
      status: 200,
      body: { parcels: null, _parts: { shipment: { status: 'timeout', source: 'none' } } },
    });
    expect(app.responses.violations('GET /orders/:id', 200, answer.body)).toEqual([]);
  });
});

describe('when services fail', () => {
  afterEach(() => app.world.clearFaults());

  it('shows the greeting without banners, and names the missing part', async () => {
    await app.world.kill('content');
    const answer = await app.ask('GET /home', { token: await app.token('ada', 'home:read') });
    await app.world.restart('content');
    expect(answer).toMatchObject({
      status: 200,
      body: {
        greeting: 'Hello Ada Lovelace',
        banners: [],
        _parts: { banners: { status: 'error', source: 'fallback' } },
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(app.responses.violations('GET /home', 200, answer.body)).toEqual([]);
  });

  it('returns a problem for the home screen without orders', async () => {
    await app.world.kill('orders');
    const answer = await app.ask('GET /home', { token: await app.token('ada', 'home:read') });
    await app.world.restart('orders');
    expect(answer).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'recent' } });
    expect(app.responses.violations('GET /home', 502, answer.body)).toEqual([]);
  });

  it('shows a product whose stock and rating are unknown', async () => {
    await app.world.setFault('inventory', { badPayload: true });
    await app.world.setFault('reviews', { status: 500 });
    const answer = await app.ask('GET /products/p-102', { token: await app.token('ada', 'catalogue:read') });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        id: 'p-102',
        stock: null,
        rating: null,
        _parts: { stock: { status: 'bad_payload' }, rating: { status: 'error' } },
      },
    });
    expect(app.responses.violations('GET /products/:id', 200, answer.body)).toEqual([]);
  });

  it('returns 404 for an unknown product and for an unknown path', async () => {
    const token = await app.token('ada', 'catalogue:read');
    expect(await app.ask('GET /products/p-999', { token })).toMatchObject({
      status: 404,
      body: { code: 'GW_NOT_FOUND', part: 'product' },
    });
    expect(await app.ask('GET /nothing', { token })).toMatchObject({
      status: 404,
      body: { code: 'GW_ROUTE_NOT_FOUND' },
    });
  });
});
