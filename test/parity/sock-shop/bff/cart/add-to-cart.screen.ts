import { given, plan, required, screen, write } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import { z } from 'zod';
import { addItem } from '../../../libs/upstreams/carts/carts.gen.js';
import { getAnItem } from '../../../libs/upstreams/catalogue/catalogue.gen.js';

const input = { caller: given<Caller>(), body: z.object({ id: z.string().min(1).max(64) }) };

const addPlan = plan('sock.cart.add', { input, deadlineMs: 1500 }, ({ caller, body }) => {
  const item = required(getAnItem, { path: { id: body.id } });
  const path = { customerId: caller.subject };
  const added = write(addItem, { path, body: { itemId: item.id, unitPrice: item.price } });
  return { item, added };
});

export const addToCartScreen = screen(addPlan, () => undefined);
