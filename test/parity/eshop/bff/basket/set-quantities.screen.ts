import { plan, problem, required, screen, step, write } from '@frontage/aggregation';
import { z } from 'zod';
import * as basket from '../../../libs/upstreams/basket/basket.gen.js';
import { caller } from './basket.js';

const noUpdates = problem(400, 'no_updates', 'No updates sent');
const noBasket = problem(400, 'basket_unknown', (id: string) => `Basket with id ${id} not found.`);
const noLine = problem(400, 'basket_line_unknown', (id: string) => `Basket item with id ${id} not found`);

const Update = z.object({ basketItemId: z.string(), newQty: z.int().nonnegative() });
const Updates = z.object({ basketId: z.string(), updates: z.array(Update).nullish() });

const input = { caller, body: Updates };

const setQuantitiesPlan = plan('shopping.basket.quantities', { input, deadlineMs: 1500 }, ({ caller, body }) => {
  const wanted = step({ caller, body, noUpdates, noBasket }, ({ caller, body, noUpdates, noBasket }) => {
    if (!body.updates?.length) return noUpdates();
    if (body.basketId !== caller.subject) return noBasket(body.basketId);
    return { id: body.basketId, quantities: new Map(body.updates.map((one) => [one.basketItemId, one.newQty])) };
  });
  const refuseOn = { 404: noBasket(wanted.id) };
  const current = required(basket.getBasketById, { path: { id: wanted.id } }, { refuseOn });
  const items = step({ wanted, items: current.items, noLine }, ({ wanted: { quantities }, items, noLine }) => {
    const unknown = [...quantities.keys()].find((id) => !items.some((line) => line.id === id));
    if (unknown !== undefined) return noLine(unknown);
    return items.map((line) => ({ ...line, quantity: quantities.get(line.id) ?? line.quantity }));
  });
  const saved = write(basket.updateBasket, { body: { buyerId: wanted.id, items } });
  return { current, saved };
});

export const setQuantitiesScreen = screen(setQuantitiesPlan, ({ saved }) => saved);
