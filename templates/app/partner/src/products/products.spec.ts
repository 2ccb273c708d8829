import { failure, reply, runScreen } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { productsScreen } from './products.screen.js';

const query = { limit: 2 };
const product = { id: 'p-1', sku: 'SKU-1', ean: null, name: 'Lamp', brand: 'Lumen', updatedAt: '2026-01-02T03:04:05Z' };
const price = { amount: 4900, currency: 'EUR' };

describe('the list of products', () => {
  it('is flat, with prices in minor units and the cursor of the next page', async () => {
    const page = reply({ items: [{ ...product, status: 'ACTIVE', price, listPrice: null }], next: 'c-2' });
    const run = await runScreen(productsScreen, { query }, { page });
    if (run.kind !== 'complete') expect.fail(JSON.stringify(run));
    expect(JSON.parse(run.body)).toEqual({
      items: [{ ...product, state: 'active', priceMinor: 4900, listPriceMinor: null, currency: 'EUR' }],
      next: 'c-2',
    });
  });

  it('refuses a cursor that the catalogue does not know', async () => {
    const run = await runScreen(productsScreen, { query: { limit: 2, cursor: 'made up' } }, { page: failure(422, {}) });
    expect(run).toMatchObject({ kind: 'problem', status: 400 });
  });

  it('is a problem without the catalogue', async () => {
    const run = await runScreen(productsScreen, { query }, { page: failure(503) });
    expect(run).toMatchObject({ kind: 'problem', status: 502, part: 'page' });
  });
});
