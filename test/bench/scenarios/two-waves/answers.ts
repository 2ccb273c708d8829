import { address, digits, range, type Answers } from '../values.js';

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** The owners of accounts: every one has orders and a store in every variant. */
const customers = 8;

/** An account of about 400 bytes; its ids lead to orders of 4 kB and a store of 700 bytes. */
export function answers(variant: number): Answers {
  const customer = variant % customers;
  return {
    '/account': {
      customerId: `c-${customer}`,
      storeId: `s-${customer}`,
      name: 'Ada Lovelace',
      email: 'ada@example.test',
      tier: 'gold',
      points: digits(variant, 1, 4),
      created: '2021-03-04T10:11:12Z',
      address,
    },
    ...Object.fromEntries(
      range(customers, (i) => [`/customers/c-${i}/orders`, { items: range(10, (j) => order(variant, i * 10 + j)) }]),
    ),
    ...Object.fromEntries(range(customers, (i) => [`/stores/s-${i}`, store(variant, i)])),
  };
}

const order = (variant: number, i: number): object => ({
  id: `o-${digits(variant, i, 5)}`,
  placed: '2026-11-18T17:30:00Z',
  status: 'shipped',
  total: { amount: digits(variant, i, 5), currency: 'GBP' },
  lines: range(2, (j) => ({
    sku: `SKU-${digits(variant, i + j, 5)}`,
    title: `Product number ${digits(variant, i + j, 3)}`,
    quantity: j + 1,
    price: { amount: digits(variant, i + j, 4), currency: 'GBP' },
  })),
  ship: address,
});

const store = (variant: number, i: number): object => ({
  id: `s-${i}`,
  name: `Store number ${digits(variant, i, 3)}`,
  phone: '+44 20 0000 0003',
  address,
  hours: days.map((day) => ({ day, opens: '08:00', closes: '20:00' })),
  services: ['pick-up', 'returns', 'repairs'],
});
