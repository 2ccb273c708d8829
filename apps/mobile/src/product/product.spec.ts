import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { euros, product, small } from '../../test/samples.js';
import { productScreen } from './product.screen.js';

const stock = {
  sku: 'S-1',
  available: 2,
  state: 'LOW',
  restockOn: null,
  warehouses: [],
  updatedAt: '2026-11-21T00:00:00Z',
};
const good = {
  product: reply(product()),
  stock: reply(stock),
  rating: reply({ productId: 'p-1', average: null, count: 0, histogram: [] }),
};
const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
  runScreen(productScreen, { path: { id: 'p-1' } }, { ...good, ...replies });

describe('the mobile product', () => {
  it('shows one small picture, the stock and the rating', async () => {
    const answer = await run();
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual({
      id: 'p-1',
      sku: 'S-1',
      name: 'Lamp',
      brand: 'Lindgren',
      price: euros(1490),
      listPrice: null,
      description: 'Light where it is needed.',
      image: small,
      stock: { state: 'few left', available: 2 },
      rating: { average: null, count: 0 },
    });
  });

  it('requests the stock of the article when the product is known', async () => {
    const { calls } = await run({ product: reply(product(), { afterMs: 40 }) });
    expect(calls.find(({ part }) => part === 'stock')).toMatchObject({ args: { path: { sku: 'S-1' } }, atMs: 40 });
  });

  it('may have no picture', async () => {
    expect(readResponse(await run({ product: reply(product({ images: [] })) }))).not.toHaveProperty('image');
  });

  it.each([
    ['stock', timeout(), 'timeout'],
    ['stock', reply({ ...stock, state: 'SOMEWHERE' }), 'bad_payload'],
    ['rating', failure(500), 'error'],
    ['rating', failure(404), 'not_found'],
  ] as const)('goes on without %s', async (part, missing, status) => {
    expect(readResponse(await run({ [part]: missing }))).toMatchObject({
      [part]: null,
      _parts: { [part]: { status, source: 'none' } },
    });
  });

  it.each([
    [failure(404), { status: 404, code: 'GW_NOT_FOUND' }],
    [failure(500), { status: 502, code: 'GW_UPSTREAM_FAILED' }],
  ])('is a problem without the product', async (missing, problem) => {
    expect(await run({ product: missing })).toMatchObject({ kind: 'problem', part: 'product', ...problem });
  });
});
