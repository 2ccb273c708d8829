import { problem } from '@frontage/aggregation';
import { z } from 'zod';

/** A cursor that the list does not know. */
export const cursorUnknown = problem(
  400,
  'cursor_unknown',
  'Take the cursor from `next` of the page before, unchanged.',
);

/** A page of a list: the `next` of the page before, and the number of items. */
export const Page = z.object({
  cursor: z.string().min(1).max(200).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .default(50)
    .meta({ examples: [2] }),
});
