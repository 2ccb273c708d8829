import { list, mapEnum, pick, plan, required, screen } from '@frontage/aggregation';
import * as inventory from '@frontage/upstreams/inventory';
import { z } from 'zod';
import { Skus } from './skus.js';

const stockPlan = plan(
  'partner.stock',
  { input: { query: z.object({ skus: Skus }) }, deadlineMs: 3000 },
  ({ query }) => {
    const stock = required(inventory.listStock, { query: { skus: query.skus } });
    return { stock };
  },
);

export const stockScreen = screen(stockPlan, ({ stock }) => ({
  items: list(stock.items, (article) => ({
    ...pick(article, 'sku', 'available', 'restockOn', 'maxPerOrder', 'updatedAt'),
    state: mapEnum(article.state, {
      IN_STOCK: 'in_stock',
      LOW: 'low',
      BACKORDER: 'backorder',
      OUT_OF_STOCK: 'out_of_stock',
    }),
  })),
  unknown: stock.unknown,
}));
