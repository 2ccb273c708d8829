import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { address, caller, card, order, profile } from '../../test/samples.js';
import { accountScreen } from './account.screen.js';

const good = {
  profile: reply(profile),
  addresses: reply({ items: [address] }),
  payments: reply({ items: [card, { id: 'pm-2', kind: 'INVOICE', label: 'Invoice', isDefault: false, card: null }] }),
  history: reply({ items: [order()], next: 'more', total: 11 }),
};
const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
  runScreen(accountScreen, { caller, query: { cursor: 'here' } }, { ...good, ...replies });

describe('the account', () => {
  it('shows the profile, addresses, ways to pay, and a page of orders', async () => {
    const answer = await run();
    expect(answer.kind).toBe('complete');
    const { purposes: _, ...shownAddress } = address;
    expect(readResponse(answer)).toEqual({
      profile: {
        name: 'Ada Lovelace',
        email: 'ada@shop.example',
        phone: null,
        points: 4210,
        locale: 'en-GB',
        memberSince: '2019-12-10',
        level: 'gold',
        newsletter: true,
      },
      addresses: [{ ...shownAddress, purposes: ['delivery', 'invoice'] }],
      paymentMethods: [
        {
          id: 'pm-1',
          label: 'Visa ending in 4242',
          isDefault: true,
          kind: 'card',
          card: { brand: 'Visa', lastDigits: '4242', expires: '2028-02' },
        },
        { id: 'pm-2', label: 'Invoice', isDefault: false, kind: 'invoice', card: null },
      ],
      orders: {
        total: 11,
        next: 'more',
        items: [
          {
            id: 'o-1',
            number: 'A-2026-0001',
            createdAt: '2026-11-18T08:15:00Z',
            state: 'on its way',
            lineCount: 2,
            total: { amount: 3970, currency: 'EUR', text: '39.70 EUR' },
          },
        ],
      },
    });
  });

  it('requests data of the caller alone, and the page of the cursor', async () => {
    const { calls } = await run();
    expect(calls.map(({ args }) => args)).toEqual([
      { path: { id: 'ada' } },
      { path: { id: 'ada' } },
      { path: { id: 'ada' } },
      { query: { customerId: 'ada', limit: 10, cursor: 'here' } },
    ]);
  });

  it.each([
    ['addresses', timeout(), { addresses: null }],
    ['payments', failure(500), { paymentMethods: null }],
  ] as const)('goes on without %s', async (part, missing, rest) => {
    expect(readResponse(await run({ [part]: missing }))).toMatchObject({
      ...rest,
      _parts: { [part]: { source: 'none' } },
    });
  });

  it.each([
    ['profile', failure(500), { status: 502 }],
    ['history', timeout(), { status: 504 }],
    ['history', failure(422), { status: 400, code: 'cursor_unknown' }],
  ] as const)('is a problem without %s', async (part, missing, problem) => {
    expect(await run({ [part]: missing })).toMatchObject({ kind: 'problem', part, ...problem });
  });
});
