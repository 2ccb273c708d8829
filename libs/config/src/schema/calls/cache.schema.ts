import { z } from 'zod';
import { choice, duration, field, size, text } from '../values/fields.js';
import type { ScalarReading } from '../values/scalars.js';

/** Field names of RFC 9110 section 5.1, in lower case. */
const fieldName = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;
const targetName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const shortValue = /^[!-~](?:[ -~]{0,126}[!-~])?$/;

const tagTemplate = /^(?=.{1,256}$)[!-~]+$/;

const vary = z.record(
  z.string().regex(fieldName),
  z
    .array(text('A value.', { expected: 'visible ASCII text of at most 128 characters', matches: shortValue }))
    .min(1)
    .max(64)
    .meta({
      description:
        'The values of this field that the operation knows, 64 at most. A request with another value, or without one, counts as one with the first. `accept-language` is matched as RFC 9110 section 12.5.4 says.',
      'x-written': 'list of texts',
    }),
);

/** The rule by which responses of one operation are kept. */
export const cacheRule = z
  .strictObject({
    ttl: duration(
      'A response is fresh for this long. Each rule has either `ttl` or `follow`.',
      '1ms',
      '24h',
    ).optional(),
    follow: choice(
      '`upstream`: a response is kept as it says itself, by RFC 9111 and RFC 5861; a stored response is validated by its `ETag` or `Last-Modified`. For the scope `caller` the rules of a private cache hold, for the others those of a shared one.',
      ['upstream'],
    ).optional(),
    targets: z
      .array(text('A field name.', { expected: 'the name of a header field', matches: targetName }))
      .min(1)
      .max(4)
      .optional()
      .meta({
        description:
          'Fields of responses that are meant for this cache, such as `CDN-Cache-Control` (RFC 9213): the first of them that is there counts in place of `Cache-Control` and `Expires`. Needs `follow`.',
        'x-written': 'list of texts',
      }),
    staleWhileRevalidate: duration(
      'For so long after `ttl` the response is given at once, while it is loaded anew for later requests. Such a response is loaded anew a little before the end of its `ttl`, too.',
      '1ms',
      '24h',
    ).optional(),
    staleIfError: duration(
      'For so long after `ttl` the response is given where the call fails: no response, a 5xx, an open circuit, no free place.',
      '1ms',
      '24h',
    ).optional(),
    maxBytes: size(
      'A response with a larger body is not kept. Left out: one is kept where it fits into the memory of the cache.',
      '1B',
      '512MiB',
    ).optional(),
    negative: duration(
      'For so long a 404 that the contract declares is kept, in the memory of each process: requests for a thing that does not exist make no call.',
      '1ms',
      '1h',
    ).optional(),
    warm: field(
      (found): ScalarReading<'ahead' | 'wait' | undefined> =>
        found === 'wait' || typeof found === 'boolean'
          ? { value: found === false ? undefined : found === true ? 'ahead' : found }
          : { expected: 'true, false or wait' },
      {
        description:
          'The response is loaded at the start, and again before its `ttl` is over, without a request. `wait`: the app is not ready before that, for 30 s at most. For operations without required inputs, with `scope: public`.',
        type: ['boolean', 'string'],
        'x-written': 'true, false or `wait`',
      },
    ).optional(),
    scope: choice(
      'Those who share a response: `caller` each caller alone; `tenant` the callers of one tenant with the same app, scopes and roles, and each caller alone whose token names no tenant; `public` all.',
      ['caller', 'tenant', 'public'],
    ).prefault('caller'),
    tags: z
      .array(
        text('A tag.', { expected: 'a text of at most 256 characters, such as of:{caller}', matches: tagTemplate }),
      )
      .min(1)
      .max(16)
      .optional()
      .meta({
        description:
          'Names under which a response is invalidated. `{caller}` is the subject of the caller, `{tenant}` its tenant, `{id}` a parameter of the operation, `{query.id}` one of a group, `{body.id}` a member of the body; a list gives one tag for each item. A call with more than 100 goes past the cache.',
        'x-written': 'list of texts',
      }),
    vary: vary.optional().meta({
      description:
        'The fields of `forwardHeaders` on which the response depends. They alone are sent with calls of this operation, and are part of its key. Left out: all of `forwardHeaders`, as they came.',
    }),
  })
  .meta({ 'x-renamed': { public: 'scope: public' } });
