import { digits, range, type Answers } from '../values.js';

const members = 100;
const subscriptions = 300;

/** 100 members of about 200 bytes, and their 300 subscriptions of about 200 bytes; their owners are others in each variant. */
export const answers = (variant: number): Answers => ({
  '/members': {
    items: range(members, (i) => ({
      id: memberId(i),
      name: `Member number ${digits(variant, i, 4)}`,
      email: `member.${digits(variant, i, 4)}@example.test`,
      tier: i % 3 === 0 ? 'GOLD' : 'PLUS',
      joined: '2021-03-04T10:11:12Z',
      points: digits(variant, i, 5),
    })),
  },
  '/subscriptions': {
    items: range(subscriptions, (i) => ({
      id: `s-${digits(variant, i, 6)}`,
      memberId: memberId((i * 7 + variant) % members),
      product: `Product number ${digits(variant, i, 3)} with a readable title`,
      state: i % 4 === 0 ? 'CLOSED' : 'ACTIVE',
      price: { amount: digits(variant, i, 4), currency: 'GBP' },
      renews: '2026-12-18T17:30:00Z',
      channel: 'web',
    })),
  },
});

const memberId = (i: number): string => `m-${100 + i}`;
