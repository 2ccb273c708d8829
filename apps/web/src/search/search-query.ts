import type { SearchOrder } from '@frontage/upstreams/catalogue';
import { z } from 'zod';

const sortings = {
  relevance: 'RELEVANCE',
  cheapest: 'PRICE_ASCENDING',
  dearest: 'PRICE_DESCENDING',
  newest: 'NEWEST',
} as const satisfies Record<string, SearchOrder>;

const Brand = z.string().min(1).max(64);

/** The raw query of a search page: texts, and a list where a name is repeated. */
export const SearchQuery = z.object({
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .meta({ examples: ['lamp'] }),
  category: z.string().min(1).max(64).optional(),
  brand: z.union([z.array(Brand).max(10), Brand.transform((one) => [one])]).default([]),
  sort: z
    .enum(['relevance', 'cheapest', 'dearest', 'newest'])
    .default('relevance')
    .transform((sort) => sortings[sort]),
  page: z.coerce.number().int().min(1).max(500).default(1),
});
