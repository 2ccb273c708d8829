import { given, list, pick, plan, required, screen } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as orders from '@frontage/upstreams/orders';
import { cursorUnknown } from '../page.js';
import { orderHead } from './order-answer.js';
import { OrdersQuery } from './orders-query.js';

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
