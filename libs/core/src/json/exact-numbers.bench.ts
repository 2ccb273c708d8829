import { expect, test } from 'vitest';
import { maybeHasInexactNumber } from './exact-numbers.js';

const page = (decimals: (index: number) => object): Buffer =>
  Buffer.from(
    JSON.stringify(
      Array.from({ length: 115 }, (_, index) => ({
        id: `o-${index}`,
        at: '2026-11-30T01:02:03Z',
        count: index,
        name: 'Sensor of the living room',
        ...decimals(index),
      })),
    ),
  );

const pages = {
  'amounts and coordinates': page((index) => ({
    total: Number((19.99 + index).toFixed(2)),
    lat: Number((52.5200066 + index / 7).toFixed(7)),
    lng: Number((13.404954 + index / 3).toFixed(6)),
  })),
  'doubles of 16 and 17 digits': page((index) => ({
    total: index,
    lat: 52.5200066 + index / 7,
    lng: 13.404954 + index / 3,
  })),
};

/** The cost of looking for numbers that a double changes, beside that of parsing. */
for (const [name, bytes] of Object.entries(pages)) {
  test(`15 kB of ${name}`, async ({ bench }) => {
    let count = 0;
    await bench.compare(
      bench('look', () => {
        count += Number(!maybeHasInexactNumber(bytes));
      }),
      bench('parse', () => {
        count += Number(JSON.parse(bytes.toString('latin1')) !== null);
      }),
    );
    expect(count).toBeGreaterThan(0);
  });
}
