import { failure, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { homeScreen } from './home.screen.js';

const caller = { subject: 'ada' };
const order = { id: 'o-1', number: '1001', createdAt: '2026-01-02T03:04:05Z', total: { amount: 4200, currency: 'EUR' } };
const images = [
  { url: 'wide.webp', width: 1200, height: 400 },
  { url: 'narrow.webp', width: 600, height: 200 },
];
const replies = {
  profile: reply(
    { name: 'Ada', points: 120, memberSince: '2020-02-01', tier: 'GOLD', avatar: null, locale: 'de-DE' },
    { afterMs: 50 },
  ),
  recent: reply({ items: [{ ...order, status: 'SHIPPED' }] }, { afterMs: 50 }),
  banners: reply([{ id: 'b-1', title: 'Sale', text: null, target: '/sale', images }], { afterMs: 50 }),
};

describe('the home page', () => {
  it('shows the user and the most recent orders', async () => {
    const run = await runScreen(homeScreen, { caller }, replies);
    if (run.kind !== 'complete') expect.fail(JSON.stringify(run));
    expect(JSON.parse(run.body)).toEqual({
      user: { name: 'Ada', points: 120, memberSince: '2020-02-01', level: 'gold', avatar: null },
      greeting: 'Hello Ada',
      orders: [{ ...order, state: 'on its way' }],
      banners: [{ id: 'b-1', title: 'Sale', text: null, target: '/sale', images: images.toReversed() }],
    });
  });

  it('requests banners in the language of the user, so they wait for the profile alone', async () => {
    const { calls, tookMs } = await runScreen(homeScreen, { caller }, replies);
    expect(calls.find(({ part }) => part === 'banners')).toMatchObject({ args: { query: { locale: 'de-DE' } }, atMs: 50 });
    expect(tookMs).toBe(100);
  });

  it('comes without banners, and names them', async () => {
    const run = await runScreen(homeScreen, { caller }, { ...replies, banners: timeout() });
    if (run.kind !== 'partial') expect.fail(JSON.stringify(run));
    expect(JSON.parse(run.body)).toMatchObject({
      banners: [],
      _parts: { banners: { status: 'timeout', source: 'fallback' } },
    });
  });

  it('is a problem without its user', async () => {
    const run = await runScreen(homeScreen, { caller }, { ...replies, profile: failure(503) });
    expect(run).toMatchObject({ kind: 'problem', status: 502, part: 'profile' });
  });
});
