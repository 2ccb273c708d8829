import { z } from 'zod';
import { duration, size, whole } from '../values/fields.js';

const budget = {
  bytes: size(
    'Body of the complete response: the example of the committed document, as it is sent.',
    '1B',
    '1GiB',
  ).optional(),
  calls: whole('Most calls to services for one request.', 0, 100_000).optional(),
  criticalPath: duration('Longest time of the calls that wait for each other.', '1ms', '10m').optional(),
  waves: whole('Calls that wait for each other, one after the other.', 0, 1000).optional(),
};

/** @param planNames names of plans */
export const budgetsSchema = (planNames: z.ZodString) =>
  z
    .strictObject({
      ...budget,
      screens: z
        .record(planNames, z.strictObject(budget))
        .prefault({})
        .meta({ description: 'Budgets of single screens, by the name of the plan; each replaces the one above.' }),
    })
    .prefault({})
    .meta({
      description: 'The most that a screen may cost. The tests of the app compare them; a running app does not.',
    });
