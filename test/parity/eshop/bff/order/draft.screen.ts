import { fixed, given, pick, plan, problem, required, screen, step, write } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import { z } from 'zod';
import * as basket from '../../../libs/upstreams/basket/basket.gen.js';
import * as ordering from '../../../libs/upstreams/ordering/ordering.gen.js';

const noId = problem(400, 'basket_id_missing', 'Need a valid basketid');
const noBasket = problem(400, 'basket_unknown', (id: string) => `No basket found for id ${id}`);

const input = { caller: given<Caller>(), path: z.object({ basketId: z.string().trim().default('') }) };

const draftPlan = plan('shopping.order.draft', { input, deadlineMs: 1500 }, ({ caller, path }) => {
  const id = step({ caller, id: path.basketId, noId, noBasket }, ({ caller, id, noId, noBasket }) => {
    if (id === '') return noId();
    return id === caller.subject ? id : noBasket(id);
  });
  const current = required(basket.getBasketById, { path: { id } }, { refuseOn: { 404: noBasket(id) } });
  const draft = write(ordering.createOrderDraft, { body: { buyerId: current.buyerId, items: current.items } });
  return { current, draft };
});

const order = { orderNumber: null, date: '0001-01-01T00:00:00', status: null, description: null };
const address = { city: null, street: null, state: null, country: null, zipCode: null };
const card = { cardNumber: null, cardHolderName: null, cardSecurityNumber: null, cardTypeId: null };

export const draftScreen = screen(draftPlan, ({ current: { buyerId }, draft }) => {
  const filled = { ...pick(draft, 'total', 'orderItems'), buyer: buyerId, isDraft: fixed(false) };
  return { ...order, ...address, ...card, ...filled };
});
