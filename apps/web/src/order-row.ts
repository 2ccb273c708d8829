import { count, mapEnum, pick, type Deep } from '@frontage/aggregation';
import type { Order } from '@frontage/upstreams/orders';
import { price } from './money.js';

/** An order as a row of a list. */
export const orderRow = (order: Deep<Order>) => ({
  ...pick(order, 'id', 'number', 'createdAt'),
  state: mapEnum(order.status, {
    PENDING: 'awaiting payment',
    PAID: 'being packed',
    PACKED: 'being packed',
    SHIPPED: 'on its way',
    DELIVERED: 'delivered',
    CANCELLED: 'cancelled',
    RETURNED: 'returned',
  }),
  lineCount: count(order.lines),
  total: price(order.total),
});
