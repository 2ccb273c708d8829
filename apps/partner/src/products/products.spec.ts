import { failure, readResponse, reply, runScreen, timeout, type Reply } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { product } from '../../test/samples.js';
import { productsScreen } from './products.screen.js';

const run = (page: Reply<unknown>) =>
  runScreen(productsScreen, { query: { cursor: 'here', limit: 2, updatedSince: '2026-10-01T00:00:00Z' } }, { page });

describe('products for partners', () => {
  it('come with prices in minor units and the largest picture', async () => {
    const bare = product({ id: 'p-2', listPrice: null, images: [], weightGrams: null, ean: null, status: 'PREORDER' });
    const answer = await run(reply({ items: [product(), bare], next: 'more' }));
    expect(answer.kind).toBe('complete');
    const shown = {
      sku: 'S-1',
      name: 'Lamp',
      brand: 'Lindgren',
      description: 'Light where it is needed.',
      categoryId: 'office',
      updatedAt: '2026-11-01T00:00:00Z',
      priceMinor: 8900,
      currency: 'EUR',
      attributes: [{ name: 'Power', value: '9', unit: 'W' }],
    };
    expect(readResponse(answer)).toEqual({
      items: [
        {
          id: 'p-1',
          ...shown,
          ean: '4059000000001',
          weightGrams: 1300,
          state: 'active',
          listPriceMinor: 9900,
          imageUrl: 'https://img.shop.example/a/1280.jpg',
        },
        { id: 'p-2', ...shown, ean: null, weightGrams: null, state: 'preorder', listPriceMinor: null, imageUrl: null },
      ],
      next: 'more',
    });
  });

  it('are requested with the parameters of the query', async () => {
    const { calls } = await run(reply({ items: [], next: null }));
    expect(calls.map(({ args }) => args.query)).toEqual([
      { cursor: 'here', limit: 2, category: undefined, updatedSince: '2026-10-01T00:00:00Z' },
    ]);
  });

  it.each([
    [failure(422), { status: 400, code: 'cursor_unknown' }],
    [failure(500), { status: 502, code: 'GW_UPSTREAM_FAILED' }],
    [timeout(), { status: 504 }],
    [
      reply({ items: [{ ...product(), status: 'LOST' }], next: null }),
      { status: 502, code: 'GW_UPSTREAM_BAD_PAYLOAD' },
    ],
  ])('are a problem without the catalogue', async (missing, problem) => {
    expect(await run(missing)).toMatchObject({ kind: 'problem', part: 'page', ...problem });
  });
});
