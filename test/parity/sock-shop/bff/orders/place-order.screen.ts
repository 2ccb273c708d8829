import { given, plan, problem, required, screen, step, write } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import { ordersPOST } from '../../../libs/upstreams/orders/orders.gen.js';
import * as user from '../../../libs/upstreams/user/user.gen.js';

const notPlaced = problem(406, 'order_not_placed', 'The order was not accepted.');

/** The address of a resource for the orders service, made of its id. A link of a response is never followed and never passed on. */
const linkTo = (service: 'user' | 'carts', ...path: readonly string[]): string =>
  `http://${service}/${path.map(encodeURIComponent).join('/')}`;

const placePlan = plan('sock.orders.place', { input: { caller: given<Caller>() }, deadlineMs: 3000 }, ({ caller }) => {
  const path = { id: caller.subject };
  const customer = required(user.getCustomer, { path });
  const addresses = required(user.listAddresses, { path });
  const cards = required(user.listCards, { path });
  const order = step(
    { customer, addresses: addresses._embedded.address, cards: cards._embedded.card },
    ({ customer, addresses: [address], cards: [card] }) => ({
      customer: linkTo('user', 'customers', customer.id),
      ...(address !== undefined && { address: linkTo('user', 'addresses', address.id) }),
      ...(card !== undefined && { card: linkTo('user', 'cards', card.id) }),
      items: linkTo('carts', 'carts', customer.id, 'items'),
    }),
  );
  const placed = write(ordersPOST, { body: order }, { refuseOn: { 406: notPlaced } });
  return { customer, addresses, cards, placed };
});

export const placeOrderScreen = screen(placePlan, ({ placed }) => placed);
