import { failure, readResponse, reply, runScreen, timeout, type Reply } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { caller, order, orderBody } from '../../test/samples.js';
import { orderScreen } from './order.screen.js';

const run = (found: Reply<unknown>) => runScreen(orderScreen, { caller, path: { id: 'o-1' } }, { order: found });

describe('one order for a partner', () => {
  it('has all members that accounting needs', async () => {
    const answer = await run(reply(order()));
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual(orderBody);
  });

  it('has a null discount and no reference where it has neither', async () => {
    const { reference: _, ...anonymous } = order({ discount: null });
    const answer = readResponse(await run(reply(anonymous)));
    expect(answer).toMatchObject({ discountMinor: null });
    expect(answer).not.toHaveProperty('reference');
  });

  // RELIABILITY A9
  it.each([
    ['of another partner', reply(order({ customerId: 'globex' }))],
    ['that does not exist', failure(404)],
  ])('%s is unknown', async (_, found) => {
    expect(await run(found)).toMatchObject({
      kind: 'problem',
      status: 404,
      code: 'order_unknown',
      detail: 'There is no such order.',
    });
  });

  it.each([
    [failure(500), { status: 502 }],
    [timeout(), { status: 504 }],
  ])('is a problem without the service', async (missing, problem) => {
    expect(await run(missing)).toMatchObject({ kind: 'problem', part: 'order', ...problem });
  });
});
