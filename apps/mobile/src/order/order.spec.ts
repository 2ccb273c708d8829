import { failure, readResponse, reply, runScreen, timeout } from '@frontage/testing';
import { describe, expect, it } from 'vitest';
import { caller, euros, order, parcel } from '../../test/samples.js';
import { orderScreen } from './order.screen.js';

const shipment = {
  id: 'sh-1',
  orderId: 'o-1',
  state: 'IN_TRANSIT',
  destination: { city: 'London', country: 'GB' },
  parcels: [parcel, { ...parcel, events: [] }],
};
const run = (replies: Parameters<typeof runScreen>[2] = {}) =>
  runScreen(
    orderScreen,
    { caller, path: { id: 'o-1' } },
    { order: reply(order()), shipment: reply(shipment), ...replies },
  );

describe('the mobile order', () => {
  it('shows the articles, the address, and the last known place of the parcel', async () => {
    const shown = { carrier: 'DHL', state: 'IN_TRANSIT', eta: null, trackingUrl: 'https://dhl.example/pc-1' };
    const answer = await run();
    expect(answer.kind).toBe('complete');
    expect(readResponse(answer)).toEqual({
      id: 'o-1',
      number: 'A-2026-0001',
      createdAt: '2026-11-18T08:15:00Z',
      total: euros(3470),
      state: 'open',
      lines: [{ sku: 'S-1', name: 'Lamp', quantity: 2, total: euros(2980) }],
      shipTo: { recipient: 'Ada Lovelace', city: 'London', country: 'GB' },
      parcels: [{ ...shown, lastSeen: 'On a lorry.' }, shown],
    });
  });

  it.each([
    [timeout(), 'timeout'],
    [failure(404), 'not_found'],
  ])('goes on without its parcels', async (missing, status) => {
    expect(readResponse(await run({ shipment: missing }))).toMatchObject({
      parcels: null,
      _parts: { shipment: { status, source: 'none' } },
    });
  });

  // RELIABILITY A9
  it.each([
    ['of another customer', reply(order({ customerId: 'grace' }))],
    ['that does not exist', failure(404)],
  ])('%s is unknown', async (_, found) => {
    expect(await run({ order: found })).toMatchObject({
      kind: 'problem',
      status: 404,
      code: 'order_unknown',
      detail: 'There is no such order.',
    });
  });

  it.each([
    [failure(500), 502],
    [timeout(), 504],
  ])('is a problem where it cannot be read', async (missing, status) => {
    expect(await run({ order: missing })).toMatchObject({ kind: 'problem', part: 'order', status });
  });
});
