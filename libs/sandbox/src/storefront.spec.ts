import { readContract, type ContractDocument } from '@frontage/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { findContracts } from './contract/contract-files.js';
import { ContractChecks } from './contract/contract-checks.js';
import { createSandbox, type Sandbox } from './sandbox.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const names = new Set([
  'users',
  'catalogue',
  'inventory',
  'carts',
  'orders',
  'shipping',
  'reviews',
  'recommendations',
  'content',
]);
const files = (await findContracts(root)).filter(({ upstream }) => names.has(upstream));
const contracts = new Map<string, ContractDocument>();
for (const { upstream, file } of files) contracts.set(upstream, await readContract(file));

let sandbox: Sandbox;
const fresh = async (): Promise<() => Promise<void>> => {
  sandbox = await createSandbox({ contracts: files });
  return () => sandbox.close();
};

/** The members of responses that the tests below read. */
interface Body {
  readonly id: string;
  readonly sku: string;
  readonly productId: string;
  readonly orderId: string;
  readonly parcelId: string;
  readonly categoryId: string;
  readonly state: string;
  readonly next: string | null;
  readonly amount: number;
  readonly total: Body;
  readonly subtotal: Body;
  readonly shippingCost: Body;
  readonly discount: Body | null;
  readonly items: readonly Body[];
  readonly lines: readonly Body[];
}

interface TestResponse {
  readonly status: number;
  readonly body: Body;
  readonly headers: Headers;
}

async function ask(target: string, init: RequestInit = {}): Promise<TestResponse> {
  const response = await fetch(sandbox.url + target, init);
  const text = await response.text();
  const body = (text === '' ? undefined : JSON.parse(text)) as Body;
  return { status: response.status, body, headers: response.headers };
}

const send = (
  method: string,
  target: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<TestResponse> =>
  ask(target, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });

const address = { recipient: 'Ada', line1: 'Street 1', line2: null, postalCode: '1', city: 'London', country: 'GB' };
const order = { customerId: 'ada', lines: [{ sku: 'SKU-205', quantity: 2 }], shippingAddress: address };
const place = (key: string, body: unknown = order): Promise<TestResponse> =>
  send('POST', '/orders/orders', body, { 'idempotency-key': key });

/** Every operation with each of its statuses: operation, status, request. */
const requests: readonly (readonly [operation: string, status: number, ask: () => Promise<TestResponse>])[] = [
  ...['ada', 'grace', 'linus', 'acme'].flatMap((id) => [
    ['users.getUser', 200, () => ask(`/users/users/${id}`)] as const,
    ['users.listAddresses', 200, () => ask(`/users/users/${id}/addresses?purpose=SHIPPING`)] as const,
    ['users.listPaymentMethods', 200, () => ask(`/users/users/${id}/payment-methods`)] as const,
    ['carts.getCart', 200, () => ask(`/carts/carts/${id}`)] as const,
    [
      'orders.listOrders',
      200,
      () => ask(`/orders/orders?customerId=${id}&status=PAID&status=SHIPPED&limit=2`),
    ] as const,
    [
      'recommendations.listRecommendations',
      200,
      () => ask(`/recommendations/customers/${id}/recommendations`),
    ] as const,
  ]),
  ['users.getUser', 404, () => ask('/users/users/nobody')],
  ['users.listAddresses', 404, () => ask('/users/users/nobody/addresses')],
  ['users.listPaymentMethods', 404, () => ask('/users/users/nobody/payment-methods')],
  ['catalogue.listProducts', 200, () => ask('/catalogue/products?limit=100')],
  ['catalogue.listProducts', 422, () => ask('/catalogue/products?cursor=mine')],
  ['catalogue.getProduct', 200, () => ask('/catalogue/products/p-101')],
  ['catalogue.getProduct', 404, () => ask('/catalogue/products/p-999')],
  [
    'catalogue.searchProducts',
    200,
    () => ask('/catalogue/search?q=wireless&sort=PRICE_ASCENDING&brand=Tacto&brand=Northsound'),
  ],
  ['catalogue.searchProducts', 422, () => ask('/catalogue/search?q=a&minPrice=2&maxPrice=1')],
  ['catalogue.listCategories', 200, () => ask('/catalogue/categories')],
  ['inventory.getStock', 200, () => ask('/inventory/stock/SKU-105')],
  ['inventory.getStock', 404, () => ask('/inventory/stock/none')],
  ['inventory.listStock', 200, () => ask('/inventory/stock?skus=SKU-101,none,SKU-404')],
  ['carts.getCart', 404, () => ask('/carts/carts/nobody')],
  ['carts.clearCart', 404, () => ask('/carts/carts/nobody', { method: 'DELETE' })],
  ['carts.addCartItem', 201, () => send('POST', '/carts/carts/ada/items', { sku: 'SKU-101', quantity: 1 })],
  ['carts.addCartItem', 404, () => send('POST', '/carts/carts/nobody/items', { sku: 'SKU-101', quantity: 1 })],
  ['carts.addCartItem', 409, () => send('POST', '/carts/carts/ada/items', { sku: 'SKU-105', quantity: 1 })],
  ['carts.addCartItem', 422, () => send('POST', '/carts/carts/ada/items', { sku: 'none', quantity: 1 })],
  ['carts.updateCartItem', 200, () => send('PATCH', '/carts/carts/ada/items/l-1', { quantity: 3 })],
  ['carts.updateCartItem', 404, () => send('PATCH', '/carts/carts/ada/items/l-9', { quantity: 3 })],
  ['carts.updateCartItem', 422, () => send('PATCH', '/carts/carts/ada/items/l-1', { quantity: 99 })],
  ['carts.removeCartItem', 200, () => ask('/carts/carts/ada/items/l-1', { method: 'DELETE' })],
  ['carts.removeCartItem', 404, () => ask('/carts/carts/ada/items/l-9', { method: 'DELETE' })],
  ['carts.clearCart', 204, () => ask('/carts/carts/ada', { method: 'DELETE' })],
  ['orders.listOrders', 422, () => ask('/orders/orders?customerId=ada&cursor=mine')],
  ['orders.getOrder', 200, () => ask('/orders/orders/o-1001')],
  ['orders.getOrder', 404, () => ask('/orders/orders/o-1')],
  ['orders.createOrder', 201, () => place('key-00001')],
  ['orders.createOrder', 409, () => place('key-00002', { ...order, lines: [{ sku: 'SKU-105', quantity: 1 }] })],
  ['orders.createOrder', 422, () => place('key-00003', { customerId: 'ada' })],
  ['orders.cancelOrder', 200, () => send('PUT', '/orders/orders/o-1007/cancellation', { reason: 'OTHER' })],
  ['orders.cancelOrder', 404, () => send('PUT', '/orders/orders/o-1/cancellation', { reason: 'OTHER' })],
  ['orders.cancelOrder', 409, () => send('PUT', '/orders/orders/o-1005/cancellation', { reason: 'OTHER' })],
  ...['1001', '1002', '1004', '1005', '1006', '1007'].map(
    (no) => ['shipping.getParcel', 200, () => ask(`/shipping/parcels/pc-${no}`)] as const,
  ),
  ['shipping.getParcel', 404, () => ask('/shipping/parcels/pc-1')],
  ['shipping.getShipmentOfOrder', 200, () => ask('/shipping/orders/o-1006/shipment')],
  ['shipping.getShipmentOfOrder', 404, () => ask('/shipping/orders/o-1/shipment')],
  ['shipping.listShippingOptions', 200, () => ask('/shipping/shipping-options?country=DE&express=true')],
  ['shipping.listShippingOptions', 422, () => ask('/shipping/shipping-options?country=DE&weightGrams=90000')],
  ['reviews.listReviews', 200, () => ask('/reviews/products/p-101/reviews?sort=HIGHEST&limit=3')],
  ['reviews.listReviews', 404, () => ask('/reviews/products/p-999/reviews')],
  ['reviews.getRatingSummary', 200, () => ask('/reviews/products/p-101/rating')],
  ['reviews.getRatingSummary', 200, () => ask('/reviews/products/p-405/rating')],
  ['reviews.getRatingSummary', 404, () => ask('/reviews/products/p-999/rating')],
  ['recommendations.listRelatedProducts', 200, () => ask('/recommendations/products/p-101/related')],
  ['recommendations.listRelatedProducts', 404, () => ask('/recommendations/products/p-999/related')],
  ['content.listBanners', 200, () => ask('/content/banners?slot=HOME_TOP')],
  ['content.getPage', 200, () => ask('/content/pages/delivery')],
  ['content.getPage', 404, () => ask('/content/pages/nothing')],
];

describe('the storefront of the sandbox', () => {
  beforeAll(fresh);

  it('has a request for every operation of its contracts below', () => {
    const operations = [...contracts].flatMap(([name, { operations }]) => operations.map(({ id }) => `${name}.${id}`));
    expect(operations.filter((operation) => !requests.some(([asked]) => asked === operation))).toEqual([]);
    const declared = [...contracts].flatMap(([name, { operations }]) =>
      operations.flatMap(({ id, responses }) => responses.map(({ status }) => `${name}.${id} ${status}`)),
    );
    const covered = new Set(requests.map(([operation, status]) => `${operation} ${status}`));
    // Contracts declare these for cases that the validation of parameters refuses first.
    expect(declared.filter((one) => !covered.has(one))).toEqual(['inventory.listStock 422']);
  });

  it.each(requests)('responds to %s with %i as its contract says', async (operation, status, asked) => {
    const [upstream = '', id = ''] = operation.split('.');
    const contract = contracts.get(upstream);
    const declared = contract?.operations
      .find((one) => one.id === id)
      ?.responses.find((one) => one.status === String(status));
    const response = await asked();
    expect(response.status, JSON.stringify(response.body)).toBe(status);
    const [media] = declared?.media ?? [];
    if (media?.schema === undefined || contract === undefined) {
      expect(response.body).toBeUndefined();
      return;
    }
    expect(response.headers.get('content-type')).toBe(media.media);
    const checks = new ContractChecks(contract);
    expect(checks.accepts(media.schema, response.body, 'response'), JSON.stringify(response.body)).toBe(true);
    expect(Object.keys(response.body).length).toBeGreaterThan(0);
  });

  it('is consistent: orders, parcels, products and stock refer to existing data', async () => {
    for (const customer of ['ada', 'grace', 'acme']) {
      const { body: page } = await ask(`/orders/orders?customerId=${customer}`);
      expect(page.items.length).toBeGreaterThan(0);
      for (const { id, parcelId, lines, subtotal, shippingCost, discount, total } of page.items) {
        const parcel = await ask(`/shipping/parcels/${parcelId}`);
        expect(parcel.body.orderId).toBe(id);
        expect(total.amount).toBe(subtotal.amount + shippingCost.amount - (discount?.amount ?? 0));
        for (const { productId, sku } of lines) {
          expect((await ask(`/catalogue/products/${productId}`)).body.sku).toBe(sku);
          expect((await ask(`/inventory/stock/${sku}`)).status).toBe(200);
        }
      }
    }
  });

  it('pages through the whole catalogue by cursor, each product once', async () => {
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: TestResponse = await ask(`/catalogue/products?limit=7${next === '' ? '' : `&cursor=${next}`}`);
      seen.push(...page.body.items.map(({ id }) => id));
      next = page.body.next;
    }
    expect(seen.length).toBe(24);
    expect(new Set(seen).size).toBe(24);
  });

  it('finds the products of a category and of all below it', async () => {
    const { body } = await ask('/catalogue/products?category=audio');
    expect(new Set(body.items.map(({ categoryId }) => categoryId))).toEqual(new Set(['headphones', 'speakers']));
  });
});

describe('a cart', () => {
  beforeEach(fresh);

  it('keeps items, adds them up, and forgets removed ones', async () => {
    const added = await send('POST', '/carts/carts/linus/items', { sku: 'SKU-205', quantity: 2 });
    expect(added.body).toMatchObject({ itemCount: 2, total: { amount: 2980 }, version: 1 });
    await send('POST', '/carts/carts/linus/items', { sku: 'SKU-205', quantity: 1 });
    const more = await ask('/carts/carts/linus');
    expect(more.body.lines).toMatchObject([{ id: 'l-1', quantity: 3 }]);
    await ask('/carts/carts/linus/items/l-1', { method: 'DELETE' });
    expect((await ask('/carts/carts/linus')).body).toMatchObject({ lines: [], total: { amount: 0 } });
    const again = await send('POST', '/carts/carts/linus/items', { sku: 'SKU-205', quantity: 1 });
    expect(again.body.lines[0]?.id).toBe('l-2');
  });
});

describe('an order', () => {
  beforeEach(fresh);

  it('is placed from a cart, empties it, and has a parcel on record', async () => {
    const placed = await place('key-00010', { customerId: 'ada', cartId: 'c-ada', addressId: 'ad-ada-2' });
    expect(placed.status).toBe(201);
    expect(placed.body).toMatchObject({
      status: 'PENDING',
      shippingAddress: { line1: '1 Engine Works' },
      discount: { amount: 1000 },
    });
    expect(placed.headers.get('location')).toBe(`/orders/${placed.body.id}`);
    expect((await ask('/carts/carts/ada')).body.lines).toEqual([]);
    expect((await ask(`/orders/orders/${placed.body.id}`)).body).toEqual(placed.body);
    expect((await ask('/orders/orders?customerId=ada&limit=1')).body.items[0]?.id).toBe(placed.body.id);
    expect((await ask(`/shipping/parcels/${placed.body.parcelId}`)).body.state).toBe('ANNOUNCED');
  });

  it('is placed once for any number of requests with its key', async () => {
    const first = await place('key-00020');
    const second = await place('key-00020');
    expect(second.body).toEqual(first.body);
    expect((await ask('/orders/orders?customerId=ada')).body.total).toBe(6);
  });

  it('is refused under the key of another order; customers do not share keys', async () => {
    const first = await place('key-00030');
    const other = await place('key-00030', { ...order, lines: [{ sku: 'SKU-204', quantity: 1 }] });
    expect(other.status).toBe(409);
    expect(other.body.orderId).toBe(first.body.id);
    const stranger = await place('key-00030', { ...order, customerId: 'grace' });
    expect(stranger.status).toBe(201);
  });

  it('is cancelled, and stays so', async () => {
    await send('PUT', '/orders/orders/o-1002/cancellation', { reason: 'TOO_SLOW' });
    expect((await ask('/orders/orders/o-1002')).body).toMatchObject({
      status: 'CANCELLED',
      cancelledBecause: 'TOO_SLOW',
    });
  });
});

describe('a sandbox', () => {
  beforeEach(fresh);

  let other: Sandbox;
  beforeAll(async () => {
    other = await createSandbox({ contracts: files });
  });
  afterAll(() => other.close());

  it('gives the same bytes as every other sandbox', async () => {
    for (const target of [
      '/recommendations/customers/ada/recommendations',
      '/reviews/products/p-101/reviews',
      '/carts/carts/ada',
    ]) {
      const [one, two] = await Promise.all([sandbox, other].map(async ({ url }) => (await fetch(url + target)).text()));
      expect(one).toBe(two);
    }
  });

  it('shares no state with another one', async () => {
    await ask('/carts/carts/ada', { method: 'DELETE' });
    const untouched = await fetch(`${other.url}/carts/carts/ada`);
    expect(await untouched.json()).toMatchObject({ itemCount: 4 });
  });
});
