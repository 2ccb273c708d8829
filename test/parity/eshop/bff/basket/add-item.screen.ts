import { plan, problem, required, screen, step, write } from '@frontage/aggregation';
import { z } from 'zod';
import * as basket from '../../../libs/upstreams/basket/basket.gen.js';
import * as catalog from '../../../libs/upstreams/catalog/catalog.gen.js';
import { caller, newLine, notYours } from './basket.js';

const invalid = problem(400, 'payload_invalid', 'Invalid payload');

const NewItem = z.object({ catalogItemId: z.int(), basketId: z.string(), quantity: z.int().default(1) }).nullish();

const addItem = (name: string, sameProduct: 'append' | 'add up') =>
  screen(
    plan(name, { input: { caller, body: NewItem }, deadlineMs: 1500 }, ({ caller, body }) => {
      const wanted = step({ caller, body, invalid, notYours }, ({ caller, body, invalid, notYours }) => {
        if (!body || body.quantity < 1) return invalid();
        return body.basketId === caller.subject ? body : notYours();
      });
      const item = required(catalog.getItemById, { path: { id: wanted.catalogItemId } });
      const current = required(basket.getBasketById, { path: { id: wanted.basketId } }, { onStatus: { 404: null } });
      const items = step({ wanted, item, current }, ({ wanted: { quantity }, item, current }) => {
        const items = current?.items ?? [];
        const same = sameProduct === 'add up' ? items.find(({ productId }) => productId === item.id) : undefined;
        if (same === undefined) return [...items, newLine(item, crypto.randomUUID(), quantity)];
        return items.map((line) => (line === same ? { ...line, quantity: line.quantity + quantity } : line));
      });
      const saved = write(basket.updateBasket, { body: { buyerId: wanted.basketId, items } });
      return { item, current, saved };
    }),
    () => undefined,
  );

export const addItemMobile = addItem('mobile.basket.add', 'append');
export const addItemWeb = addItem('web.basket.add', 'add up');
