import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { caller, cart, euros, product, small } from '../../test/samples.js';
import { addItemScreen } from './add-item.screen.js';
import { cartScreen } from './cart.screen.js';

describe('the cart', () => {
  const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
    runScreen(
      cartScreen,
      { caller },
      {
        cart: reply(cart),
        products: reply((args) => product({ name: `Lamp ${String(args.path?.['id'])}` })),
        ...replies,
      },
    );
  const line = { quantity: 1, unitPrice: euros(1490), total: euros(1490) };

  it('shows each of its lines with name and picture', async () => {
    const answer = await run();
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual({
      itemCount: 2,
      total: euros(2980),
      discount: null,
      lines: [
        { id: 'l-S-1', sku: 'S-1', ...line, name: 'Lamp p-1', image: small },
        { id: 'l-S-2', sku: 'S-2', ...line, name: 'Lamp p-2', image: small },
      ],
    });
  });

  it('keeps the lines of products that no longer exist', async () => {
    expect(readResponse(await run({ products: failure(404) }))).toMatchObject({
      lines: [
        { sku: 'S-1', name: null, image: null },
        { sku: 'S-2', name: null, image: null },
      ],
      _parts: { products: { items: { '0': 'not_found', '1': 'not_found' } } },
    });
  });

  it.each([
    [failure(500), 502],
    [timeout(), 504],
  ])('is a problem where it cannot be read', async (missing, status) => {
    expect(await run({ cart: missing })).toMatchObject({ kind: 'problem', part: 'cart', status });
  });
});

describe('putting an article into the cart', () => {
  const run = (added: Parameters<typeof runScreen>[2][string]) =>
    runScreen(addItemScreen, { caller, body: { sku: 'S-1', quantity: 2 } }, { cart: added });

  it('returns the new content of the cart', async () => {
    const answer = await run(reply(cart));
    expect(readResponse(answer)).toEqual({ itemCount: 2, total: euros(2980) });
    expect(answer.calls.map(({ args }) => args)).toEqual([
      { path: { customerId: 'ada' }, body: { sku: 'S-1', quantity: 2 } },
    ]);
  });

  it.each([
    [failure(409), { status: 409, code: 'not_enough_in_stock' }],
    [failure(422), { status: 422, code: 'article_not_sold' }],
    [failure(500), { status: 502, code: 'GW_UPSTREAM_FAILED' }],
    [timeout(), { status: 500, code: 'GW_INDETERMINATE' }],
  ])('says why it did not', async (missing, problem) => {
    expect(await run(missing)).toMatchObject({ kind: 'problem', part: 'cart', ...problem });
  });
});
