import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { handwrittenLines } from '../handwritten-lines.js';
import { PatientClock } from '../patient-clock.js';
import { RebuiltSystem, type Answer } from '../rebuilt-system.js';
import { MobileModule, WebModule } from './bff/shopping.modules.js';
import { lineOf, ShopServices } from './services.js';

const clock = new PatientClock();
const folder = fileURLToPath(new URL('bff', import.meta.url));
const config = `${folder}/bff.yaml`;
let services: ShopServices;
let mobile: RebuiltSystem;
let web: RebuiltSystem;
let token: string;

beforeAll(async () => {
  services = await ShopServices.start();
  const options = { config, upstreams: services.all, audience: 'shopping-bff', clock };
  [mobile, web] = await Promise.all([
    RebuiltSystem.start(MobileModule, options),
    RebuiltSystem.start(WebModule, options),
  ]);
});
beforeEach(async () => {
  token = await mobile.token('b1');
});
afterEach(async () => {
  services.reset();
  await clock.forget();
});
afterAll(async () => {
  await Promise.all([mobile.stop(), web.stop()]);
  await services.stop();
});

const ask = (target: string, body?: unknown): Promise<Answer> =>
  mobile.ask(target, { token, ...(body !== undefined && { body }) });
const problem = (status: number, detail: string) => ({ status, body: { status, detail } });
const fill = (buyerId: string, ...items: ReturnType<typeof lineOf>[]) =>
  services.baskets.set(buyerId, { buyerId, items });
const expectProblem = (answer: Answer): void =>
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);

describe('E1, saving a basket', () => {
  const save = (items: unknown, buyerId = 'b1') => ask('POST /api/v1/basket', { buyerId, items });

  it.each(['POST', 'PUT'])(
    'answers %s with the basket as it was saved, named and priced by the catalogue',
    async (method) => {
      const answer = await ask(`${method} /api/v1/basket`, {
        buyerId: 'b1',
        items: [{ id: 'l1', productId: 1, quantity: 2 }],
      });
      const line = {
        id: 'l1',
        productId: 1,
        productName: '.NET Bot Black Hoodie',
        unitPrice: 19.5,
        oldUnitPrice: 0,
        quantity: 2,
        pictureUrl: 'http://shop.example/1/pic/',
      };
      expect(answer).toMatchObject({ status: 200, body: { buyerId: 'b1', items: [line] } });
      expect(services.baskets.get('b1')).toEqual({ buyerId: 'b1', items: [line] });
    },
  );

  it.each([[null], [[]], [undefined]])('wants a basket line (%s)', async (items) => {
    const answer = await save(items);
    expect(answer).toMatchObject(problem(400, 'Need to pass at least one basket line'));
    expectProblem(answer);
    expect(services.requestCount).toBe(0);
  });

  it('adds up the lines of one article, under the id of the first', async () => {
    const lines = [
      { id: 'l1', productId: 2, quantity: 1 },
      { id: 'l2', productId: 3, quantity: 1 },
      { id: 'l3', productId: 2, quantity: 3 },
    ];
    expect((await save(lines)).body).toEqual({ buyerId: 'b1', items: [lineOf('l1', 2, 4), lineOf('l2', 3, 1)] });
  });

  it('sets the quantity of lines that are in the basket already, keeps their price, and appends the rest', async () => {
    fill('b1', lineOf('old', 2, 7, { unitPrice: 1.5 }), lineOf('other', 5, 1));
    const { body } = await save([
      { id: 'l1', productId: 2, quantity: 3 },
      { id: 'l2', productId: 3, quantity: 1 },
    ]);
    const items = [lineOf('old', 2, 3, { unitPrice: 1.5 }), lineOf('other', 5, 1), lineOf('l2', 3, 1)];
    expect(body).toEqual({ buyerId: 'b1', items });
  });

  it('names an article that the catalogue does not have, and saves nothing', async () => {
    const answer = await save([
      { id: 'l1', productId: 1, quantity: 1 },
      { id: 'l2', productId: 42, quantity: 1 },
    ]);
    expect(answer).toMatchObject(problem(400, 'Basket refers to a non-existing catalog item (42)'));
    expectProblem(answer);
    expect(services.basket.got('POST')).toEqual([]);
  });

  it('takes more than 10 articles [defect: silent truncation at 10, a false 400]', async () => {
    const lines = Array.from({ length: 25 }, (_, at) => ({ id: `l${at}`, productId: at + 1, quantity: 1 }));
    const answer = await save([...lines, { id: 'again', productId: 1, quantity: 1 }]);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      buyerId: 'b1',
      items: lines.map(({ id, productId }) => lineOf(id, productId, productId === 1 ? 2 : 1)),
    });
    const pages = services.catalog.requests.map(({ query }) => query.get('ids')?.split(',').length);
    expect(pages.toSorted((a = 0, b = 0) => a - b)).toEqual([5, 10, 10]);
  });

  it('requests basket and catalogue in parallel [defect: sequential where parallel is possible]', async () => {
    services.basket.hold();
    services.catalog.hold();
    const answer = save([{ id: 'l1', productId: 1, quantity: 1 }]);
    await Promise.all([services.basket.arrived(1), services.catalog.arrived(1)]);
    services.basket.release();
    services.catalog.release();
    expect((await answer).status).toBe(200);
  });
});

describe('E2, setting quantities', () => {
  const set = (updates: unknown, basketId = 'b1') => ask('PUT /api/v1/basket/items', { basketId, updates });

  it('returns the saved basket', async () => {
    fill('b1', lineOf('l1', 1, 2), lineOf('l2', 2, 1));
    const answer = await set([{ basketItemId: 'l1', newQty: 5 }]);
    const items = [lineOf('l1', 1, 5), lineOf('l2', 2, 1)];
    expect(answer).toMatchObject({ status: 200, body: { buyerId: 'b1', items } });
    expect(services.baskets.get('b1')).toEqual({ buyerId: 'b1', items });
  });

  it.each([[[]], [null]])('wants updates (%s)', async (updates) => {
    const answer = await set(updates);
    expect(answer).toMatchObject(problem(400, 'No updates sent'));
    expectProblem(answer);
    expect(services.requestCount).toBe(0);
  });

  it('wants a basket that is there', async () => {
    const answer = await set([{ basketItemId: 'l1', newQty: 5 }]);
    expect(answer).toMatchObject(problem(400, 'Basket with id b1 not found.'));
    expectProblem(answer);
  });

  it('takes only lines of the basket, and saves nothing where one is missing', async () => {
    fill('b1', lineOf('l1', 1, 2));
    const answer = await set([
      { basketItemId: 'l1', newQty: 5 },
      { basketItemId: 'l9', newQty: 1 },
    ]);
    expect(answer).toMatchObject(problem(400, 'Basket item with id l9 not found'));
    expectProblem(answer);
    expect(services.basket.got('POST')).toEqual([]);
  });
});

describe('E3, adding an article', () => {
  const item = { catalogItemId: 1, basketId: 'b1', quantity: 2 };
  const add = async (body: unknown, system = mobile) =>
    system.ask('POST /api/v1/basket/items', { token: await system.token('b1'), body });

  it('returns an empty body after it created a basket', async () => {
    const answer = await add(item);
    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([200, '', null]);
    expect(services.baskets.get('b1')).toEqual({ buyerId: 'b1', items: [lineOf(expect.any(String), 1, 2)] });
  });

  it('adds one article by default', async () => {
    await add({ catalogItemId: 1, basketId: 'b1' });
    expect(services.baskets.get('b1')?.items).toMatchObject([{ productId: 1, quantity: 1 }]);
  });

  it.each([
    ['null', null],
    ['a quantity of 0', { ...item, quantity: 0 }],
  ])('does not take %s', async (_, body) => {
    const answer = await add(body);
    expect(answer).toMatchObject(problem(400, 'Invalid payload'));
    expectProblem(answer);
    expect(services.requestCount).toBe(0);
  });

  it('for a phone always appends a line with an id of its own', async () => {
    fill('b1', lineOf('l1', 1, 1));
    await add(item);
    const [first, second, ...more] = services.baskets.get('b1')?.items ?? [];
    expect([first, second, more]).toEqual([lineOf('l1', 1, 1), lineOf(expect.any(String), 1, 2), []]);
    expect(second?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('for the web adds to the line of the same article, or appends a line', async () => {
    fill('b1', lineOf('l1', 1, 1), lineOf('l2', 2, 1));
    const answer = await add(item, web);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(services.baskets.get('b1')?.items).toEqual([lineOf('l1', 1, 3), lineOf('l2', 2, 1)]);
    await add({ ...item, catalogItemId: 3 }, web);
    expect(services.baskets.get('b1')?.items).toEqual([
      lineOf('l1', 1, 3),
      lineOf('l2', 2, 1),
      lineOf(expect.any(String), 3, 2),
    ]);
  });

  it('requests article and basket in parallel [defect: sequential where parallel is possible]', async () => {
    services.basket.hold();
    services.catalog.hold();
    const answer = add(item);
    await Promise.all([services.basket.arrived(1), services.catalog.arrived(1)]);
    services.basket.release();
    services.catalog.release();
    expect((await answer).status).toBe(200);
  });

  it('returns 404 for an unknown article [defect: a null reference, returned as 500]', async () => {
    const answer = await add({ ...item, catalogItemId: 99 });
    expect(answer).toMatchObject({ status: 404, body: { code: 'GW_NOT_FOUND', part: 'item' } });
    expect(services.basket.got('POST')).toEqual([]);
  });
});

describe('E4, the draft of an order', () => {
  it('returns total, buyer and items, and null for members that are not filled in', async () => {
    fill('b1', lineOf('l1', 1, 2));
    const answer = await ask('GET /api/v1/order/draft/b1');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      orderNumber: null,
      date: '0001-01-01T00:00:00',
      status: null,
      total: 39,
      description: null,
      city: null,
      street: null,
      state: null,
      country: null,
      zipCode: null,
      cardNumber: null,
      cardHolderName: null,
      cardSecurityNumber: null,
      cardTypeId: null,
      isDraft: false,
      buyer: 'b1',
      orderItems: [
        {
          productId: 1,
          productName: '.NET Bot Black Hoodie',
          unitPrice: 19.5,
          discount: 0,
          units: 2,
          pictureUrl: 'http://shop.example/1/pic/',
        },
      ],
    });
    expect(services.ordering.requests.map(({ body }) => body)).toEqual([
      { buyerId: 'b1', items: [lineOf('l1', 1, 2)] },
    ]);
  });

  it.each(['', '/%20'])('wants an id (draft%s)', async (id) => {
    const answer = await ask(`GET /api/v1/order/draft${id}`);
    expect(answer).toMatchObject(problem(400, 'Need a valid basketid'));
    expectProblem(answer);
    expect(services.requestCount).toBe(0);
  });

  it('wants a basket that is there', async () => {
    const answer = await ask('GET /api/v1/order/draft/b1');
    expect(answer).toMatchObject(problem(400, 'No basket found for id b1'));
    expectProblem(answer);
    expect(services.ordering.requests).toEqual([]);
  });
});

describe('A9: access to the basket', () => {
  const requests = [
    ['E1', 'POST /api/v1/basket', { buyerId: 'b2', items: [{ id: 'l1', productId: 1, quantity: 1 }] }, 403],
    ['E2', 'PUT /api/v1/basket/items', { basketId: 'b2', updates: [{ basketItemId: 'l1', newQty: 9 }] }, 400],
    ['E3', 'POST /api/v1/basket/items', { catalogItemId: 1, basketId: 'b2', quantity: 1 }, 403],
    ['E4', 'GET /api/v1/order/draft/b2', undefined, 400],
  ] as const;

  it.each(requests)('%s: only the owner of the basket [defect: no owner check]', async (_, target, body, status) => {
    const known = await ask(target, body);
    fill('b2', lineOf('l1', 1, 1));
    const foreign = await ask(target, body);
    expect([foreign.status, known.status]).toEqual([status, status]);
    // Neither the responses nor their time reveal whether the basket exists.
    const { requestId: _one, ...ofForeign } = foreign.body as Record<string, unknown>;
    const { requestId: _other, ...ofKnown } = known.body as Record<string, unknown>;
    expect(ofForeign).toEqual(ofKnown);
    expect(services.requestCount).toBe(0);
    expect(services.baskets.get('b2')?.items).toEqual([lineOf('l1', 1, 1)]);
  });

  it.each(requests)(
    '%s: refused with a token for another app [defect: audience not checked]',
    async (_, target, body) => {
      const foreign = await mobile.token('b2', 'ordering-api');
      const answer = await mobile.ask(target, { token: foreign, ...(body !== undefined && { body }) });
      expect(answer).toMatchObject({ status: 401, body: { code: 'GW_UNAUTHENTICATED' } });
      expect(services.requestCount).toBe(0);
    },
  );

  it.each(requests)('%s: refused without a token', async (_, target, body) => {
    const answer = await mobile.ask(target, { ...(body !== undefined && { body }) });
    expect(answer).toMatchObject({ status: 401, body: { code: 'GW_UNAUTHENTICATED' } });
  });

  it('lets no page of another site read a response [defect: CORS any-origin with credentials]', async () => {
    fill('b1', lineOf('l1', 1, 2));
    const headers = { origin: 'https://evil.example' };
    const answer = await mobile.ask('GET /api/v1/order/draft/b1', { token, headers });
    expect(answer.status).toBe(200);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    const preflight = { ...headers, 'access-control-request-method': 'PUT' };
    expect(
      (await mobile.ask('OPTIONS /api/v1/basket', { headers: preflight })).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });
});

describe('when a service fails', () => {
  const requests = [
    ['E1', 'POST /api/v1/basket', { buyerId: 'b1', items: [{ id: 'l1', productId: 1, quantity: 1 }] }],
    ['E2', 'PUT /api/v1/basket/items', { basketId: 'b1', updates: [{ basketItemId: 'l1', newQty: 9 }] }],
    ['E3', 'POST /api/v1/basket/items', { catalogItemId: 1, basketId: 'b1', quantity: 1 }],
    ['E4', 'GET /api/v1/order/draft/b1', undefined],
  ] as const;
  it.each(requests)('%s says so [defect: upstream errors hidden as "not found"]', async (_, target, body) => {
    fill('b1', lineOf('l1', 1, 1));
    services.basket.fault = () => ({ status: 500, body: { stack: 'at BasketService.GetBasketById' } });
    const answer = await clock.throughPauses(ask(target, body));
    expect(answer).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'current' } });
    expect(answer.text).not.toContain('BasketService');
    expect(services.basket.got('POST')).toEqual([]);
  });

  it.each(requests.slice(0, 3))('%s says so [defect: a lost write, returned as 200]', async (_, target, body) => {
    fill('b1', lineOf('l1', 1, 1));
    const before = services.baskets.get('b1');
    services.basket.fault = ({ method }) => (method === 'POST' ? { status: 503 } : { status: 200, body: before });
    const answer = await ask(target, body);
    expect(answer).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_FAILED', part: 'saved' } });
    // A write is not retried automatically, because its outcome is unknown.
    expect(services.basket.got('POST')).toHaveLength(1);
  });

  it('E4 says so where ordering does [defect: null references, returned as 204 or 500]', async () => {
    fill('b1', lineOf('l1', 1, 1));
    services.ordering.fault = () => 'reset';
    const answer = await ask('GET /api/v1/order/draft/b1');
    expect(answer).toMatchObject({ status: 500, body: { code: 'GW_INDETERMINATE', part: 'draft' } });
  });

  it('E4 responds in time [defect: no timeout]', async () => {
    services.basket.hold();
    const answer = ask('GET /api/v1/order/draft/b1');
    await services.basket.arrived(1);
    await clock.advance(1500);
    expect(await answer).toMatchObject({ status: 504, body: { part: 'current' } });
  });
});

describe('its document', () => {
  it('has every route, each under an id of its own and with the parameters of its path', async () => {
    const { paths } = await mobile.document();
    const operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId, parameters }]) => {
        return `${method} ${path} ${operationId} ${parameters.map(({ name }) => name).join(' ')}`.trim();
      }),
    );
    expect(operations).toEqual([
      'post /api/v1/basket shopping.basket.save',
      'put /api/v1/basket shopping.basket.save.2',
      'post /api/v1/basket/items mobile.basket.add',
      'put /api/v1/basket/items shopping.basket.quantities',
      'get /api/v1/order/draft shopping.order.draft.2',
      'get /api/v1/order/draft/{basketId} shopping.order.draft basketId',
    ]);
  });
});

describe('its size', () => {
  it('is at most 200 hand-written lines with both variants of E3, where the original has 843', () => {
    const { total, byFile } = handwrittenLines(folder);
    const table = byFile.map(({ file, lines }) => `  ${String(lines).padStart(4)} ${file}\n`).join('');
    process.stdout.write(`eShop E1-E4, hand-written lines (not blank): ${total}, the original has 843\n${table}`);
    expect(total).toBeLessThanOrEqual(200);
  });
});
