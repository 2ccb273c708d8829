import { given, plan, problem, required, screen, step } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as orders from '@frontage/upstreams/orders';
import { z } from 'zod';
import { orderBody } from './order-answer.js';

/** The order of another partner looks like one that does not exist, so that no one can probe for orders. */
const unknownOrder = problem(404, 'order_unknown', 'There is no such order.');

const orderPlan = plan(
  'partner.order',
  { input: { caller: given<Caller>(), path: z.object({ id: z.string().min(1).max(64) }) }, deadlineMs: 3000 },
  ({ caller, path }) => {
    const order = required(orders.getOrder, { path: { id: path.id } }, { refuseOn: { 404: unknownOrder } });
    const owned = step(
      { owner: order.customerId, asker: caller.subject, unknownOrder },
      ({ owner, asker, unknownOrder }) => (owner === asker ? true : unknownOrder()),
    );
    return { order, owned };
  },
);

export const orderScreen = screen(orderPlan, ({ order }) => orderBody(order));
