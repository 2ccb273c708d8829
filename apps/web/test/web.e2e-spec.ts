import { AppUnderTest } from '@frontage/testing/app-under-test';
import { egressTable } from '@frontage/testing/egress-table';
import { endpointSuite } from '@frontage/testing/endpoint-suite';
import { expectPinned } from '@frontage/testing/pinned-document';
import { routeTable } from '@frontage/testing/route-table';
import { expectWithinBudgets } from '@frontage/testing/screen-budgets';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebModule } from '../src/web.module.js';

let app: AppUnderTest;

beforeAll(async () => {
  app = await AppUnderTest.start(WebModule, {
    bff: 'web',
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
    separate: ['recommendations', 'users'],
  });
});
afterAll(() => app.stop());

const checkout = { addressId: 'ad-grace-1', paymentMethodId: 'pm-grace-1' };

describe('the web app', () => {
  endpointSuite(
    () => app,
    [
      { route: 'GET /', public: true },
      { route: 'GET /home', scope: 'home:read' },
      { route: 'GET /products/:id', path: '/products/p-101', scope: 'catalogue:read' },
      { route: 'GET /search', path: '/search?q=phone&brand=Orbit&sort=cheapest', scope: 'catalogue:read' },
      { route: 'GET /account', scope: 'account:read' },
      { route: 'POST /checkout', scope: 'orders:write', user: 'grace', body: checkout, status: 201 },
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

describe('a request that is wrong', () => {
  it('gets a list of all wrong fields', async () => {
    const token = await app.token('ada', 'catalogue:read');
    const answer = await app.ask('GET /search?q=%20&sort=best&page=0', { token });
    expect(answer).toMatchObject({ status: 400, body: { code: 'GW_INVALID_INPUT' } });
    expect(answer.body).toMatchObject({
      errors: [{ pointer: '/query/q' }, { pointer: '/query/sort' }, { pointer: '/query/page' }],
    });
    expect(app.responses.violations('GET /search', 400, answer.body)).toEqual([]);
  });

  it('gets a list of all wrong fields of its body', async () => {
    const token = await app.token('ada', 'orders:write');
    const answer = await app.ask('POST /checkout', { token, body: { addressId: '', note: 7 } });
    expect(answer).toMatchObject({
      status: 400,
      body: {
        errors: [{ pointer: '/body/addressId' }, { pointer: '/body/paymentMethodId' }, { pointer: '/body/note' }],
      },
    });
  });

  it('gets 404 for a product that does not exist', async () => {
    const answer = await app.ask('GET /products/p-999', { token: await app.token('ada', 'catalogue:read') });
    expect(answer).toMatchObject({ status: 404, body: { code: 'GW_NOT_FOUND', part: 'product' } });
    expect(app.responses.violations('GET /products/:id', 404, answer.body)).toEqual([]);
  });

  it('gets 404 for a path without a route', async () => {
    const answer = await app.ask('GET /nothing', { token: await app.token('ada', 'home:read') });
    expect(answer).toMatchObject({ status: 404, body: { code: 'GW_ROUTE_NOT_FOUND' } });
  });

  it('gets 400 for an unknown cursor', async () => {
    const answer = await app.ask('GET /account?cursor=nonsense', { token: await app.token('ada', 'account:read') });
    expect(answer).toMatchObject({ status: 400, body: { code: 'cursor_unknown' } });
  });
});

describe('search', () => {
  it('takes one brand or several, and sorts by the given order', async () => {
    const token = await app.token('ada', 'catalogue:read');
    const brands = async (query: string): Promise<unknown> => (await app.ask(`GET /search?${query}`, { token })).body;
    expect(await brands('q=phone&brand=Tann')).toMatchObject({ total: 1, products: [{ brand: 'Tann' }] });
    expect(await brands('q=phone&brand=Tann&brand=Orbit&sort=cheapest')).toMatchObject({
      products: [{ brand: 'Tann', stock: 'in stock' }, { brand: 'Orbit' }, { brand: 'Orbit' }, { brand: 'Orbit' }],
    });
  });

  it('finds nothing and requests no stock', async () => {
    await app.world.resetCalls();
    const answer = await app.ask('GET /search?q=zeppelin', { token: await app.token('ada', 'catalogue:read') });
    expect(answer).toMatchObject({ status: 200, body: { total: 0, products: [], suggestion: 'headphones' } });
    expect(answer.body).not.toHaveProperty('_parts');
    expect(await app.world.count('inventory')).toBe(0);
  });
});

const putIntoCart = (customer: string, sku: string): Promise<Response> =>
  fetch(`${app.world.url('carts')}/carts/${customer}/items`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sku, quantity: 1 }),
  });

describe('checkout', () => {
  it('places one order of the articles in the cart, under a key of the cart', async () => {
    await app.world.resetCalls();
    const token = await app.token('ada', 'orders:write');
    const body = { addressId: 'ad-ada-2', paymentMethodId: 'pm-ada-2', note: 'Ring twice.' };
    const answer = await app.ask('POST /checkout', { token, body });
    expect(answer).toMatchObject({
      status: 201,
      body: { state: 'awaiting payment', lineCount: 3, shipTo: { line1: '1 Engine Works' } },
    });
    const calls = await app.world.calls('orders');
    expect(calls.map(({ operation, headers }) => [operation, headers['idempotency-key']])).toEqual([
      ['createOrder', 'checkout-c-ada-3'],
    ]);
    expect(await app.ask('POST /checkout', { token, body })).toMatchObject({
      status: 409,
      body: { code: 'cart_empty' },
    });
    expect(await app.world.count('orders')).toBe(1);
  });

  // RELIABILITY A9
  it.each([
    ['an address', { addressId: 'ad-ada-1', paymentMethodId: 'pm-grace-1' }, 'address_unknown'],
    ['a way to pay', { addressId: 'ad-grace-1', paymentMethodId: 'pm-ada-1' }, 'payment_unknown'],
  ])('refuses %s of another customer', async (_, body, code) => {
    await putIntoCart('grace', 'SKU-205');
    await app.world.resetCalls();
    const answer = await app.ask('POST /checkout', { token: await app.token('grace', 'orders:write'), body });
    expect(answer).toMatchObject({ status: 422, body: { code } });
    expect(app.responses.violations('POST /checkout', 422, answer.body)).toEqual([]);
    expect(await app.world.count('orders')).toBe(0);
  });
});

describe('when services fail', () => {
  afterEach(() => app.world.clearFaults());

  it('returns the page without its optional parts, and names them', async () => {
    await app.world.kill('recommendations');
    const answer = await app.ask('GET /home', { token: await app.token('ada', 'home:read') });
    await app.world.restart('recommendations');
    expect(answer).toMatchObject({
      status: 200,
      body: { suggestions: null, _parts: { suggested: { status: 'error', source: 'none' } } },
    });
    expect(Object.keys((answer.body as { readonly _parts: object })._parts)).toEqual(['suggested']);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(app.responses.violations('GET /home', 200, answer.body)).toEqual([]);
  });

  it('returns a problem where a required part fails', async () => {
    await app.world.kill('users');
    const answer = await app.ask('GET /home', { token: await app.token('ada', 'home:read') });
    await app.world.restart('users');
    expect(answer).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'profile' } });
    expect(app.responses.violations('GET /home', 502, answer.body)).toEqual([]);
  });

  it('marks the one parcel that is missing', async () => {
    await app.world.setFault('shipping', { operation: 'getParcel', badPayload: 'html', rate: 0.2 });
    const answer = await app.ask('GET /home', { token: await app.token('ada', 'home:read') });
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveProperty('_parts.parcels.items');
    const { orders, _parts } = answer.body as {
      readonly orders: readonly { readonly parcel: unknown }[];
      readonly _parts: { readonly parcels: { readonly items: Readonly<Record<string, string>> } };
    };
    expect(Object.values(_parts.parcels.items)).toEqual(['bad_payload']);
    const [missing] = Object.keys(_parts.parcels.items);
    expect(orders.flatMap(({ parcel }, index) => (parcel === null ? [String(index)] : []))).toEqual([missing]);
  });

  it('places no order while the cart cannot be read', async () => {
    await app.world.resetCalls();
    await app.world.setFault('carts', { operation: 'getCart', status: 503 });
    const answer = await app.ask('POST /checkout', { token: await app.token('grace', 'orders:write'), body: checkout });
    expect(answer).toMatchObject({ status: 502, body: { part: 'cart' } });
    expect(app.responses.violations('POST /checkout', 502, answer.body)).toEqual([]);
    expect(await app.world.count('orders')).toBe(0);
  });
});
