import { z } from 'zod';
import { size, text, whole } from '../values/fields.js';

/** @param planNames names of plans */
export const incidentsSchema = (planNames: z.ZodString) =>
  z
    .strictObject({
      screens: z.array(planNames).min(1).meta({
        description: 'Screens whose incidents are kept, by the name of the plan.',
        'x-written': 'list of plan names',
      }),
      folder: text(
        'Folder for the files, which only the user of the process can read. A relative path starts at this file.',
      ),
      keep: whole('Most files; the oldest go.', 1, 1000).prefault(50),
      maxBytes: size(
        'Most bytes of one file. Bodies that do not fit are left out, the largest first.',
        '4KiB',
        '16MiB',
      ).prefault('256KiB'),
    })
    .meta({
      description:
        'Requests to these screens that failed, lacked parts, or were slow (`tracing.slow`) are kept with the responses of the services: see `docs/replay.md`. Secrets and classified members are taken out, and at most one a second is kept. Left out or `off`: nothing is kept.',
    });
