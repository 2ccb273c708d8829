import { picture } from './catalogue.js';

/** Texts of editors and reviewers. */
export const banners = [
  {
    id: 'b-1',
    slot: 'HOME_TOP',
    title: 'Quiet, for thirty hours',
    text: 'Aria headphones, now reduced.',
    images: picture('banners/aria', 2.5),
    target: '/products/p-101',
    theme: 'DARK',
    campaign: 'aria-autumn',
    startsAt: '2026-11-01T00:00:00Z',
    endsAt: '2026-11-30T23:59:59Z',
  },
  {
    id: 'b-2',
    slot: 'HOME_TOP',
    title: 'Coffee as it should be',
    text: null,
    images: picture('banners/coffee', 2.5),
    target: '/search?q=coffee',
    theme: 'LIGHT',
    startsAt: '2026-10-01T00:00:00Z',
    endsAt: null,
  },
  {
    id: 'b-3',
    slot: 'HOME_BOTTOM',
    title: 'Send a gift card',
    text: 'It arrives today.',
    images: picture('banners/gift', 2.5),
    target: '/products/p-405',
    theme: 'LIGHT',
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: null,
  },
  {
    id: 'b-4',
    slot: 'CART',
    title: 'Free delivery from 50 euros',
    text: null,
    images: [],
    target: '/pages/delivery',
    theme: 'LIGHT',
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: null,
  },
] as const;

export const pages = [
  {
    slug: 'delivery',
    title: 'Delivery',
    description: 'How long it takes and what it costs.',
    updatedAt: '2026-06-01T10:00:00Z',
    blocks: [
      { kind: 'text', heading: null, markdown: 'Delivery is **free** from 50 euros.' },
      { kind: 'image', alt: 'A parcel', images: picture('pages/parcel', 1.5) },
      { kind: 'products', title: 'Fits into every parcel', productIds: ['p-405', 'p-205'] },
    ],
  },
  {
    slug: 'terms',
    title: 'Terms',
    description: null,
    updatedAt: '2026-01-01T00:00:00Z',
    blocks: [{ kind: 'text', heading: 'Returns', markdown: 'Within thirty days, unused.' }],
  },
] as const;

export const reviewers = ['Alan T.', 'Barbara L.', 'Edsger D.', 'Frances A.', 'Ken T.', 'Margaret H.', 'Radia P.'];

/** By stars, from one to five. */
export const opinions = [
  ['Broke in a week', 'It worked on Monday. It was Thursday when it did not.'],
  [null, 'Not what the pictures promise. The parcel was late too.'],
  ['Does its job', 'Neither better nor worse than the one before.'],
  ['Good', 'Well made, and easy to set up. The manual could be longer.'],
  ['Would buy again', 'Exactly as described. I have given one to my sister since.'],
] as const;
