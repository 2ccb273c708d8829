import { z } from 'zod';
import { flag } from '../values/fields.js';

/** Validators and caches of one screen. */
const screenPolicy = z.strictObject({
  etag: flag(
    'A complete response has a strong `ETag`, and `If-None-Match` is answered with 304 where nothing of it has changed. For screens of GET.',
  ).prefault(false),
});

/** @param names names of plans */
export const screensSchema = (names: z.ZodString) =>
  z.record(names, screenPolicy).prefault({}).meta({
    description: 'Validators and caches of whole responses of screens, by the name of the plan.',
  });
