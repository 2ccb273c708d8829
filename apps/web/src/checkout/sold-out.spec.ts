import { describe, expect, it } from 'vitest';
import { soldOutSkus } from './sold-out.js';

describe('the sold-out articles of a cart', () => {
  const stock = [
    { sku: 'a', available: 3 },
    { sku: 'b', available: 0 },
  ];

  it('are none where the stock of every article suffices', () => {
    expect(soldOutSkus([{ sku: 'a', quantity: 3 }], stock)).toEqual([]);
  });

  it('are found by adding up all lines of an article', () => {
    expect(
      soldOutSkus(
        [
          { sku: 'a', quantity: 2 },
          { sku: 'a', quantity: 2 },
        ],
        stock,
      ),
    ).toEqual(['a']);
  });

  it('names articles that are sold out or unknown', () => {
    expect(
      soldOutSkus(
        [
          { sku: 'b', quantity: 1 },
          { sku: 'c', quantity: 1 },
        ],
        stock,
      ),
    ).toEqual(['b', 'c']);
  });
});
