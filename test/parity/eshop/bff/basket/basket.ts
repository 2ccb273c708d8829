import { given, problem } from '@frontage/aggregation';
import type { Caller } from '@frontage/auth';
import type { BasketItem } from '../../../libs/upstreams/basket/basket.gen.js';
import type { CatalogItem } from '../../../libs/upstreams/catalog/catalog.gen.js';

export const caller = given<Caller>();
export const notYours = problem(403, 'basket_not_yours', 'This basket belongs to somebody else.');

export const newLine = (item: CatalogItem, id: string, quantity: number): BasketItem => {
  const { id: productId, name: productName, price: unitPrice, pictureUri: pictureUrl } = item;
  return { id, productId, productName, unitPrice, oldUnitPrice: 0, quantity, pictureUrl };
};
