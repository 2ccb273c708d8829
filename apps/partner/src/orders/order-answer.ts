import { list, mapEnum, orNull, pick, type Deep } from '@frontage/aggregation';
import type { Order } from '@frontage/upstreams/orders';
import { stateOf } from './order-states.js';

/** An order in a list. */
export const orderHead = (order: Deep<Order>) => ({
  ...pick(order, 'id', 'number', 'createdAt', 'reference'),
  state: mapEnum(order.status, stateOf),
  totalMinor: order.total.amount,
  currency: order.total.currency,
});

/** An order with all members that a partner's accounting needs. */
export const orderBody = (order: Deep<Order>) => ({
  ...orderHead(order),
  lines: list(order.lines, (line) => ({
    ...pick(line, 'sku', 'name', 'quantity'),
    unitPriceMinor: line.unitPrice.amount,
    totalMinor: line.total.amount,
  })),
  subtotalMinor: order.subtotal.amount,
  shippingCostMinor: order.shippingCost.amount,
  discountMinor: orNull(order.discount.amount),
  shipTo: pick(order.shippingAddress, 'recipient', 'line1', 'line2', 'postalCode', 'city', 'country'),
});
