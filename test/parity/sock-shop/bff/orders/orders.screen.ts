import { given, plan, required, screen } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import { ordersSearchCustomerIdGET, type Found } from '../../../libs/upstreams/orders/orders.gen.js';

/** The service returns 404 for a customer without orders. */
const none: Found = { _embedded: { customerOrders: [] } };

const ordersPlan = plan('sock.orders', { input: { caller: given<Caller>() }, deadlineMs: 1500 }, ({ caller }) => {
  const query = { sort: 'date', custId: caller.subject };
  return { found: required(ordersSearchCustomerIdGET, { query }, { onStatus: { 404: none } }) };
});

export const ordersScreen = screen(ordersPlan, ({ found }) => found._embedded.customerOrders);
