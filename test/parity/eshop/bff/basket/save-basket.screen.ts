import { batch, plan, problem, required, screen, step, write, type Ref } from '@frontage/aggregation';
import { z } from 'zod';
import * as basket from '../../../libs/upstreams/basket/basket.gen.js';
import * as catalog from '../../../libs/upstreams/catalog/catalog.gen.js';
import { caller, newLine } from './basket.js';

const noLines = problem(400, 'no_basket_lines', 'Need to pass at least one basket line');
const noItem = problem(400, 'item_unknown', (id: number) => `Basket refers to a non-existing catalog item (${id})`);

const Line = z.object({ id: z.string(), productId: z.int(), quantity: z.int().positive() });
const Lines = z.object({ buyerId: z.string(), items: z.array(Line).max(200).nullish() });

const input = { caller, body: Lines };

const saveBasketPlan = plan('shopping.basket.save', { input, deadlineMs: 1500 }, ({ body }) => {
  const wanted = step({ body, noLines }, ({ body, noLines }) => {
    if (!body.items?.length) return noLines();
    const lines = Map.groupBy(body.items, ({ productId }) => productId);
    return { buyerId: body.buyerId, lines, ids: [...lines.keys()] };
  });
  const current = required(basket.getBasketById, { path: { id: wanted.buyerId } }, { onStatus: { 404: null } });
  const page = (ids: Ref<number[]>) => required(catalog.getItemsByIds, { query: { ids } });
  const found = batch(wanted.ids, page, { by: 'id', size: 10, maxCount: 200 });
  const items = step({ wanted, current, found, noItem }, ({ wanted, current, found, noItem }) => {
    const items = new Map(current?.items.map((line) => [line.productId, line]));
    for (const [productId, [first, ...others]] of wanted.lines) {
      const item = found.get(productId);
      if (item === undefined || first === undefined) return noItem(productId);
      const quantity = others.reduce((sum, line) => sum + line.quantity, first.quantity);
      items.set(productId, { ...(items.get(productId) ?? newLine(item, first.id, quantity)), quantity });
    }
    return [...items.values()];
  });
  const saved = write(basket.updateBasket, { body: { buyerId: wanted.buyerId, items } });
  return { current, found, saved };
});

export const saveBasketScreen = screen(saveBasketPlan, ({ saved }) => saved);
