import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { address, caller, card, cart, order, stock } from '../../test/samples.js';
import { checkoutScreen } from './checkout.screen.js';

const good = {
  cart: reply(cart()),
  addresses: reply({ items: [address] }),
  payments: reply({ items: [card] }),
  stock: reply({ items: [stock(), stock({ sku: 'S-2', available: 1 })], unknown: [] }),
  order: reply(order({ status: 'PENDING' })),
};
const body = { addressId: 'ad-1', paymentMethodId: 'pm-1', note: 'Ring twice.' };
const run = (replies: Parameters<typeof runScreen>[2] = {}, change: Partial<typeof body> = {}) =>
  runScreen(checkoutScreen, { caller, body: { ...body, ...change } }, { ...good, ...replies });

describe('checkout', () => {
  it('orders the cart under a key of the cart and its state, and shows the order', async () => {
    const answer = await run();
    expect(readResponse(answer)).toMatchObject({
      id: 'o-1',
      state: 'awaiting payment',
      lines: [
        { sku: 'S-1', name: 'Lamp', quantity: 2, total: { text: '29.80 EUR' } },
        { sku: 'S-2', name: 'Cable', quantity: 1, total: { text: '5.00 EUR' } },
      ],
      shippingCost: { amount: 490 },
      shipTo: { recipient: 'Ada Lovelace', city: 'London' },
    });
    expect(answer.calls.find(({ operation }) => operation === 'createOrder')?.args).toEqual({
      header: { 'Idempotency-Key': 'checkout-c-ada-7' },
      body: {
        customerId: 'ada',
        cartId: 'c-ada',
        addressId: 'ad-1',
        paymentMethodId: 'pm-1',
        shippingOptionId: undefined,
        note: 'Ring twice.',
      },
    });
  });

  it('requests the stock of each article once', async () => {
    const [line] = cart().lines;
    const { calls } = await run({ cart: reply(cart({ lines: [line, line].filter((one) => one !== undefined) })) });
    expect(calls.find(({ part }) => part === 'stock')?.args.query).toEqual({ skus: ['S-1'] });
  });

  it.each([
    ['an empty cart', { cart: reply(cart({ lines: [] })) }, {}, 409, 'cart_empty'],
    ['articles sold out', { stock: reply({ items: [stock()], unknown: ['S-2'] }) }, {}, 409, 'sold_out'],
    ['too many articles', { stock: failure(422) }, {}, 409, 'cart_too_long'],
    ['an address of another customer', {}, { addressId: 'ad-2' }, 422, 'address_unknown'],
    ['a way to pay of another customer', {}, { paymentMethodId: 'pm-2' }, 422, 'payment_unknown'],
  ] as const)('places no order of %s', async (_, replies, change, status, code) => {
    const answer = await run(replies, change);
    expect(answer).toMatchObject({ kind: 'problem', status, code });
    expect(answer.calls.map(({ part }) => part)).not.toContain('order');
  });

  it('names the articles that are sold out', async () => {
    const answer = await run({ stock: reply({ items: [stock({ available: 1 })], unknown: ['S-2'] }) });
    expect(answer).toMatchObject({ detail: 'There is not enough of S-1, S-2.' });
  });

  it.each([
    ['cart', failure(503)],
    ['addresses', timeout()],
    ['payments', failure(500)],
    ['stock', timeout()],
  ] as const)('places no order without %s', async (part, missing) => {
    const answer = await run({ [part]: missing });
    expect(answer).toMatchObject({ kind: 'problem', part });
    expect(answer.calls.map((call) => call.part)).not.toContain('order');
  });

  it.each([
    [failure(409), { status: 409, code: 'order_conflict' }],
    [failure(422), { status: 422, code: 'order_impossible' }],
    [failure(500), { status: 502, code: 'GW_UPSTREAM_FAILED' }],
    [timeout(), { status: 500, code: 'GW_INDETERMINATE' }],
  ])('says what became of an order that was not placed', async (missing, problem) => {
    expect(await run({ order: missing })).toMatchObject({ kind: 'problem', part: 'order', ...problem });
  });
});
