import { digits, range, type Answers } from '../values.js';

const count = 20;

/** A list of 2 kB, whose order is another one in each variant, and a parcel of about 600 bytes for each of its items. */
export const answers = (variant: number): Answers => ({
  '/parcels': {
    items: range(count, (i) => ({
      parcelId: `p-${(i + variant) % count}`,
      label: `Parcel number ${digits(variant, i, 4)}`,
      placed: '2026-11-18T17:30:00Z',
    })),
  },
  ...Object.fromEntries(range(count, (i) => [`/parcels/p-${i}`, parcel(variant, i)])),
});

const parcel = (variant: number, i: number): object => ({
  id: `p-${i}`,
  state: 'on its way',
  eta: `2026-11-2${i % 10}T08:00:00Z`,
  carrier: { name: `Carrier ${digits(variant, i, 2)}`, phone: '+44 20 0000 0004' },
  weight: 1.25,
  events: range(4, (j) => ({
    at: `2026-11-1${j}T08:00:00Z`,
    place: `Depot ${digits(variant, i + j, 3)}`,
    text: 'The parcel arrived here and went on to the next depot',
  })),
});
