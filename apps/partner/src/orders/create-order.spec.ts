import { failure, readResponse, reply, runScreen, timeout, type Reply } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { caller, order, orderBody } from '../../test/samples.js';
import { createOrderScreen } from './create-order.screen.js';
import { NewOrder, NewOrderHeader } from './new-order.js';

const shippingAddress = {
  recipient: 'Acme',
  line1: 'Lagerstr. 40',
  postalCode: '10115',
  city: 'Berlin',
  country: 'DE',
};
const lines = [{ sku: 'S-1', quantity: 10 }];
const input = {
  caller,
  header: NewOrderHeader.parse({ 'idempotency-key': 'po-4711-first', accept: '*/*' }),
  body: NewOrder.parse({ lines, shippingAddress, reference: 'PO-4711', customerId: 'globex' }),
};
const run = (placed: Reply<unknown>) => runScreen(createOrderScreen, input, { order: placed });

describe('an order of a partner', () => {
  it('is placed for the caller, under the key of the request', async () => {
    const answer = await run(reply(order()));
    expect(readResponse(answer)).toEqual(orderBody);
    expect(answer.calls.map(({ args }) => args)).toEqual([
      {
        header: { 'Idempotency-Key': 'po-4711-first' },
        body: {
          customerId: 'acme',
          lines,
          addressId: undefined,
          shippingAddress: { ...shippingAddress, line2: null },
          reference: 'PO-4711',
          note: undefined,
        },
      },
    ]);
  });

  it.each([
    [failure(409), { status: 409, code: 'order_conflict' }],
    [failure(422), { status: 422, code: 'order_impossible' }],
    [failure(500), { status: 502, code: 'GW_UPSTREAM_FAILED' }],
    [timeout(), { status: 500, code: 'GW_INDETERMINATE' }],
  ])('that was not placed says why', async (missing, problem) => {
    expect(await run(missing)).toMatchObject({ kind: 'problem', part: 'order', ...problem });
  });
});

describe('the body of an order', () => {
  it.each([
    [{}, ['lines']],
    [{ lines }, ['addressId']],
    [{ lines: [], addressId: 'ad-1' }, ['lines']],
    [{ lines: [{ sku: 'S-1', quantity: 1000 }], addressId: 'ad-1' }, ['lines.0.quantity']],
    [{ lines, addressId: 'ad-1', shippingAddress }, ['addressId']],
    [{ lines, shippingAddress: { ...shippingAddress, country: 'de' } }, ['shippingAddress.country']],
    [{ lines, addressId: 'ad-1', reference: 'x'.repeat(65) }, ['reference']],
  ])('%j is refused for %j', (body, fields) => {
    const result = NewOrder.safeParse(body);
    expect(result.error?.issues.map(({ path }) => path.join('.'))).toEqual(fields);
  });

  it.each([undefined, '', 'short', 'x'.repeat(129), 'with blanks in it', 'ünïcode-key'])('%j is no key', (key) => {
    expect(NewOrderHeader.safeParse({ 'idempotency-key': key }).success).toBe(false);
  });
});
