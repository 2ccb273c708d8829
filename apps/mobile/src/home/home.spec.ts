import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { banner, caller, euros, order, parcel, profile, recommendations, small } from '../../test/samples.js';
import { homeScreen } from './home.screen.js';

const good = {
  profile: reply(profile),
  recent: reply({
    items: [order(), order({ id: 'o-2', status: 'DELIVERED', parcelId: 'pc-2' })],
    next: null,
    total: 2,
  }),
  banners: reply([banner]),
  suggested: reply(recommendations),
  parcels: reply((args) => ({ ...parcel, orderId: args.path?.['id'] === 'pc-1' ? 'o-1' : 'o-2' })),
};
const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
  runScreen(homeScreen, { caller }, { ...good, ...replies });

describe('the mobile home', () => {
  it('shows a greeting, orders, their parcels, banners and suggestions with one small picture each', async () => {
    const answer = await run();
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual({
      user: { name: 'Ada Lovelace', points: 4210, level: 'gold' },
      greeting: 'Hello Ada Lovelace',
      orders: [
        { id: 'o-1', number: 'A-2026-0001', total: euros(3470), state: 'open' },
        { id: 'o-2', number: 'A-2026-0001', total: euros(3470), state: 'delivered' },
      ],
      parcels: [
        { orderId: 'o-1', state: 'IN_TRANSIT', eta: null },
        { orderId: 'o-2', state: 'IN_TRANSIT', eta: null },
      ],
      banners: [{ id: 'b-1', title: 'Winter', target: '/winter', image: small }],
      suggested: [{ productId: 'p-9', name: 'Kettle', price: euros(7900), image: small }],
    });
  });

  it('requests data of the caller alone, and only parcels wait for another call', async () => {
    const { calls } = await run({ recent: reply({ items: [order()], next: null, total: 1 }, { afterMs: 50 }) });
    expect(calls.map(({ part, atMs, args }) => [part, atMs, args])).toEqual([
      ['profile', 0, { path: { id: 'ada' } }],
      ['recent', 0, { query: { customerId: 'ada', limit: 3 } }],
      ['banners', 0, { query: { slot: 'HOME_TOP', limit: 3 } }],
      ['suggested', 0, { path: { customerId: 'ada' }, query: { placement: 'HOME', limit: 6 } }],
      ['parcels', 50, { path: { id: 'pc-1' } }],
    ]);
  });

  it('gives banners at most 150 ms', async () => {
    const answer = await run({ banners: timeout() });
    expect(answer.tookMs).toBe(150);
    expect(readResponse(answer)).toMatchObject({
      banners: [],
      _parts: { banners: { status: 'timeout', source: 'fallback' } },
    });
  });

  it('is complete but for suggestions where these fail', async () => {
    expect(readResponse(await run({ suggested: failure(500) }))).toMatchObject({
      suggested: null,
      _parts: { suggested: { status: 'error', source: 'none' } },
    });
  });

  it('marks the parcels that are missing', async () => {
    expect(readResponse(await run({ parcels: failure(404) }))).toMatchObject({
      parcels: [null, null],
      _parts: { parcels: { items: { '0': 'not_found', '1': 'not_found' } } },
    });
  });

  it.each([
    ['profile', failure(500), { status: 502 }],
    ['profile', failure(404), { status: 404, code: 'GW_NOT_FOUND' }],
    ['recent', timeout(), { status: 504 }],
    ['recent', reply({ items: [{ ...order(), status: 'LOST' }] }), { status: 502, code: 'GW_UPSTREAM_BAD_PAYLOAD' }],
  ] as const)('is a problem without %s', async (part, missing, problem) => {
    expect(await run({ [part]: missing })).toMatchObject({ kind: 'problem', part, ...problem });
  });
});
