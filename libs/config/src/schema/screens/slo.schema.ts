import { z } from 'zod';
import { duration, ratio } from '../values/fields.js';

const objective = (description: string) => ratio(description, { above: true }).optional();

/** The objectives of one screen. */
const objectives = z.strictObject({
  availability: objective('Least share of requests that are not answered with a 5xx.'),
  latency: z
    .strictObject({
      within: duration('A good response takes this long or less.', '1ms', '10m'),
      share: ratio('Least share of good responses (2xx and 3xx) within that time.', { above: true }),
    })
    .optional()
    .meta({ description: 'Speed of good responses.' }),
  completeness: objective('Least share of good responses without missing parts.'),
});

export const sloSchema = (names: z.ZodString) =>
  z.record(names, objectives).prefault({}).meta({
    description:
      'Objectives of screens, over 30 days, by the name of the plan. `frontage slo` writes alert rules and a dashboard from them; each `within` is a bound of the buckets of durations.',
  });
