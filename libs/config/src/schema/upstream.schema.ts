import { z } from 'zod';
import { credentials, sendsUserContext } from './credentials.schema.js';
import { proxy } from './network.schema.js';
import { balancingKeys } from './calls/balancing.schema.js';
import { cacheRule } from './calls/cache.schema.js';
import { carriageKeys } from './calls/carriage.schema.js';
import { operationResilienceKeys, resilienceKeys } from './calls/resilience.schema.js';
import { address, choice, duration, flag, ratio, secret, size, text, whole } from './values/fields.js';

/** Field names of RFC 9110 section 5.1. */
const fieldName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Fields of one connection (RFC 9110 section 7.6.1), of the body, or that the gateway sets itself; the token has a key of its own. */
const ownedByUs =
  'connection|keep-alive|proxy-connection|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding|upgrade|host|expect|' +
  'content-length|content-type|content-encoding|accept|accept-encoding|authorization|traceparent|tracestate|x-request-id|' +
  'x-envoy-expected-rq-timeout-ms';
const forwardable = new RegExp(`^(?!(?:${ownedByUs})$)${fieldName.source.slice(1)}`, 'i');

const schemeSecret = z.strictObject({
  value: secret('The key, the token without `Bearer`, or the password of `user`.').optional(),
  file: text(
    'File with it, absolute or relative to the working directory. It is read at the start; a line break at its end does not count.',
    {
      expected: 'the path of a file',
    },
  ).optional(),
  user: text('User name, where the scheme is `basic`.').optional(),
});

const leniency = choice('A departure from the contract.', ['empty', 'status', 'contentType']);

const lenient = (description: string) =>
  z.array(leniency).meta({ description, 'x-written': 'list of `empty`, `status`, `contentType`' });

const operation = z.strictObject({
  timeout: duration("Replaces the upstream's timeout.", '1ms', '10m').optional(),
  urls: z
    .array(address('Base address.', { protocols: ['http:', 'https:'], base: true }))
    .min(1)
    .optional()
    .meta({
      description: "Replaces the upstream's addresses, where the contract gives this operation other servers.",
      'x-written': 'list of http:// or https:// URLs',
    }),
  lenient: lenient("Replaces the upstream's `lenient`.").optional(),
  safe: flag(
    'The operation only reads, whatever its method (a search by `POST`): it is retried, cached and aborted like a `GET`. Then run `frontage upstream update --stored`. `false`: as its method and its contract (`x-frontage-safe`) say.',
  ).prefault(false),
  ...operationResilienceKeys,
});

const operationId = z.string().regex(/^[^\s.]\S*$/);

const stack = {
  timeout: duration(
    'Timeout of one call with all its attempts, up to the last byte of the response; a plan may have a shorter one.',
    '1ms',
    '10m',
  ).prefault('1s'),
  connectTimeout: duration('Longest time for a connection to open.', '1ms', '1m')
    .optional()
    .meta({ 'x-default': '`500ms`, or the timeout where that is less' }),
  ...resilienceKeys,
  ...balancingKeys,
  maxBody: size('Largest body of one response, counted after decompression.', '1KiB', '512MiB').prefault('8MiB'),
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
  forwardAuthorization: flag("Forwards the caller's token.").prefault(false),
  transport: choice(
    'HTTP transport of the calls: `direct` reads and writes HTTP/1.1 by itself, costs least, and refuses every response that could be read in two ways; `undici` is the general client, which carries calls through a proxy and over HTTP/2, too, whatever stands here; `axios` is for interceptors.',
    ['direct', 'undici', 'axios'],
  ).prefault('direct'),
  contractServers: choice(
    'Operations whose contract names other servers, and which have no `urls` below: `refuse` stops the start, `use` sends them to those servers without credentials and tokens, `ignore` sends them to the addresses of the upstream.',
    ['refuse', 'use', 'ignore'],
  ).prefault('refuse'),
  proxy: proxy("Replaces the app's `proxy`.").optional(),
  ...carriageKeys,
  pipelining: whole(
    'Most reads of one client request that share one connection when they start together; a slow one delays those behind it. Needs `transport: direct`.',
    1,
    64,
  ).prefault(1),
  bigNumbers: choice(
    'Handling of numbers of a response that JavaScript cannot represent (integers beyond 2^53 - 1, decimals with more digits than a double keeps, `1e400`), where they are read: `reject` makes the response a bad payload, `text` passes them on as strings. A number that is not read may have any value.',
    ['reject', 'text'],
  ).prefault('reject'),
  lenient: lenient(
    'Departures of a success from the contract that are accepted and counted in `frontage_lenient_successes_total`: `empty` is no content where content is declared, `status` another 2xx than declared, `contentType` another content type or none, where the body can be read. A success that is not accepted fails the call as `bad_payload`.',
  ).prefault([]),
  followRedirects: whole('Most redirects that are followed, to addresses of the same upstream only.', 0, 3).prefault(0),
  echo: choice(
    'A header field that every response must repeat as it was sent; a response without it fails the call as `bad_payload`, and its connection is closed. For upstreams that might send the response of another request. Left out or `off`: not required.',
    ['off', 'x-request-id'],
  ).prefault('off'),
  validate: choice(
    'Validates responses against the schemas of the contract: `development` reports contract violations, `enforce` fails the call. Needs the validators that `frontage upstream add --validators` generates.',
    ['off', 'development', 'enforce'],
  ).prefault('off'),
};

export const upstreamSchema = z.strictObject({
  urls: z
    .array(address('Base address.', { protocols: ['http:', 'https:'], base: true }))
    .min(1)
    .meta({
      description:
        'Base addresses; calls are balanced over several. A single one may name a service (`http://_http._tcp.orders.internal`), whose addresses stand in SRV records.',
      'x-written': 'list of http:// or https:// URLs',
    }),
  ...stack,
  credentials: credentials.optional(),
  userContext: sendsUserContext,
  security: z
    .record(operationId, schemeSecret)
    .prefault({})
    .meta({ description: 'Secrets for the security schemes of the contract, by the name of the scheme.' }),
  cache: z
    .record(operationId, cacheRule)
    .prefault({})
    .meta({ description: 'The cached operations, by operation id: those that only read.' }),
  cacheGroups: flag(
    'Heeds the header fields of its responses that group them (RFC 9875): `Cache-Groups` gives a cached response further tags, `Cache-Group-Invalidation` in the response to a write makes all responses of these groups invalid. The groups of an upstream are its own. Needs `cache`.',
  ).prefault(false),
  operations: z
    .record(operationId, operation)
    .prefault({})
    .meta({ description: 'Settings of single operations, by operation id.' }),
  availability: ratio(
    'Share of the calls to this upstream that its team promises to serve. `npx frontage plan` compares it with the `availability` of screens under `slo`.',
    { above: true },
  ).optional(),
  required: flag(
    'This app is not ready while the upstream cannot be reached. It is checked at start, and every `breaker.openFor` while it cannot be reached.',
  ).prefault(false),
  healthPath: text(
    'Path below the base address that is requested with `GET` to check a `required` upstream; 2xx is healthy. Left out: any response to `HEAD` of the base address is healthy, except 502, 503 and 504.',
    { expected: 'a path such as /healthz', matches: /^\/[!$&'()*+,\-./0-9:;=?@A-Z_a-z~%]*$/ },
  ).optional(),
});

export const upstreamDefaultsSchema = z.strictObject(stack).meta({
  description: 'Defaults for every upstream, merged below its own keys, key by key.',
});
