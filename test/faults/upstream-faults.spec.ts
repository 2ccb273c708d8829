import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Mobile } from './mobile.js';

let mobile: Mobile;
let whole: Readonly<Record<string, unknown>>;
beforeAll(async () => {
  mobile = await Mobile.start(['users', 'recommendations']);
  // Warm: connections open, keys of the issuer read.
  await mobile.get('/home');
  ({ body: whole } = await mobile.get('/home'));
});
afterEach(() => mobile.world.clearFaults());
afterAll(() => mobile?.stop());

/** Tolerance of a timeout on a busy machine; far from the next bound, so that the test shows which one ended the call (RELIABILITY F4). */
const slackMs = 150;
/** `plans: mobile.home` in apps/mobile/bff.yaml. */
const deadlineMs = 600;
const bannersTimeoutMs = 100;

describe('an optional upstream of GET /home', () => {
  it('is killed: the page lacks only its part, names it, and is not cached (F1)', async () => {
    await mobile.world.kill('recommendations');
    try {
      const { status, headers, body } = await mobile.get('/home');
      expect(status).toBe(200);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toEqual({
        ...whole,
        suggested: null,
        _parts: { suggested: { status: 'error', source: 'none' } },
      });
    } finally {
      await mobile.world.restart('recommendations');
    }
    expect((await mobile.get('/home')).body).toEqual(whole);
  });

  it('hangs: the page comes at the timeout of its call, with the fallback in its place (F4)', async () => {
    await mobile.world.setFault('content', { hang: true });
    const { status, headers, body, tookMs } = await mobile.get('/home');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({ ...whole, banners: [], _parts: { banners: { status: 'timeout', source: 'fallback' } } });
    expect(tookMs).toBeGreaterThanOrEqual(bannersTimeoutMs - 1);
    expect(tookMs).toBeLessThan(bannersTimeoutMs + slackMs);
    await mobile.world.untilCalls('content', (calls) => calls.at(-1)?.state === 'aborted');
  });

  it.each(['after_headers', 'mid_body'] as const)('hangs %s: its timeout, not more (F5)', async (hang) => {
    await mobile.world.setFault('content', { hang });
    const { status, body, tookMs } = await mobile.get('/home');
    expect([status, body['_parts']]).toEqual([200, { banners: { status: 'timeout', source: 'fallback' } }]);
    expect(tookMs).toBeLessThan(bannersTimeoutMs + slackMs);
  });

  it.each([
    ['answers with 500', { status: 500 }, 'error'],
    ['resets the connection', { reset: true }, 'error'],
    ['resets it in the middle of the body (F6)', { reset: 'mid_body' }, 'error'],
    ['answers with half a JSON text (F7)', { badPayload: true }, 'bad_payload'],
    ['answers with a page of HTML (F7)', { badPayload: 'html' }, 'bad_payload'],
    ['answers with nothing (F7)', { badPayload: 'empty' }, 'bad_payload'],
  ] as const)('%s: only its part is missing', async (_, fault, reason) => {
    await mobile.world.setFault('recommendations', fault);
    const { status, body } = await mobile.get('/home');
    expect(status).toBe(200);
    expect(body).toEqual({ ...whole, suggested: null, _parts: { suggested: { status: reason, source: 'none' } } });
  });

  it('fails one call of three: that one is tried again, and the page is whole (F13)', async () => {
    await mobile.world.setFault('shipping', { status: 503, rate: 1 / 3 });
    const { status, body } = await mobile.get('/home');
    expect(status).toBe(200);
    expect(body).toEqual(whole);
  });

  it('does not know one item of an each: that item is missing, and the others are complete', async () => {
    await mobile.world.setFault('shipping', { status: 404, rate: 1 / 3 });
    const { status, headers, body } = await mobile.get('/home');
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    const parcels = body['parcels'] as readonly unknown[];
    const missing = parcels.indexOf(null);
    expect(parcels.filter((parcel) => parcel === null)).toHaveLength(1);
    expect(body).toEqual({
      ...whole,
      parcels: (whole['parcels'] as readonly unknown[]).with(missing, null),
      _parts: { parcels: { items: { [missing]: 'not_found' } } },
    });
  });
});

describe('a required upstream of GET /home', () => {
  it('is killed: a problem within the deadline, which names the part and nothing of the upstream (F2)', async () => {
    await mobile.world.kill('users');
    try {
      const { status, headers, body, tookMs } = await mobile.get('/home');
      expect(status).toBe(502);
      expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(body).toEqual({
        type: 'urn:frontage:problem:GW_UPSTREAM_FAILED',
        title: expect.any(String),
        status: 502,
        code: 'GW_UPSTREAM_FAILED',
        requestId: headers.get('x-request-id'),
        part: 'profile',
      });
      expect(tookMs).toBeLessThan(deadlineMs);
    } finally {
      await mobile.world.restart('users');
    }
    expect((await mobile.get('/home')).status).toBe(200);
  });

  it('hangs: 504 at the deadline of the plan, not later (F4)', async () => {
    await mobile.world.setFault('users', { hang: true });
    const { status, body, tookMs } = await mobile.get('/home');
    expect([status, body['part']]).toEqual([504, 'profile']);
    expect(tookMs).toBeLessThan(deadlineMs + slackMs);
    await mobile.world.untilCalls('users', (calls) => calls.at(-1)?.state === 'aborted');
  });

  it('is frozen with its connections open: the same 504, and the page is back when it is (F5)', async () => {
    mobile.world.freeze('users');
    const { status, tookMs } = await mobile.get('/home');
    mobile.world.thaw('users');
    expect(status).toBe(504);
    expect(tookMs).toBeLessThan(deadlineMs + slackMs);
    expect((await mobile.get('/home')).status).toBe(200);
  });

  it('fails while others are on their way: those are aborted', async () => {
    await mobile.world.setFault('orders', { hang: true });
    await mobile.world.setFault('users', { status: 500 });
    expect((await mobile.get('/home')).status).toBe(502);
    await mobile.world.untilCalls('orders', (calls) => calls.at(-1)?.state === 'aborted');
  });

  it('refuses our credentials: 502, since the caller need not sign in again (F3)', async () => {
    await mobile.world.setFault('users', { status: 401 });
    const { status, body } = await mobile.get('/home');
    expect([status, body['code']]).toEqual([502, 'GW_UPSTREAM_REFUSED']);
  });
});

describe('a 404 that the contract declares', () => {
  it('of a required call is the 404 of the screen (F3)', async () => {
    const { status, body } = await mobile.get('/products/there-is-no-such-product');
    expect([status, body['code'], body['part']]).toEqual([404, 'GW_NOT_FOUND', 'product']);
  });

  it('is the problem that the plan declares for it, where it does', async () => {
    const { status, body } = await mobile.get('/orders/there-is-no-such-order');
    expect([status, body['code']]).toEqual([404, 'order_unknown']);
  });
});
