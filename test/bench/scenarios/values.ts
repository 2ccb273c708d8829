/** The responses of an upstream, by path. */
export type Answers = Readonly<Record<string, unknown>>;

export const range = <T>(count: number, make: (i: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));

/** A number of `width` digits that is another one in each variant: values differ, shapes and sizes do not. */
export const digits = (variant: number, value: number, width: number): number =>
  10 ** (width - 1) + ((value * 7919 + variant * 104_729) % (9 * 10 ** (width - 1)));

/** About 450 bytes, of which a list page keeps a third. */
export function product(variant: number, i: number): object {
  const number = (width: number): number => digits(variant, i, width);
  return {
    id: `p-${i}-${number(4)}`,
    sku: `SKU-${number(5)}`,
    title: `Product number ${number(3)} with a readable title`,
    description: `A longer description of product ${number(3)} that explains what it is, what it does and why somebody might like to own one of them.`,
    price: { amount: number(4), currency: 'GBP' },
    image: `https://img.example.test/p/${number(3)}/640x480.jpg`,
    rating: 4.2,
    reviews: number(3),
    stock: number(2),
    category: { id: `c-${i % 5}`, name: `Category ${i % 5}` },
    attributes: { color: 'blue', size: 'M', weight: 1.25 },
  };
}

export const address = { street: '1 St James Square', city: 'London', zip: 'SW1Y 4LE', country: 'GB' };
