import { given, plan, problem, screen, write } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import * as orders from '@frontage/upstreams/orders';
import { orderBody } from './order-answer.js';
import { NewOrder, NewOrderHeader } from './new-order.js';

const conflict = problem(
  409,
  'order_conflict',
  'The key belongs to another order, or there is not enough of an article.',
);
const impossible = problem(
  422,
  'order_impossible',
  'The order names an article, an address or a way to pay that does not exist.',
);

const createOrderPlan = plan(
  'partner.orders.create',
  { input: { caller: given<Caller>(), header: NewOrderHeader, body: NewOrder }, deadlineMs: 5000 },
  ({ caller, header, body }) => {
    const order = write(
      orders.createOrder,
      {
        header: { 'Idempotency-Key': header['idempotency-key'] },
        body: {
          customerId: caller.subject,
          lines: body.lines,
          addressId: body.addressId,
          shippingAddress: body.shippingAddress,
          reference: body.reference,
          note: body.note,
        },
      },
      { refuseOn: { 409: conflict, 422: impossible } },
    );
    return { order };
  },
);

export const createOrderScreen = screen(createOrderPlan, ({ order }) => orderBody(order));
