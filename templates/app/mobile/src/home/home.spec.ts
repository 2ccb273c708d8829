import { failure, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { homeScreen } from './home.screen.js';

const caller = { subject: 'ada' };
const order = { id: 'o-1', number: '1001', total: { amount: 4200, currency: 'EUR' }, status: 'SHIPPED', parcelId: 'p-1' };
const replies = {
  profile: reply({ name: 'Ada', points: 120, tier: 'GOLD' }, { afterMs: 50 }),
  recent: reply({ items: [order] }, { afterMs: 50 }),
  banners: reply([{ id: 'b-1', title: 'Sale', target: '/sale', images: [{ url: 'small.webp' }] }], { afterMs: 50 }),
  suggested: reply({ items: [] }, { afterMs: 50 }),
  parcels: reply({ orderId: 'o-1', state: 'IN_TRANSIT', eta: null }, { afterMs: 50 }),
};

describe('the home screen', () => {
  it('shows the user and the most recent orders', async () => {
    const run = await runScreen(homeScreen, { caller }, replies);
    if (run.kind !== 'complete') expect.fail(JSON.stringify(run));
    expect(JSON.parse(run.body)).toEqual({
      user: { name: 'Ada', points: 120, level: 'gold' },
      greeting: 'Hello Ada',
      orders: [{ id: 'o-1', number: '1001', total: { amount: 4200, currency: 'EUR' }, state: 'on its way' }],
      parcels: [{ orderId: 'o-1', state: 'IN_TRANSIT', eta: null }],
      banners: [{ id: 'b-1', title: 'Sale', target: '/sale', image: 'small.webp' }],
      suggested: [],
    });
  });

  it('takes the time of two calls in a row, not the sum of all calls', async () => {
    const { calls, tookMs } = await runScreen(homeScreen, { caller }, replies);
    expect(calls).toHaveLength(5);
    expect(tookMs).toBe(100);
  });

  it('comes without banners and suggestions, and names them', async () => {
    const run = await runScreen(homeScreen, { caller }, { ...replies, banners: timeout(), suggested: failure(503) });
    if (run.kind !== 'partial') expect.fail(JSON.stringify(run));
    expect(JSON.parse(run.body)).toMatchObject({
      banners: [],
      suggested: null,
      _parts: { banners: { status: 'timeout', source: 'fallback' }, suggested: { status: 'error', source: 'none' } },
    });
  });

  it('is a problem without its user', async () => {
    const run = await runScreen(homeScreen, { caller }, { ...replies, profile: failure(503) });
    expect(run).toMatchObject({ kind: 'problem', status: 502, part: 'profile' });
  });
});
