import {
  first,
  given,
  list,
  optional,
  orNull,
  pick,
  plan,
  problem,
  required,
  screen,
  step,
  within,
} from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as orders from '@frontage/upstreams/orders';
import * as shipping from '@frontage/upstreams/shipping';
import { z } from 'zod';
import { orderState } from '../order-state.js';

/** The order of another customer looks like one that does not exist, so that no one can probe for orders. */
const unknownOrder = problem(404, 'order_unknown', 'There is no such order.');

const orderPlan = plan(
  'mobile.order',
  { input: { caller: given<Caller>(), path: z.object({ id: z.string().min(1).max(64) }) }, deadlineMs: 800 },
  ({ caller, path }) => {
    const order = required(orders.getOrder, { path: { id: path.id } }, { refuseOn: { 404: unknownOrder } });
    const owned = step(
      z.literal(true),
      { owner: order.customerId, asker: caller.subject, unknownOrder },
      ({ owner, asker, unknownOrder }) => (owner === asker ? true : unknownOrder()),
    );
    const shipment = optional(shipping.getShipmentOfOrder, { path: { orderId: path.id } }, { timeoutMs: 300 });
    return { order, owned, shipment };
  },
);

export const orderScreen = screen(orderPlan, ({ order, shipment }) => ({
  ...pick(order, 'id', 'number', 'createdAt', 'total'),
  state: orderState(order.status),
  lines: list(order.lines, (line) => pick(line, 'sku', 'name', 'quantity', 'total')),
  shipTo: pick(order.shippingAddress, 'recipient', 'city', 'country'),
  parcels: orNull(
    within(shipment, ({ parcels }) =>
      list(parcels, (parcel) => ({
        ...pick(parcel, 'carrier', 'state', 'eta', 'trackingUrl'),
        lastSeen: first(parcel.events).note,
      })),
    ),
  ),
}));
