import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PatientClock } from '../patient-clock.js';
import { RebuiltSystem, type Answer } from '../rebuilt-system.js';
import { BoutiqueModule } from './bff/boutique.module.js';
import { BoutiqueServices, convert, products } from './services.js';

// The frontend and the checkout of Online Boutique (Apache-2.0, https://github.com/GoogleCloudPlatform/microservices-demo): their behaviour,
// rebuilt from the published messages and pages; no code of them stands here. Its services speak gRPC; here they take the same messages as JSON.

const clock = new PatientClock();
let services: BoutiqueServices;
let shop: RebuiltSystem;
let token: string;

beforeAll(async () => {
  services = await BoutiqueServices.start();
  const config = fileURLToPath(new URL('bff/bff.yaml', import.meta.url));
  shop = await RebuiltSystem.start(BoutiqueModule, {
    config,
    upstreams: services.all,
    audience: 'boutique-bff',
    clock,
  });
});
beforeEach(async () => {
  token = await shop.token('ada');
});
afterEach(async () => {
  services.reset();
  await clock.forget();
});
afterAll(async () => {
  await shop.stop();
  await services.stop();
});

const ask = (target: string, body?: unknown): Promise<Answer> =>
  clock.throughPauses(shop.ask(target, { token, ...(body !== undefined && { body }) }));
const [sunglasses, tankTop, watch, loafers] = products;
const fillCart = (...items: readonly (readonly [productId: string, quantity: number])[]): void =>
  void services.carts.set(
    'ada',
    items.map(([productId, quantity]) => ({ productId, quantity })),
  );

describe('the home page', () => {
  it('shows each product with its price in the chosen currency', async () => {
    fillCart([sunglasses.id, 2], [watch.id, 1]);
    const response = await ask('GET /?currency=JPY');
    expect(response).toMatchObject({
      status: 200,
      body: {
        currencies: ['EUR', 'USD', 'JPY'],
        cartSize: 3,
        products: products.map(({ id, name, picture, priceUsd }) => ({
          id,
          name,
          picture,
          price: convert(priceUsd, 'JPY'),
        })),
        ads: [],
      },
    });
    expect(services.all.currency.got('POST')).toHaveLength(products.length);
  });

  it('reads by POST again where a read fails, and is complete then', async () => {
    const { currency } = services.all;
    currency.fault = ({ method, body }) =>
      method === 'POST' && currency.got('POST').length === 1
        ? { status: 503 }
        : method === 'POST'
          ? { status: 200, body: convert((body as { readonly from: never }).from, 'EUR') }
          : { status: 200, body: { currencyCodes: ['EUR'] } };
    expect(await ask('GET /?currency=EUR')).toMatchObject({ status: 200 });
    expect(currency.got('POST')).toHaveLength(products.length + 1);
  });

  it('has no ads where there are none to have', async () => {
    services.all.ads.fault = () => 'reset';
    const response = await ask('GET /');
    expect(response).toMatchObject({ status: 200, body: { ads: [], _parts: { ads: { status: 'error' } } } });
  });

  it('fails without having changed anything where a price cannot be had', async () => {
    services.all.currency.fault = ({ method }) =>
      method === 'POST' ? { status: 500 } : { status: 200, body: { currencyCodes: [] } };
    const response = await ask('GET /');
    expect(response).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'prices' } });
    expect(response.body).not.toHaveProperty('writes');
  });
});

describe('the cart', () => {
  it('has products with costs, shipping, the total and recommendations', async () => {
    fillCart([tankTop.id, 3], [loafers.id, 1]);
    const response = await ask('GET /cart?currency=EUR');
    expect(response).toMatchObject({
      status: 200,
      body: {
        items: [
          { quantity: 3, product: { id: tankTop.id }, cost: { currencyCode: 'EUR', units: 28, nanos: 485_000_000 } },
          { quantity: 1, product: { id: loafers.id }, cost: { currencyCode: 'EUR', units: 44, nanos: 995_000_000 } },
        ],
        shippingCost: { currencyCode: 'EUR', units: 4, nanos: 495_000_000 },
        total: { currencyCode: 'EUR', units: 77, nanos: 975_000_000 },
        recommendations: [{ id: sunglasses.id }, { id: watch.id }],
      },
    });
  });

  it('that is empty costs nothing', async () => {
    const response = await ask('GET /cart');
    const nothing = { currencyCode: 'USD', units: 0, nanos: 0 };
    expect(response).toMatchObject({ status: 200, body: { items: [], shippingCost: nothing, total: nothing } });
  });

  it.each([
    ['fail', () => ({ status: 500 })],
    ['send something else', () => ({ status: 200, body: { productIds: 'all' } })],
  ])('shows its items where recommendations %s', async (_, fault) => {
    fillCart([tankTop.id, 1]);
    services.all.recommendations.fault = fault;
    const response = await ask('GET /cart');
    expect(response).toMatchObject({
      status: 200,
      body: { items: [{ product: { id: tankTop.id } }], recommendations: [] },
    });
  });

  it('shows the other recommendations where a product of them is gone', async () => {
    fillCart([tankTop.id, 1]);
    services.all.recommendations.fault = () => ({ status: 200, body: { productIds: ['gone', watch.id] } });
    const response = await ask('GET /cart');
    expect(response).toMatchObject({ status: 200, body: { recommendations: [null, { id: watch.id }] } });
  });
});

describe('items for the cart', () => {
  const add = (...items: readonly (readonly [productId: string, quantity: number])[]) =>
    ask('POST /cart', { items: items.map(([productId, quantity]) => ({ productId, quantity })) });

  it('are put in one after the other, and counted after that', async () => {
    expect(await add([watch.id, 2], [loafers.id, 1])).toMatchObject({ status: 200, body: { cartSize: 3 } });
    expect(services.carts.get('ada')).toHaveLength(2);
  });

  it('are not put in where one is unknown', async () => {
    const response = await add([watch.id, 2], ['gone', 1]);
    expect(response).toMatchObject({ status: 422, body: { code: 'product_unknown' } });
    expect(services.all['shop-cart'].requests).toHaveLength(0);
  });

  it('are taken out again where one cannot be put in', async () => {
    const cart = services.all['shop-cart'];
    cart.fault = ({ method, body }) => {
      const isWatch = (body as { readonly productId?: string } | undefined)?.productId === watch.id;
      return { status: method === 'POST' && isWatch ? 409 : 204 };
    };
    const response = await add([loafers.id, 1], [watch.id, 2]);
    expect(response).toMatchObject({ status: 502, body: { writes: { undone: ['added[0]'], refused: ['added[1]'] } } });
    expect(cart.got('DELETE').map(({ path }) => path)).toEqual([`/carts/ada/items/${loafers.id}`]);
  });
});

describe('the checkout', () => {
  const address = { streetAddress: '1 Main St.', city: 'Monona', state: 'WI', country: 'USA', zipCode: 53716 };
  const creditCard = { number: '4432801561520454', cvv: 672, expirationYear: 2039, expirationMonth: 1 };
  const order = { email: 'ada@example.com', address, creditCard };

  it('charges the total, ships, empties the cart and confirms', async () => {
    fillCart([tankTop.id, 3], [loafers.id, 1]);
    const response = await ask('POST /cart/checkout?currency=EUR', order);
    const total = { currencyCode: 'EUR', units: 77, nanos: 975_000_000 };
    expect(response).toMatchObject({
      status: 201,
      body: { transactionId: 'b5ad14f7', trackingId: 'AB-12345-678901', total },
    });
    expect(services.all.payment.requests[0]?.body).toEqual({ amount: total, creditCard });
    expect(services.carts.has('ada')).toBe(false);
    expect(services.all.emails.requests[0]?.body).toEqual({ email: order.email, trackingId: 'AB-12345-678901' });
  });

  it('takes nothing where the cart is empty', async () => {
    expect(await ask('POST /cart/checkout', order)).toMatchObject({ status: 409, body: { code: 'cart_empty' } });
    expect(services.all.payment.requests).toHaveLength(0);
  });

  it('says which field is wrong', async () => {
    const wrong = { ...order, address: { ...address, zipCode: 'x' }, creditCard: { ...creditCard, number: '12' } };
    const response = await ask('POST /cart/checkout', wrong);
    expect(response).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/body/address/zipCode' }, { pointer: '/body/creditCard/number' }] },
    });
  });

  it('says why the card is not taken, and ships nothing', async () => {
    fillCart([tankTop.id, 1]);
    const response = await ask('POST /cart/checkout', {
      ...order,
      creditCard: { ...creditCard, number: '378282246310005' },
    });
    expect(response).toMatchObject({
      status: 422,
      body: { code: 'card_refused', reason: 'type', message: expect.stringContaining('VISA') },
    });
    expect(response.text).not.toContain('charge.js');
    expect(services.all.shipping.got('POST').map(({ path }) => path)).toEqual(['/quotes']);
  });

  it('stands where the cart cannot be emptied or the mail is not sent', async () => {
    fillCart([tankTop.id, 1]);
    services.all.emails.fault = () => ({ status: 500 });
    services.all['shop-cart'].fault = ({ method }) =>
      method === 'DELETE'
        ? { status: 500 }
        : { status: 200, body: { userId: 'ada', items: [{ productId: tankTop.id, quantity: 1 }] } };
    expect(await ask('POST /cart/checkout', order)).toMatchObject({
      status: 201,
      body: { trackingId: expect.any(String) },
    });
  });

  it('says that the card was charged where the shipment is refused', async () => {
    fillCart([tankTop.id, 1]);
    services.all.shipping.fault = ({ path }) =>
      path === '/quotes'
        ? { status: 200, body: { costUsd: { currencyCode: 'USD', units: 1, nanos: 0 } } }
        : { status: 500 };
    const response = await ask('POST /cart/checkout', order);
    expect(response).toMatchObject({
      status: 500,
      body: { code: 'GW_INDETERMINATE', writes: { done: ['charged'], notSent: ['emptied', 'confirmed'] } },
    });
  });
});
