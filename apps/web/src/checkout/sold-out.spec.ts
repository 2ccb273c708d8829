import { describe, expect, it } from 'vitest';
import { soldOutSkus } from './sold-out.js';

describe('what of a cart is sold out', () => {
  const stock = [
    { sku: 'a', available: 3 },
    { sku: 'b', available: 0 },
  ];

  it('is nothing where there is enough of everything', () => {
    expect(soldOutSkus([{ sku: 'a', quantity: 3 }], stock)).toEqual([]);
  });

  it('counts the lines of one article together', () => {
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

  it('names what there is none of, and what nobody knows', () => {
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
