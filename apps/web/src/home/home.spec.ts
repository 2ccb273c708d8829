import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import {
  banner,
  caller,
  category,
  order,
  parcel,
  profile,
  recommendations,
  shownImages,
  shownSuggestion,
} from '../../test/samples.js';
import { homeScreen } from './home.screen.js';

const good = {
  profile: reply(profile),
  recent: reply({ items: [order(), order({ id: 'o-2', parcelId: 'pc-2' })], next: null, total: 2 }),
  parcels: reply(parcel),
  topBanners: reply([banner()]),
  bottomBanners: reply([banner({ id: 'b-2', theme: 'LIGHT' })]),
  suggested: reply(recommendations),
  categories: reply({ items: [category] }),
};
const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
  runScreen(homeScreen, { caller }, { ...good, ...replies });

describe('the web home', () => {
  it('shows the profile, orders with their parcels, both rows of banners, suggestions and categories', async () => {
    const row = {
      number: 'A-2026-0001',
      createdAt: '2026-11-18T08:15:00Z',
      state: 'on its way',
      lineCount: 2,
      total: { amount: 3970, currency: 'EUR', text: '39.70 EUR' },
      parcel: { eta: '2026-11-21T12:00:00Z', trackingUrl: null, state: 'arrives today' },
    };
    const shownBanner = { title: 'Winter', text: null, target: '/winter', images: shownImages };
    const answer = await run();
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual({
      user: { name: 'Ada Lovelace', points: 4210, memberSince: '2019-12-10', level: 'gold', avatar: null },
      greeting: 'Hello Ada Lovelace',
      orders: [
        { id: 'o-1', ...row },
        { id: 'o-2', ...row },
      ],
      banners: {
        top: [{ id: 'b-1', dark: true, ...shownBanner }],
        bottom: [{ id: 'b-2', dark: false, ...shownBanner }],
      },
      suggestions: [shownSuggestion],
      categories: [
        {
          id: 'audio',
          name: 'Audio',
          productCount: 6,
          children: [{ id: 'speakers', name: 'Speakers', productCount: 3 }],
        },
      ],
    });
  });

  it('requests banners in the language of the profile', async () => {
    const { calls } = await run();
    const banners = calls.filter(({ operation }) => operation === 'listBanners');
    expect(banners.map(({ args }) => args.query)).toEqual([
      { slot: 'HOME_TOP', locale: 'en-GB', limit: 5 },
      { slot: 'HOME_BOTTOM', locale: 'en-GB', limit: 5 },
    ]);
  });

  it('takes the time of two calls in a row, not the sum of all calls', async () => {
    const after = { afterMs: 100 };
    const answer = await run({
      profile: reply(profile, after),
      topBanners: reply([], after),
      bottomBanners: reply([], after),
      suggested: reply(recommendations, after),
      parcels: reply(parcel, after),
    });
    expect(answer.tookMs).toBe(200);
  });

  it.each([
    ['topBanners', timeout(), { banners: { top: [] } }, { status: 'timeout', source: 'fallback' }],
    ['bottomBanners', failure(500), { banners: { bottom: [] } }, { status: 'error', source: 'fallback' }],
    ['suggested', failure(503), { suggestions: null }, { status: 'error', source: 'none' }],
    ['categories', timeout(), {}, { status: 'timeout', source: 'none' }],
  ] as const)('goes on without %s', async (part, missing, rest, why) => {
    const answer = await run({ [part]: missing });
    expect(answer.kind).toBe('partial');
    expect(readResponse(answer)).toMatchObject({ ...rest, _parts: { [part]: why } });
  });

  it('leaves categories out where the list is empty', async () => {
    expect(readResponse(await run({ categories: failure(500) }))).not.toHaveProperty('categories');
  });

  it('marks the parcel that is missing, and shows the other', async () => {
    const parcels = reply((args) => {
      if (args.path?.['id'] === 'pc-1') return parcel;
      return { ...parcel, state: 'SOMEWHERE' };
    });
    expect(readResponse(await run({ parcels }))).toMatchObject({
      orders: [
        { id: 'o-1', parcel: { state: 'arrives today' } },
        { id: 'o-2', parcel: null },
      ],
      _parts: { parcels: { items: { '1': 'bad_payload' } } },
    });
  });

  it.each([
    ['profile', failure(500), { status: 502, code: 'GW_UPSTREAM_FAILED' }],
    ['profile', failure(404), { status: 404, code: 'GW_NOT_FOUND' }],
    ['recent', timeout(), { status: 504 }],
  ] as const)('is a problem without %s', async (part, missing, problem) => {
    expect(await run({ [part]: missing })).toMatchObject({ kind: 'problem', part, ...problem });
  });
});
