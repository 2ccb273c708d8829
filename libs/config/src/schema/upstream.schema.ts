import { z } from 'zod';
import { proxy } from './network.schema.js';
import { address, choice, duration, flag, offOr, ratio, secret, size, text, whole } from './fields.js';

/** Field names of RFC 9110 section 5.1. */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** What belongs to one connection (RFC 9110 section 7.6.1), to the body, or to what the gateway says itself; the token has its own key. */
const ownedByUs =
  'connection|keep-alive|proxy-connection|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding|upgrade|host|expect|' +
  'content-length|content-type|content-encoding|accept|accept-encoding|authorization|traceparent|tracestate|x-request-id|' +
  'x-envoy-expected-rq-timeout-ms';
const forwardable = new RegExp(`^(?!(?:${ownedByUs})$)${fieldName.source.slice(1)}`, 'i');

const retry = z
  .strictObject({
    attempts: whole('Attempts in all, the first one included.', 2, 3).prefault(2),
    budget: ratio(
      'Retries as a share of all calls to this upstream: when everything fails, it sees no more than this on top.',
      {
        max: 0.5,
        above: true,
      },
    ).prefault('10%'),
  })
  .meta({
    description: 'Tries a failed safe call again within the deadline. Left out or `off`: a call is tried once.',
  });

const breaker = z
  .strictObject({
    failureRatio: ratio('Share of failed calls in the window at which the breaker opens.', { above: true }).prefault(
      0.5,
    ),
    window: duration('Over which calls are counted.', '1s', '10m').prefault('10s'),
    minimumCalls: whole('Calls in the window below which the breaker does not open.', 1, 100_000).prefault(20),
    openFor: duration('How long it stays open before a probe is sent.', '100ms', '1m').prefault('5s'),
    per: choice(
      'What is counted together, and left alone together: each operation by itself, or all calls to the upstream.',
      ['operation', 'upstream'],
    ).prefault('operation'),
  })
  .meta({
    description:
      'Stops calling an upstream that fails, and answers at once instead. Left out or `off`: calls are sent however many fail.',
  });

const credentials = z
  .strictObject({
    header: text('Header field that carries the secret.', {
      expected: 'the name of a header field',
      matches: fieldName,
      lowerCase: true,
    }).prefault('authorization'),
    value: secret('The whole value of the field, such as `Bearer ${ORDERS_TOKEN}`.'),
  })
  .meta({ description: "A secret of this app's own, sent with every call to this upstream." });

const cache = z.strictObject({
  ttl: duration('How long an answer is fresh.', '1ms', '24h'),
  public: flag('One entry for all callers. Otherwise who is asking is part of the key.').prefault(false),
});

const operation = z.strictObject({
  timeout: duration("In place of the upstream's timeout.", '1ms', '10m').optional(),
  urls: z
    .array(address('Base address.', { protocols: ['http:', 'https:'], base: true }))
    .min(1)
    .optional()
    .meta({
      description: "In place of the upstream's addresses, where the contract serves this operation elsewhere.",
      'x-written': 'list of http:// or https:// URLs',
    }),
});

const operationId = z.string().regex(/^[^\s.]\S*$/);

const stack = {
  timeout: duration(
    'For one call with all its attempts, to the last byte of the answer; a plan may say less.',
    '1ms',
    '10m',
  ).prefault('1s'),
  connectTimeout: duration('For a connection to open.', '1ms', '1m')
    .optional()
    .meta({ 'x-default': '`500ms`, or the timeout where that is less' }),
  retry: offOr(retry).optional(),
  breaker: offOr(breaker).optional(),
  concurrency: whole('Calls to this upstream at the same time. Left out: not limited.', 1, 100_000).optional(),
  queue: whole(
    'Calls that may wait for their turn where `concurrency` is reached; what is above fails at once.',
    0,
    100_000,
  )
    .optional()
    .meta({ 'x-default': 'twice the `concurrency`' }),
  maxBody: size('Of one answer, counted after decompression.', '1KiB', '512MiB').prefault('8MiB'),
  forwardHeaders: z
    .array(
      text('A header field.', {
        expected:
          'the name of a header field that does not belong to the connection, the body or the gateway (for the token there is "forwardAuthorization")',
        matches: forwardable,
        lowerCase: true,
      }),
    )
    .prefault([])
    .meta({
      description: 'Header fields of the request that are copied to the upstream.',
      'x-written': 'list of header names',
    }),
  forwardAuthorization: flag("Sends the caller's own token along.").prefault(false),
  transport: choice(
    'What carries the calls: direct costs least where an address is http; undici is the general client; axios is for interceptors.',
    ['undici', 'direct', 'axios'],
  ).prefault('undici'),
  proxy: proxy("In place of the app's `proxy`.").optional(),
  connections: whole('Connections held open to each address.', 1, 10_000).prefault(64),
  pipelining: whole(
    'Reads of one client request that start at once and travel over one connection together; a slow one holds up those behind it. Needs `transport: direct`.',
    1,
    64,
  ).prefault(1),
  bigNumbers: choice(
    'Numbers of a response that a number of JavaScript would change (integers beyond 2^53 - 1, `1e400`), where they are read: `reject` makes the response a bad payload, `text` hands them on as strings. What nothing reads may be any number.',
    ['reject', 'text'],
  ).prefault('reject'),
  followRedirects: whole('Redirects that are followed, to addresses of the same upstream only.', 0, 3).prefault(0),
  echo: choice(
    'A header field that every response must carry back as it was sent; a response without it fails the call as `bad_payload`, and its connection is closed. For upstreams that might answer with the response of another request. Left out or `off`: not asked for.',
    ['off', 'x-request-id'],
  ).prefault('off'),
  validate: choice(
    'Answers are held against the schemas of the contract: `development` reports what does not fit, `enforce` fails the call. Needs the validators that `frontage upstream add --validators` generates.',
    ['off', 'development', 'enforce'],
  ).prefault('off'),
};

export const upstreamSchema = z.strictObject({
  urls: z
    .array(address('Base address.', { protocols: ['http:', 'https:'], base: true }))
    .min(1)
    .meta({
      description: 'Base addresses; calls are balanced over several.',
      'x-written': 'list of http:// or https:// URLs',
    }),
  ...stack,
  credentials: credentials.optional(),
  cache: z
    .record(operationId, cache)
    .prefault({})
    .meta({ description: 'Which operations are cached, by operation id.' }),
  operations: z
    .record(operationId, operation)
    .prefault({})
    .meta({ description: 'What holds for a single operation, by operation id.' }),
  required: flag(
    'This app is not ready while the upstream cannot be reached: it is asked at the start, and every `breaker.openFor` while it is away.',
  ).prefault(false),
  healthPath: text(
    'What a `required` upstream is asked with `GET`, below its base address; 2xx is well. Left out: any answer to a `HEAD` of the base address but 502, 503 and 504 is.',
    { expected: 'a path such as /healthz', matches: /^\/[!$&'()*+,\-./0-9:;=?@A-Z_a-z~%]*$/ },
  ).optional(),
});

export const upstreamDefaultsSchema = z.strictObject(stack).meta({
  description:
    'What holds for every upstream that does not say otherwise itself: it is laid below each of them, key by key.',
});
