import { AppUnderTest } from '@frontage/testing/app-under-test';
import { egressTable } from '@frontage/testing/egress-table';
import { endpointSuite } from '@frontage/testing/endpoint-suite';
import { expectPinned } from '@frontage/testing/pinned-document';
import { routeTable } from '@frontage/testing/route-table';
import { expectWithinBudgets } from '@frontage/testing/screen-budgets';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PartnerModule } from '../src/partner.module.js';

let app: AppUnderTest;

beforeAll(async () => {
  app = await AppUnderTest.start(PartnerModule, {
    bff: 'partner',
    config: fileURLToPath(new URL('../bff.yaml', import.meta.url)),
    upstreams: ['catalogue', 'inventory', 'orders', 'carts', 'shipping'],
    separate: ['inventory'],
  });
});
afterAll(() => app.stop());

const newOrder = {
  lines: [
    { sku: 'SKU-304', quantity: 3 },
    { sku: 'SKU-305', quantity: 3 },
  ],
  addressId: 'ad-acme-1',
  reference: 'PO-5000',
};

describe('the partner app', () => {
  endpointSuite(
    () => app,
    [
      {
        route: 'GET /v1/products',
        path: '/v1/products?limit=5&category=office',
        scope: 'catalogue:read',
        user: 'acme',
      },
      { route: 'GET /v1/stock', path: '/v1/stock?skus=SKU-101,SKU-105', scope: 'stock:read', user: 'acme' },
      { route: 'GET /v1/orders', path: '/v1/orders?status=delivered', scope: 'orders:read', user: 'acme' },
      { route: 'GET /v1/orders/:id', path: '/v1/orders/o-1010', scope: 'orders:read', user: 'acme' },
      {
        route: 'POST /v1/orders',
        scope: 'orders:write',
        user: 'acme',
        headers: { 'idempotency-key': 'partner-suite-1' },
        body: newOrder,
        status: 201,
      },
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

interface Page {
  readonly items: readonly { readonly id: string; readonly updatedAt: string }[];
  readonly next: string | null;
}

describe('the catalogue', () => {
  it('comes page by page until `next` is missing', async () => {
    const token = await app.token('acme', 'catalogue:read');
    const ids: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await app.ask(`GET /v1/products?limit=10${cursor}`, { token });
      const page = body as Page;
      ids.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(ids).toHaveLength(24);
    expect(new Set(ids).size).toBe(24);
  });

  it('has only products changed since then', async () => {
    const token = await app.token('acme', 'catalogue:read');
    const since = '2026-09-20T00:00:00Z';
    const { body } = await app.ask(`GET /v1/products?updatedSince=${since}`, { token });
    const { items } = body as Page;
    expect(items.length).toBeGreaterThan(0);
    expect(items.every(({ updatedAt }) => updatedAt >= since)).toBe(true);
  });

  it('refuses an unknown cursor with 400', async () => {
    const answer = await app.ask('GET /v1/products?cursor=nonsense', {
      token: await app.token('acme', 'catalogue:read'),
    });
    expect(answer).toMatchObject({ status: 400, body: { code: 'cursor_unknown' } });
    expect(app.responses.violations('GET /v1/products', 400, answer.body)).toEqual([]);
  });

  it('lists all wrong parameters in one response', async () => {
    const token = await app.token('acme', 'catalogue:read');
    const answer = await app.ask('GET /v1/products?limit=1000&updatedSince=yesterday&category=', { token });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'GW_INVALID_INPUT',
        errors: [{ pointer: '/query/limit' }, { pointer: '/query/category' }, { pointer: '/query/updatedSince' }],
      },
    });
  });
});

describe('stock', () => {
  it('is requested in one call, and names unknown articles', async () => {
    await app.world.resetCalls();
    const token = await app.token('acme', 'stock:read');
    const answer = await app.ask('GET /v1/stock?skus=SKU-101,SKU-105,SKU-000,SKU-101', { token });
    expect(answer.body).toMatchObject({
      items: [
        { sku: 'SKU-101', state: 'in_stock' },
        { sku: 'SKU-105', available: 0, restockOn: '2026-12-18' },
      ],
      unknown: ['SKU-000'],
    });
    expect(await app.world.count('inventory')).toBe(1);
  });

  it.each(['', 'skus=', 'skus=a,,b', `skus=${Array.from({ length: 101 }, (_, index) => index).join(',')}`])(
    'is refused for %j',
    async (query) => {
      const answer = await app.ask(`GET /v1/stock?${query}`, { token: await app.token('acme', 'stock:read') });
      expect(answer).toMatchObject({ status: 400, body: { code: 'GW_INVALID_INPUT' } });
    },
  );

  it('is a problem while the service is away', async () => {
    await app.world.kill('inventory');
    const answer = await app.ask('GET /v1/stock?skus=SKU-101', { token: await app.token('acme', 'stock:read') });
    await app.world.restart('inventory');
    expect(answer).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'stock' } });
    expect(app.responses.violations('GET /v1/stock', 502, answer.body)).toEqual([]);
  });
});

describe('orders', () => {
  afterEach(() => app.world.clearFaults());

  it('are those of the partner, filtered by state', async () => {
    const token = await app.token('acme', 'orders:read');
    const answer = await app.ask('GET /v1/orders?status=delivered&status=shipped', { token });
    expect(answer.body).toMatchObject({
      items: [
        { number: 'A-2026-1010', state: 'shipped' },
        { number: 'A-2026-1009', state: 'delivered' },
        { number: 'A-2026-1008', state: 'delivered' },
      ],
      next: null,
    });
  });

  // RELIABILITY A9
  it('of another partner look like orders that do not exist', async () => {
    const token = await app.token('acme', 'orders:read');
    const problem = {
      type: 'urn:frontage:problem:order_unknown',
      title: 'Not Found',
      status: 404,
      detail: 'There is no such order.',
      code: 'order_unknown',
      requestId: expect.any(String),
    };
    expect((await app.ask('GET /v1/orders/o-1007', { token })).body).toEqual(problem);
    expect((await app.ask('GET /v1/orders/o-9999', { token })).body).toEqual(problem);
  });

  it('are placed once per key, and refused with the key of another order', async () => {
    const token = await app.token('acme', 'orders:write');
    const headers = { 'idempotency-key': 'po-5001-first' };
    const first = await app.ask('POST /v1/orders', { token, headers, body: newOrder });
    const again = await app.ask('POST /v1/orders', { token, headers, body: newOrder });
    expect(first).toMatchObject({ status: 201, body: { state: 'pending', reference: 'PO-5000', totalMinor: 50890 } });
    expect(again.body).toEqual(first.body);
    const other = { ...newOrder, reference: 'PO-5002' };
    expect(await app.ask('POST /v1/orders', { token, headers, body: other })).toMatchObject({
      status: 409,
      body: { code: 'order_conflict' },
    });
  });

  // RELIABILITY A10
  it('cannot be placed for another customer', async () => {
    const token = await app.token('acme', 'orders:write', 'orders:read');
    const headers = { 'idempotency-key': 'for-another-customer' };
    const body = { ...newOrder, customerId: 'ada', paymentMethodId: 'pm-ada-1' };
    const placed = await app.ask('POST /v1/orders', { token, headers, body });
    const { id } = placed.body as { readonly id: string };
    expect(await app.ask(`GET /v1/orders/${id}`, { token })).toMatchObject({ status: 200 });
  });

  it('are refused with a list of all wrong fields, headers included', async () => {
    const token = await app.token('acme', 'orders:write');
    const body = { lines: [{ sku: 'SKU-304', quantity: 0 }, { quantity: 1 }], reference: '' };
    const answer = await app.ask('POST /v1/orders', { token, body, headers: { 'idempotency-key': 'short' } });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        errors: [
          { pointer: '/header/idempotency-key' },
          { pointer: '/body/lines/0/quantity' },
          { pointer: '/body/lines/1/sku' },
          { pointer: '/body/reference' },
        ],
      },
    });
    expect(app.responses.violations('POST /v1/orders', 400, answer.body)).toEqual([]);
  });

  it('are not placed without a key', async () => {
    await app.world.resetCalls();
    const answer = await app.ask('POST /v1/orders', { token: await app.token('acme', 'orders:write'), body: newOrder });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/header/idempotency-key' }] } });
    expect(await app.world.count('orders')).toBe(0);
  });

  it('of articles that are not for sale are refused with 422', async () => {
    const answer = await app.ask('POST /v1/orders', {
      token: await app.token('acme', 'orders:write'),
      headers: { 'idempotency-key': 'article-not-for-sale' },
      body: { ...newOrder, lines: [{ sku: 'SKU-000', quantity: 1 }] },
    });
    expect(answer).toMatchObject({ status: 422, body: { code: 'order_impossible' } });
    expect(app.responses.violations('POST /v1/orders', 422, answer.body)).toEqual([]);
  });

  it('are sent again under their key when the first response is lost', async () => {
    await app.world.resetCalls();
    await app.world.setFault('orders', { operation: 'createOrder', status: 503, rate: 0.5 });
    const headers = { 'idempotency-key': 'lost-and-found' };
    const token = await app.token('acme', 'orders:write');
    const answers = [
      await app.ask('POST /v1/orders', { token, headers, body: newOrder }),
      await app.ask('POST /v1/orders', { token, headers, body: newOrder }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0]?.body).toEqual(answers[1]?.body);
    const keys = (await app.world.calls('orders')).map((call) => call.headers['idempotency-key']);
    expect(keys).toEqual(keys.map(() => 'lost-and-found'));
    expect(keys.length).toBeGreaterThan(2);
  });
});
