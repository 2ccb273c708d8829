import { problem } from '@frontage/aggregation';
import { z } from 'zod';

export const ProductPath = z.object({
  id: z
    .string()
    .regex(/^\d{1,10}$/)
    .pipe(z.coerce.number<string>().max(2_147_483_647)),
});

/** The message of the page where a service returned nothing; the status tells the reasons apart. */
export function sorryFor<W extends 'details' | 'reviews'>(what: W) {
  const text = `Sorry, product ${what} are currently unavailable for this book.`;
  const unknown = problem(404, `${what}_unknown` as const, text);
  const failed = problem(502, `${what}_unavailable` as const, text);
  const late = problem(504, `${what}_late` as const, text);
  return { unknown, failed, late };
}
