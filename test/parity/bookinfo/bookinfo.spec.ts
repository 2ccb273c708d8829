import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PatientClock } from '../patient-clock.js';
import { RebuiltSystem } from '../rebuilt-system.js';
import { BookinfoModule } from './bff/bookinfo.module.js';
import { PublishedModule } from './published/published.module.js';
import { BookServices, details, rated, unrated } from './services.js';

const clock = new PatientClock();
let services: BookServices;
let bookinfo: RebuiltSystem;

beforeAll(async () => {
  services = await BookServices.start(clock);
  const config = fileURLToPath(new URL('bff/bff.yaml', import.meta.url));
  const upstreams = { details: services.details, reviews: services.reviews };
  bookinfo = await RebuiltSystem.start(BookinfoModule, { config, upstreams, clock });
});
afterEach(async () => {
  services.reset();
  await clock.forget();
});
afterAll(async () => {
  await bookinfo.stop();
  await services.stop();
});

const sorry = (what: 'details' | 'reviews') => `Sorry, product ${what} are currently unavailable for this book.`;
const problem = (status: number, detail: string) => ({ status, body: { status, detail } });
const waitMsOf = (request: { readonly headers: NodeJS.Dict<string | string[]> } | undefined): number =>
  Number(request?.headers['x-envoy-expected-rq-timeout-ms']);

describe('B2, the books', () => {
  it('are a static list', async () => {
    const answer = await bookinfo.ask('GET /api/v1/products');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([
      { id: 0, title: 'The Comedy of Errors', descriptionHtml: expect.stringMatching(/^<a href=/) },
    ]);
  });
});

describe.each([
  { name: 'B3, the details of a book', what: 'details', path: '/api/v1/products/0', good: details },
  { name: 'B4, the reviews of a book', what: 'reviews', path: '/api/v1/products/0/reviews', good: rated },
] as const)('$name', ({ what, path, good }) => {
  it('are those of the service', async () => {
    expect(await bookinfo.ask(`GET ${path}`)).toMatchObject({ status: 200, body: good });
    expect(services[what].requests.map(({ target }) => target)).toEqual([`/${what}/0`]);
  });

  it('leave out what the contract does not declare', async () => {
    services[what].fault = () => ({ status: 200, body: { ...good, internalHost: 'node-7' } });
    expect((await bookinfo.ask(`GET ${path}`)).body).toEqual(good);
  });

  it('are missing where the service says so, with its status', async () => {
    services[what].fault = () => ({ status: 404, body: { error: 'no such book' } });
    const answer = await bookinfo.ask(`GET ${path}`);
    expect(answer).toMatchObject(problem(404, sorry(what)));
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.text).not.toContain('no such book');
  });

  it.each([500, 503])(
    'are a problem of ours where the service fails [defect: an upstream %i passed on]',
    async (status) => {
      services[what].fault = () => ({ status, body: { error: 'NullPointerException at DetailsService' } });
      const answer = await clock.throughPauses(bookinfo.ask(`GET ${path}`));
      expect(answer).toMatchObject(problem(502, sorry(what)));
      expect(answer.text).not.toContain('NullPointerException');
    },
  );

  it('become a problem of the gateway where the service is unreachable [defect: 500]', async () => {
    services[what].fault = () => 'reset';
    expect(await clock.throughPauses(bookinfo.ask(`GET ${path}`))).toMatchObject(problem(502, sorry(what)));
  });

  it('are requested once more where the service failed, and are complete then', async () => {
    services[what].fault = () => (services[what].requests.length === 1 ? { status: 503 } : { status: 200, body: good });
    expect(await clock.throughPauses(bookinfo.ask(`GET ${path}`))).toMatchObject({ status: 200, body: good });
    expect(services[what].requests).toHaveLength(2);
  });

  it.each([400, 404, 422])('are not asked for again after a %i [defect: a 4xx retried]', async (status) => {
    services[what].fault = () => ({ status });
    const answer = await bookinfo.ask(`GET ${path}`);
    expect(answer).toMatchObject(problem(status === 404 ? 404 : 502, sorry(what)));
    expect(services[what].requests).toHaveLength(1);
  });

  it('take 3 seconds at most, attempts together [defect: 3 seconds for each of them]', async () => {
    services[what].hold();
    const asked = bookinfo.ask(`GET ${path}`);
    const [request] = await services[what].arrived(1);
    expect(waitMsOf(request)).toBe(3000);
    await clock.advance(3000);
    expect(await asked).toMatchObject(problem(504, sorry(what)));
    await request?.left;
    expect(services[what].requests).toHaveLength(1);
  });

  it('tell the second attempt how much of the 3 seconds is left', async () => {
    services[what].hold();
    services[what].fault = () => (services[what].requests.length === 1 ? { status: 503 } : { status: 200, body: good });
    const asked = bookinfo.ask(`GET ${path}`);
    await services[what].arrived(1);
    await clock.advance(1000);
    services[what].release();
    expect(await clock.throughPauses(asked)).toMatchObject({ status: 200 });
    const [first, second] = services[what].requests;
    expect(waitMsOf(first)).toBe(3000);
    expect(waitMsOf(second)).toBeLessThanOrEqual(2000);
    expect(waitMsOf(second)).toBeGreaterThan(0);
  });

  it.each([
    '0%2F..%2F..%2Fadmin',
    '0%3Fdebug=1',
    '..%2Fhealth',
    '0;v=2',
    '0%23',
    '%00',
    'x',
    '-1',
    '1.5',
    '0x10',
    '1e3',
    '%20',
    '2147483648',
  ])(
    'are those of a number, and of nothing else (%s) [defect: the id concatenated raw into the address]',
    async (id) => {
      const answer = await bookinfo.ask(`GET ${path.replace('/0', `/${id}`)}`);
      expect(answer).toMatchObject({ status: 400 });
      expect(services[what].requests).toEqual([]);
    },
  );
});

describe('an id that is a text in one service and a number in the other', () => {
  it.each([
    ['details', '/api/v1/products/0', { ...details, id: '0' }],
    ['reviews', '/api/v1/products/0/reviews', { ...rated, id: 0 }],
  ] as const)('is what the contract of %s says, or there is no answer', async (what, path, drifted) => {
    services[what].fault = () => ({ status: 200, body: drifted });
    const answer = await bookinfo.ask(`GET ${path}`);
    expect(answer).toMatchObject(problem(502, sorry(what)));
    // It would only happen again.
    expect(services[what].requests).toHaveLength(1);
  });

  it('is a contract violation for a client of the published contract [defect: int32 there, a text here]', async () => {
    const config = fileURLToPath(new URL('published/bff.yaml', import.meta.url));
    const believing = await RebuiltSystem.start(PublishedModule, {
      config,
      upstreams: { 'reviews-published': services.reviews },
      clock,
    });
    try {
      const answer = await believing.ask('GET /reviews/0');
      expect(answer).toMatchObject({ status: 502, body: { code: 'GW_UPSTREAM_BAD_PAYLOAD', part: 'reviews' } });
      services.reviews.fault = () => ({ status: 200, body: { ...rated, id: 0 } });
      expect(await believing.ask('GET /reviews/0')).toMatchObject({ status: 200, body: { id: 0 } });
    } finally {
      await believing.stop();
    }
  });
});

describe('ratings behind the reviews', () => {
  it('that are down leave the reviews without stars: a part is missing in a part', async () => {
    services.ratingsMs = Infinity;
    expect(await bookinfo.ask('GET /api/v1/products/0/reviews')).toMatchObject({ status: 200, body: unrated });
  });

  it('that take 7 seconds fail the reviews of a service that does not heed its caller, in 3 seconds [defect: after 6]', async () => {
    services.ratingsMs = 7000;
    const asked = bookinfo.ask('GET /api/v1/products/0/reviews');
    await services.reviews.arrived(1);
    await clock.advance(3000);
    expect(await asked).toMatchObject(problem(504, sorry('reviews')));
  });

  it('that take 7 seconds leave the reviews without stars where the service heeds how long its caller waits', async () => {
    services.ratingsMs = 7000;
    services.heedsDeadline = true;
    const asked = bookinfo.ask('GET /api/v1/products/0/reviews');
    await services.reviews.arrived(1);
    await clock.advance(2900);
    expect(await asked).toMatchObject({ status: 200, body: unrated });
  });

  it('that take 2.5 seconds are waited for', async () => {
    services.ratingsMs = 2500;
    const asked = bookinfo.ask('GET /api/v1/products/0/reviews');
    await services.reviews.arrived(1);
    await clock.advance(2500);
    expect(await asked).toMatchObject({ status: 200, body: rated });
  });
});

describe('B5, the headers of a request that go on to the services', () => {
  const trace = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    tracestate: 'vendor=opaque',
    b3: '80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1',
    'x-request-id': '6f1c2d3e-aaaa-4bbb-8ccc-0123456789ab',
  };
  const secrets = {
    cookie: 'session=secret-1',
    authorization: 'Bearer secret-2',
    jwt: 'secret-3',
    'user-agent': 'secret-4',
    referer: 'https://secret-5.example/',
    'end-user': 'secret-6',
  };

  it.each([
    ['details', '/api/v1/products/0'],
    ['reviews', '/api/v1/products/0/reviews'],
  ] as const)(
    'to %s: the trace and the name of the request, not who the user is [defect: cookie, authorization, jwt, user-agent]',
    async (what, path) => {
      await bookinfo.ask(`GET ${path}`, { headers: { ...trace, ...secrets } });
      const headers = services[what].requests[0]?.headers ?? {};
      expect(headers).toMatchObject({
        tracestate: trace.tracestate,
        b3: trace.b3,
        'x-request-id': trace['x-request-id'],
      });
      // The same trace; the span is that of our call, the parent of the service's span.
      expect(headers['traceparent']).toMatch(
        /^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/,
      );
      expect(JSON.stringify(headers)).not.toContain('secret');
    },
  );

  it('ends nowhere but here: there is no login that redirects to a Referer [defect]', async () => {
    const answer = await bookinfo.ask('POST /login', { headers: { referer: 'https://evil.example/' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([404, null]);
  });
});
