import { optional, plan, screen, step } from '@frontage/aggregation';
import { z } from 'zod';
import { getDetails } from '../../../libs/upstreams/details/details.gen.js';
import { ProductPath, sorryFor } from './product.js';

const sorry = sorryFor('details');

const Book = z.object({
  id: z.int(),
  author: z.string(),
  year: z.int(),
  type: z.string(),
  pages: z.int(),
  publisher: z.string(),
  language: z.string(),
  'ISBN-10': z.string(),
  'ISBN-13': z.string(),
});

const detailsPlan = plan('bookinfo.details', { input: { path: ProductPath }, deadlineMs: 3500 }, ({ path }) => {
  const details = optional(getDetails, { path: { id: path.id } });
  const book = step(Book, { details, ...sorry }, ({ details, unknown, failed, late }) => {
    if (details.ok) return details.value;
    return details.status === 'not_found' ? unknown() : details.status === 'timeout' ? late() : failed();
  });
  return { details, book };
});

export const detailsScreen = screen(detailsPlan, ({ book }) => book);
