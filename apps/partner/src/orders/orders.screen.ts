import { given, list, pick, plan, required, screen } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as orders from '@frontage/upstreams/orders';
import { z } from 'zod';
import { cursorUnknown, Page } from '../page.js';
import { orderHead } from './order-answer.js';
import { statusOf } from './order-states.js';

const State = z
  .enum(['pending', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'returned'])
  .transform((state) => statusOf[state]);

const OrdersQuery = Page.extend({
  status: z.union([z.array(State).max(7), State.transform((one) => [one])]).optional(),
});

const ordersPlan = plan(
  'partner.orders',
  { input: { caller: given<Caller>(), query: OrdersQuery }, deadlineMs: 3000 },
  ({ caller, query }) => {
    const page = required(
      orders.listOrders,
      { query: { customerId: caller.subject, status: query.status, limit: query.limit, cursor: query.cursor } },
      { refuseOn: { 422: cursorUnknown } },
    );
    return { page };
  },
);

export const ordersScreen = screen(ordersPlan, ({ page }) => ({
  items: list(page.items, orderHead),
  ...pick(page, 'total', 'next'),
}));
