import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { banner, shownImages, stock, summary } from '../../test/samples.js';
import { SearchQuery } from './search-query.js';
import { searchScreen } from './search.screen.js';

const found = {
  items: [summary, { ...summary, id: 'p-2', sku: 'S-2', listPrice: null }],
  total: 2,
  page: 1,
  pageSize: 24,
  facets: [
    {
      name: 'brand',
      label: 'Brand',
      values: [
        { value: 'Lindgren', label: 'Lindgren', count: 2 },
        { value: 'Tacto', label: 'Tacto', count: 1 },
      ],
    },
    { name: 'category', label: 'Category', values: [{ value: 'office', label: 'Office', count: 2 }] },
  ],
  suggestion: null,
};
const good = {
  found: reply(found),
  stock: reply({ items: [stock({ sku: 'S-2', state: 'OUT_OF_STOCK' })], unknown: ['S-1'] }),
  banners: reply([banner({ slot: 'SEARCH' })]),
};
const query = SearchQuery.parse({ q: ' lamp ', brand: 'Lindgren', category: 'office', sort: 'cheapest', page: '1' });
const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
  runScreen(searchScreen, { query }, { ...good, ...replies });

describe('search', () => {
  it('shows products with their stock, and filters with what is chosen', async () => {
    const answer = await run();
    expect(answer.kind).toBe('complete');
    const shown = {
      name: 'Lamp',
      brand: 'Lindgren',
      price: { amount: 1490, currency: 'EUR', text: '14.90 EUR' },
      images: shownImages,
    };
    expect(readResponse(answer)).toEqual({
      total: 2,
      page: 1,
      pageSize: 24,
      suggestion: null,
      products: [
        {
          id: 'p-1',
          sku: 'S-1',
          ...shown,
          listPrice: { amount: 1990, currency: 'EUR', text: '19.90 EUR' },
          stock: null,
        },
        { id: 'p-2', sku: 'S-2', ...shown, listPrice: null, stock: 'sold out' },
      ],
      filters: [
        {
          name: 'brand',
          label: 'Brand',
          options: [
            { value: 'Lindgren', label: 'Lindgren', count: 2, isChosen: true },
            { value: 'Tacto', label: 'Tacto', count: 1, isChosen: false },
          ],
        },
        {
          name: 'category',
          label: 'Category',
          options: [{ value: 'office', label: 'Office', count: 2, isChosen: true }],
        },
      ],
      banners: [{ id: 'b-1', title: 'Winter', target: '/winter', images: shownImages }],
    });
  });

  it('uses the parameters of the catalogue, and requests all stock in one call', async () => {
    const { calls } = await run();
    expect(calls.find(({ part }) => part === 'found')?.args.query).toEqual({
      q: 'lamp',
      category: 'office',
      brand: ['Lindgren'],
      sort: 'PRICE_ASCENDING',
      page: 1,
      pageSize: 24,
    });
    expect(calls.flatMap(({ part, args }) => (part === 'stock' ? [args.query] : []))).toEqual([
      { skus: ['S-1', 'S-2'] },
    ]);
  });

  it('requests no stock where nothing is found, and is complete', async () => {
    const answer = await run({ found: reply({ ...found, items: [], total: 0 }) });
    expect(answer.kind).toBe('complete');
    expect(answer.calls.map(({ part }) => part)).not.toContain('stock');
  });

  it.each([
    ['stock', timeout(), { products: [{ stock: null }, { stock: null }] }],
    ['banners', failure(500), { banners: [] }],
  ] as const)('goes on without %s', async (part, missing, rest) => {
    expect(readResponse(await run({ [part]: missing }))).toMatchObject({
      ...rest,
      _parts: { [part]: { source: 'fallback' } },
    });
  });

  it('is a problem where the catalogue fails', async () => {
    expect(await run({ found: timeout() })).toMatchObject({ kind: 'problem', status: 504, part: 'found' });
  });
});

describe('the address of a search page', () => {
  it('has defaults for all parameters but the search words', () => {
    expect(SearchQuery.parse({ q: 'lamp' })).toEqual({ q: 'lamp', brand: [], sort: 'RELEVANCE', page: 1 });
  });

  it('repeats a name for several values', () => {
    expect(SearchQuery.parse({ q: 'lamp', brand: ['a', 'b'], page: '3' })).toMatchObject({
      brand: ['a', 'b'],
      page: 3,
    });
  });

  it.each([
    [{}, 'q'],
    [{ q: '   ' }, 'q'],
    [{ q: ['a', 'b'] }, 'q'],
    [{ q: 'a', brand: '' }, 'brand'],
    [{ q: 'a', brand: Array.from({ length: 11 }, () => 'b') }, 'brand'],
    [{ q: 'a', sort: 'RELEVANCE' }, 'sort'],
    [{ q: 'a', page: '0' }, 'page'],
    [{ q: 'a', page: 'two' }, 'page'],
    [{ q: 'a', page: '1.5' }, 'page'],
  ])('%j is refused for its %s', (query, field) => {
    expect(SearchQuery.safeParse(query).error?.issues.map(({ path }) => path[0])).toEqual([field]);
  });
});
