import { failure, readResponse, reply, runScreen, timeout, type Reply } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { Skus } from './skus.js';
import { stockScreen } from './stock.screen.js';

const run = (stock: Reply<unknown>) => runScreen(stockScreen, { query: { skus: ['S-1', 'S-2'] } }, { stock });

const known = {
  sku: 'S-1',
  available: 0,
  state: 'BACKORDER',
  restockOn: '2026-12-18',
  maxPerOrder: 5,
  warehouses: [{ id: 'w-1', country: 'DE', quantity: 0 }],
  updatedAt: '2026-11-21T00:00:00Z',
};

describe('stock for partners', () => {
  it('comes in one call, without the warehouses, and names unknown articles', async () => {
    const answer = await run(reply({ items: [known], unknown: ['S-2'] }));
    expect(readResponse(answer)).toEqual({
      items: [
        {
          sku: 'S-1',
          available: 0,
          state: 'backorder',
          restockOn: '2026-12-18',
          maxPerOrder: 5,
          updatedAt: '2026-11-21T00:00:00Z',
        },
      ],
      unknown: ['S-2'],
    });
    expect(answer.calls.map(({ args }) => args)).toEqual([{ query: { skus: ['S-1', 'S-2'] } }]);
  });

  it.each([
    [failure(500), { status: 502 }],
    [timeout(), { status: 504 }],
  ])('is a problem without the inventory', async (missing, problem) => {
    expect(await run(missing)).toMatchObject({ kind: 'problem', part: 'stock', ...problem });
  });
});

describe('the articles of a query', () => {
  it('are separated by commas, each counted once', () => {
    expect(Skus.parse('a,b,a')).toEqual(['a', 'b']);
  });

  it('may be up to a hundred', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => `SKU-${index}`);
    expect(Skus.parse(hundred.join(','))).toEqual(hundred);
    expect(Skus.safeParse([...hundred, 'one more'].join(',')).success).toBe(false);
  });

  it.each(['', ',', 'a,,b', 'a,', 'x'.repeat(65), ['a', 'b'], undefined])('are none in %j', (skus) => {
    expect(Skus.safeParse(skus).success).toBe(false);
  });
});
