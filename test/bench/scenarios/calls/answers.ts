import { digits, range, type Answers } from '../values.js';

export const tileIds = (count: number): string[] => range(count, (i) => `t${i}`);

/** The given number of independent responses of about 600 bytes. */
export const answers =
  (count: number) =>
  (variant: number): Answers =>
    Object.fromEntries(tileIds(count).map((id, i) => [`/tiles/${id}`, tile(variant, id, i)]));

const tile = (variant: number, id: string, i: number): object => ({
  id,
  kind: 'offer',
  title: `Tile number ${digits(variant, i, 3)} of the front page`,
  subtitle: `Only today, and only for order ${digits(variant, i, 5)}`,
  text: `What there is to say about tile ${digits(variant, i, 3)}: a paragraph of the length that editors write when nobody stops them, with a second sentence that nobody reads.`,
  image: `https://img.example.test/t/${digits(variant, i, 3)}/640x480.jpg`,
  link: `https://shop.example.test/offers/${digits(variant, i, 4)}`,
  badge: { label: 'New', color: 'green' },
  price: { amount: digits(variant, i, 4), currency: 'GBP' },
  stock: digits(variant, i, 2),
  updated: '2026-11-20T08:00:00Z',
  tags: ['front', 'offer', 'today'],
});
