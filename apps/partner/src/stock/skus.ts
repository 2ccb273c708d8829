import { z } from 'zod';

const maxCount = 100;
const maxLength = 64;

/** Article numbers separated by commas: `SKU-101,SKU-102`. A repeated number counts once. */
export const Skus = z
  .string()
  .max(maxCount * (maxLength + 1))
  .meta({ examples: ['SKU-101,SKU-105,SKU-000'] })
  .transform((skus) => [...new Set(skus.split(','))])
  .pipe(z.array(z.string().min(1).max(maxLength)).max(maxCount));
