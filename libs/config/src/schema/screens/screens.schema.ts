import { z } from 'zod';
import { choice, duration, flag, size, texts } from '../values/fields.js';

const tagFields = ['surrogate-key', 'cache-tag', 'cache-groups'] as const;

/** Validators and caches of one screen. */
const screenPolicy = z.strictObject({
  etag: flag(
    'A complete response has a strong `ETag`, and `If-None-Match` is answered with 304 where nothing of it has changed. For screens of GET and QUERY.',
  ).prefault(false),
  deltas: flag(
    'A client that says which members of a response it holds gets the others alone. For clients made by `frontage sdk`.',
  ).prefault(false),
  ttl: duration(
    'A complete response is given again for so long, to the same caller with the same input; its calls are not made.',
    '1s',
    '365d',
  ).optional(),
  maxAge: duration(
    'Longest time for which a client may use a complete response without asking; less where a part of it is fresh for less.',
    '1s',
    '365d',
  ).optional(),
  cdn: z
    .strictObject({
      maxAge: duration(
        'Longest time for which a CDN may do so (`CDN-Cache-Control`), for responses whose parts are all public; less where a part is fresh for less.',
        '1s',
        '365d',
      ),
      tags: z.array(choice('Header field.', tagFields)).prefault([]).meta({
        description: 'Header fields with the tags of all parts, by which a CDN purges the response.',
        'x-written': 'list of `surrogate-key`, `cache-tag`, `cache-groups`',
      }),
    })
    .optional()
    .meta({ description: 'Use of a response by a CDN. For public routes.' }),
});

/** @param names names of plans */
export const screensSchema = (names: z.ZodString) =>
  z.record(names, screenPolicy).prefault({}).meta({
    description: 'Validators and caches of whole responses of screens, by the name of the plan.',
  });

export const screenCacheSchema = z
  .strictObject({
    memory: size('Bytes of whole responses that a process keeps, for screens with a `ttl`.', '1KiB', '64GiB').prefault(
      '32MiB',
    ),
  })
  .meta({ description: 'Memory for whole responses of screens.' });

export const cacheStatusSchema = z
  .strictObject({
    roles: texts('Callers with one of these roles.').optional(),
    scopes: texts('Callers with one of these scopes.').optional(),
  })
  .meta({
    description: '`Cache-Status` (RFC 9211) of each part, for these callers. Left out: no caller sees it.',
  });
