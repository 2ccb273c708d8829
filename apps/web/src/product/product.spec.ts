import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { product, recommendations, shownImages, shownSuggestion, stock } from '../../test/samples.js';
import { productScreen } from './product.screen.js';

const review = {
  id: 'r-1',
  productId: 'p-1',
  author: 'Kim',
  stars: 5,
  title: null,
  text: 'Good light.',
  verified: true,
  helpfulCount: 3,
  createdAt: '2026-11-01T00:00:00Z',
};
const good = {
  product: reply(product),
  stock: reply(stock({ state: 'LOW', available: 2 })),
  rating: reply({ productId: 'p-1', average: 4.5, count: 2, histogram: [{ stars: 5, count: 2 }] }),
  opinions: reply({ items: [review], total: 1, offset: 0, limit: 5 }),
  related: reply(recommendations),
};
const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
  runScreen(productScreen, { path: { id: 'p-1' } }, { ...good, ...replies });

describe('the product page', () => {
  it('shows the product, its stock, its reviews, and related products', async () => {
    const answer = await run();
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual({
      id: 'p-1',
      sku: 'S-1',
      name: 'Lamp',
      brand: 'Lindgren',
      description: 'Light where it is needed.',
      categoryId: 'office',
      tags: ['new'],
      availability: 'for sale',
      price: { amount: 1490, currency: 'EUR', text: '14.90 EUR' },
      listPrice: { amount: 1990, currency: 'EUR', text: '19.90 EUR' },
      images: shownImages,
      gallery: [],
      attributes: [{ name: 'Power', value: '9', unit: 'W' }],
      stock: { state: 'few left', available: 2, restockOn: null },
      rating: { average: 4.5, count: 2, histogram: [{ stars: 5, count: 2 }] },
      reviews: {
        total: 1,
        items: [
          {
            id: 'r-1',
            author: 'Kim',
            stars: 5,
            title: null,
            text: 'Good light.',
            verified: true,
            helpfulCount: 3,
            createdAt: '2026-11-01T00:00:00Z',
          },
        ],
      },
      related: [shownSuggestion],
    });
  });

  it('shows a gallery, no old price, and the reply of the shop, where these exist', async () => {
    const answered = { text: 'Thank you.', createdAt: '2026-11-02T00:00:00Z' };
    const answer = await run({
      product: reply({ ...product, listPrice: null, gallery: [{ alt: 'from above', variants: product.images }] }),
      opinions: reply({ items: [{ ...review, reply: answered }], total: 1, offset: 0, limit: 5 }),
    });
    expect(readResponse(answer)).toMatchObject({
      listPrice: null,
      gallery: [{ alt: 'from above', images: shownImages }],
      reviews: { items: [{ reply: 'Thank you.' }] },
    });
  });

  it('requests the stock of the article when the product is known', async () => {
    const { calls } = await run({ product: reply(product, { afterMs: 40 }) });
    expect(calls.find(({ part }) => part === 'stock')).toMatchObject({ args: { path: { sku: 'S-1' } }, atMs: 40 });
  });

  it.each([
    ['stock', timeout(), { stock: null }],
    ['rating', failure(500), { rating: null }],
    ['opinions', failure(404), { reviews: null }],
    ['related', failure(503), {}],
  ] as const)('goes on without %s', async (part, missing, rest) => {
    const answer = await run({ [part]: missing });
    expect(answer.kind).toBe('partial');
    expect(readResponse(answer)).toMatchObject({ id: 'p-1', ...rest, _parts: { [part]: { source: 'none' } } });
  });

  it('leaves out the related products where they are unknown', async () => {
    expect(readResponse(await run({ related: timeout() }))).not.toHaveProperty('related');
  });

  it.each([
    [failure(404), { status: 404, code: 'GW_NOT_FOUND' }],
    [failure(500), { status: 502, code: 'GW_UPSTREAM_FAILED' }],
    [reply({ ...product, status: 'LOST' }), { status: 502, code: 'GW_UPSTREAM_BAD_PAYLOAD' }],
  ])('is a problem without the product', async (missing, problem) => {
    expect(await run({ product: missing })).toMatchObject({ kind: 'problem', part: 'product', ...problem });
  });
});
