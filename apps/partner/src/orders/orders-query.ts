import { z } from 'zod';
import { Page } from '../page.js';
import { statusOf } from './order-states.js';

const State = z
  .enum(['pending', 'paid', 'packed', 'shipped', 'delivered', 'cancelled', 'returned'])
  .transform((state) => statusOf[state]);

/** The filter of the list: orders in some states, or all orders. */
export const OrdersQuery = Page.extend({
  status: z.union([z.array(State).max(7), State.transform((one) => [one])]).optional(),
});
