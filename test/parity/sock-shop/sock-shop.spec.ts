import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PatientClock } from '../patient-clock.js';
import { RebuiltSystem, type Answer } from '../rebuilt-system.js';
import { StubUpstream } from '../stub-upstream.js';
import { SockShopModule } from './bff/sock-shop.module.js';
import { customerId, order, SockServices } from './services.js';

const clock = new PatientClock();
let services: SockServices;
let shop: RebuiltSystem;
let token: string;

beforeAll(async () => {
  services = await SockServices.start();
  const config = fileURLToPath(new URL('bff/bff.yaml', import.meta.url));
  shop = await RebuiltSystem.start(SockShopModule, {
    config,
    upstreams: services.all,
    audience: 'sock-shop-bff',
    clock,
  });
  token = await shop.token(customerId);
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

const orderOf = (changes: object = {}) => ({
  customer: `http://user/customers/${customerId}`,
  address: 'http://user/addresses/a-1',
  card: 'http://user/cards/c-1',
  items: `http://carts/carts/${customerId}/items`,
  ...changes,
});

describe('S1, placing an order', () => {
  it('sends the addresses of customer, address, card and items, and returns the response of the orders service', async () => {
    const answer = await ask('POST /orders');
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual(order);
    expect(services.orders.requests.map(({ body }) => body)).toEqual([orderOf()]);
  });

  it('is refused as the orders service refuses it, where there is no card', async () => {
    services.user.fault = ({ path }) => ({
      status: 200,
      body: path.endsWith('/cards')
        ? { _embedded: { card: [] } }
        : path.endsWith('/addresses')
          ? { _embedded: { address: [{ id: 'a-1' }] } }
          : { id: customerId, username: 'Eve_Berger' },
    });
    const answer = await ask('POST /orders');
    expect(answer).toMatchObject({ status: 406, body: { code: 'order_not_placed' } });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.text).not.toContain('Order requires');
  });

  it('asks for customer, addresses and cards at once [sequential in part: the links had to be read first]', async () => {
    services.user.hold();
    const answer = shop.ask('POST /orders', { token });
    const requests = await services.user.arrived(3);
    expect(requests.map(({ path }) => path).toSorted()).toEqual([
      `/customers/${customerId}`,
      `/customers/${customerId}/addresses`,
      `/customers/${customerId}/cards`,
    ]);
    expect(services.orders.requests).toEqual([]);
    services.user.release();
    expect((await answer).status).toBe(201);
  });

  it('follows no link of a response, and passes none on [defect: SSRF through upstream data]', async () => {
    const trap = await StubUpstream.start({});
    try {
      const evil = { href: `${trap.url}/latest/meta-data` };
      const resource = { id: 'x/../../admin?a=1#b', _links: { self: evil } };
      services.user.fault = ({ path }) => ({
        status: 200,
        body: {
          id: customerId,
          username: 'Eve_Berger',
          _links: { customer: evil, addresses: evil, cards: evil },
          _embedded: path.endsWith('/cards') ? { card: [resource] } : { address: [resource] },
        },
      });
      expect((await ask('POST /orders')).status).toBe(201);
      expect(trap.requests).toEqual([]);
      const id = 'x%2F..%2F..%2Fadmin%3Fa%3D1%23b';
      const safe = orderOf({ address: `http://user/addresses/${id}`, card: `http://user/cards/${id}` });
      expect(services.orders.requests.map(({ body }) => body)).toEqual([safe]);
    } finally {
      await trap.stop();
    }
  });

  it('places nothing where a service fails, and reveals nothing of its response [defect: the raw error object]', async () => {
    services.user.fault = () => ({ status: 500, body: { error: 'dial tcp 10.0.0.7:27017: connection refused' } });
    const answer = await ask('POST /orders');
    expect(answer).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED' } });
    expect(answer.text).not.toContain('10.0.0.7');
    expect(services.orders.requests).toEqual([]);
  });

  it('is sent once, with every outcome', async () => {
    services.orders.fault = () => ({ status: 503 });
    expect(await ask('POST /orders')).toMatchObject({ status: 502, body: { part: 'placed' } });
    expect(services.orders.requests).toHaveLength(1);
  });
});

describe('S2, putting an article into the cart', () => {
  it('returns 201 without a body, and uses the price of the catalogue', async () => {
    const answer = await ask('POST /cart', { id: 'sock-1' });
    expect([answer.status, answer.text]).toEqual([201, '']);
    const [added, ...more] = services.carts.requests;
    expect([added?.path, added?.body, more]).toEqual([
      `/carts/${customerId}/items`,
      { itemId: 'sock-1', unitPrice: 99.99 },
      [],
    ]);
  });

  it('returns 404 for an unknown article, and adds nothing', async () => {
    expect(await ask('POST /cart', { id: 'sock-9' })).toMatchObject({
      status: 404,
      body: { code: 'GW_NOT_FOUND', part: 'item' },
    });
    expect(services.carts.requests).toEqual([]);
  });

  it.each([
    [200, 500, { code: 'GW_INDETERMINATE', writes: { done: ['added'] } }],
    [202, 500, { code: 'GW_INDETERMINATE', writes: { done: ['added'] } }],
    [400, 502, { code: 'GW_UPSTREAM_FAILED', writes: { refused: ['added'] } }],
    [500, 502, { code: 'GW_UPSTREAM_FAILED', writes: { refused: ['added'] } }],
  ])('is a problem of ours where the carts answer %i [defect: 500]', async (status, expected, body) => {
    services.carts.fault = () => ({ status, body: { error: 'at com.mongodb' } });
    const answer = await ask('POST /cart', { id: 'sock-1' });
    expect(answer).toMatchObject({ status: expected, body: { part: 'added', ...body } });
    expect(answer.text).not.toContain('mongodb');
    expect(services.carts.requests).toHaveLength(1);
  });

  it.each([{}, { id: '' }, { id: 7 }, null])('wants an id (%j)', async (body) => {
    expect(await ask('POST /cart', body)).toMatchObject({ status: 400, body: { code: 'GW_INVALID_INPUT' } });
    expect(services.requestCount).toBe(0);
  });
});

describe('S3, the orders', () => {
  it('are those of the caller, with 200 [defect: 201 to a GET]', async () => {
    const answer = await ask('GET /orders');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([order]);
    expect(services.orders.requests.map(({ target }) => target)).toEqual([
      `/orders/search/customerId?sort=date&custId=${customerId}`,
    ]);
  });

  it('are none where the service knows of none', async () => {
    const nobody = await shop.token('nobody');
    const answer = await shop.ask('GET /orders', { token: nobody });
    expect([answer.status, answer.body]).toEqual([200, []]);
  });

  it('are a problem where the service fails, and not an empty list', async () => {
    services.orders.fault = () => ({ status: 500, body: {} });
    expect(await ask('GET /orders')).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED' } });
  });

  it.each(['GET /orders/o-1', 'GET /orders/search/customerId', 'GET /orders/..%2Fcarts', 'GET /orders/'])(
    'are all that there is below /orders: %s [defect: any path forwarded]',
    async (target) => {
      expect(await ask(target)).toMatchObject({ status: 404, body: { code: 'GW_ROUTE_NOT_FOUND' } });
      expect(services.requestCount).toBe(0);
    },
  );
});

describe('the caller', () => {
  const requests = [
    ['S1', 'POST /orders', undefined],
    ['S2', 'POST /cart', { id: 'sock-1' }],
    ['S3', 'GET /orders', undefined],
  ] as const;

  it.each(requests)(
    '%s: comes from the token, not from a cookie [defect: an unsigned cookie]',
    async (_, target, body) => {
      const headers = { cookie: `logged_in=${customerId}; md.sid=1` };
      const answer = await shop.ask(target, { headers, ...(body !== undefined && { body }) });
      expect(answer).toMatchObject({ status: 401, body: { code: 'GW_UNAUTHENTICATED' } });
      expect(services.requestCount).toBe(0);
    },
  );

  it.each(requests)('%s: comes from the token where a cookie names another', async (_, target, body) => {
    const headers = { cookie: 'logged_in=mallory' };
    await shop.ask(target, { token, headers, ...(body !== undefined && { body }) });
    const sent = Object.values(services.all).flatMap((service) => service.requests);
    expect(JSON.stringify(sent.map(({ target, body, headers }) => [target, body, headers]))).not.toContain('mallory');
  });

  it('cannot add to a query [defect: cookie concatenated into the query]', async () => {
    const odd = await shop.token('1&sort=total&custId=2#x');
    await shop.ask('GET /orders', { token: odd });
    const [request] = services.orders.requests;
    expect([...(request?.query ?? [])]).toEqual([
      ['sort', 'date'],
      ['custId', '1&sort=total&custId=2#x'],
    ]);
  });

  it.each(['1?x=2', 'a/b', '1;x=..'])('cannot leave a path (%s)', async (subject) => {
    const odd = await shop.token(subject);
    await shop.ask('POST /orders', { token: odd });
    await shop.ask('POST /cart', { token: odd, body: { id: 'sock-1' } });
    const customer = encodeURIComponent(subject);
    expect(services.user.requests.map(({ target }) => target).toSorted()).toEqual([
      `/customers/${customer}`,
      `/customers/${customer}/addresses`,
      `/customers/${customer}/cards`,
    ]);
    expect(services.carts.requests.map(({ target }) => target)).toEqual([`/carts/${customer}/items`]);
  });

  it.each(['.', '..', '../admin', '1/../../admin', '%2e%2e', '..;x=1'])(
    'cannot be a step in a path (%s)',
    async (subject) => {
      const odd = await shop.token(subject);
      expect((await shop.ask('POST /orders', { token: odd })).status).toBe(400);
      expect(services.requestCount).toBe(0);
    },
  );
});
