import { z } from 'zod';
import { accessSchema } from './access.schema.js';
import { address, choice, duration, flag, offOr, ratio, secret, size, text, whole } from './values/fields.js';
import { dnsSchema, proxy } from './network.schema.js';
import { upstreamDefaultsSchema, upstreamSchema } from './upstream.schema.js';

/*
 * The only definition of the keys of `bff.yaml`. It validates at start; the schema for editors (`bff.schema.json`) and the reference
 * (`docs/policy.md`) are written from it.
 */

const name = /^[a-z][a-z0-9-]*$/;
const names = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]*$/);
// `orders@2` is the second version of a contract, an upstream of its own.
const upstreamNames = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]*(?:@[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
const planNames = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]*(?:\.[a-zA-Z0-9_-]+)*$/);
const partNames = z.string().regex(/^[a-zA-Z_$][a-zA-Z0-9_$.-]*$/);
const host = { expected: 'a host name or an IP address', matches: /^[0-9A-Za-z._:-]+$/ };
const web = ['http:', 'https:'];

const listen = z
  .strictObject({
    port: whole('Port for clients; 0 lets the system choose.', 0, 65_535),
    host: text('Address to listen on.', host)
      .optional()
      .meta({ 'x-default': '`127.0.0.1` in development and test, else `0.0.0.0`' }),
    adminPort: whole('Port for metrics, docs and switches; 0 lets the system choose.', 0, 65_535)
      .optional()
      .meta({ 'x-default': '`port` + 1000; 0 where `port` is 0' }),
    adminHost: text('Address that the admin port listens on.', host).prefault('127.0.0.1'),
    trustedProxies: whole(
      'Number of our own proxies in front of this app: that many entries of `X-Forwarded-For`, from the right, are trusted, and so are `X-Request-Id`, `traceparent` and `tracestate` of the nearest proxy. With 0, each request begins a trace of its own.',
      0,
      16,
    ).prefault(0),
    keepAlive: duration(
      'A connection is kept open this long between two requests. It must be longer than the load balancer in front keeps a connection, or the balancer sends a request into a connection that is being closed.',
      '1s',
      '2h',
    ).prefault('620s'),
  })
  .meta({ description: 'Addresses and ports on which this app listens.' });

/** Forms with files: `multipart/form-data`. */
const multipart = z.strictObject({
  maxBody: size('Largest form as a whole; it counts in place of `limits.maxBody`.', '1KiB', '64GiB').prefault('32MiB'),
  maxFile: size('Largest file.', '1KiB', '64GiB').prefault('16MiB'),
  maxField: size('Largest text or JSON part.', '1B', '16MiB').prefault('64KiB'),
  maxParts: whole('Most parts: files, texts, and those that the contract does not declare.', 1, 10_000).prefault(100),
  buffer: size(
    'A form is read up to this many bytes of its files before the plan starts; a smaller one is whole then, and its parts may have any order. This much of each upload stands in memory.',
    '0B',
    '16MiB',
  ).prefault('64KiB'),
});

const limits = z
  .strictObject({
    maxBody: size('Largest body of a request.', '0B', '1GiB').prefault('1MiB'),
    maxHeader: size('Largest size of all header fields of a request together.', '1KiB', '1MiB').prefault('16KiB'),
    headersTimeout: duration('Longest time for the header fields of a request to arrive.', '100ms', '10m').prefault(
      '10s',
    ),
    requestTimeout: duration('Longest time for a whole request to arrive, body included.', '100ms', '10m').prefault(
      '30s',
    ),
    sendIdleTimeout: duration(
      'Longest time for a client to take at least one byte of a response; then its connection is closed.',
      '100ms',
      '10m',
    ).prefault('10s'),
    sendTimeout: duration(
      'Longest time for a client to take a byte of a response after it is ready to be sent; then its connection is closed. A stream may last as long as its client takes it.',
      '100ms',
      '1h',
    ).prefault('1m'),
    maxConnections: whole(
      'Most open client connections. Left out: as many as the system allows.',
      1,
      1_000_000,
    ).optional(),
    maxInFlight: whole(
      'Most requests at the same time; further requests get 503. Left out: not limited.',
      1,
      1_000_000,
    ).optional(),
    multipart: multipart
      .prefault({})
      .meta({ description: 'Limits of forms with files, on routes whose input is `multipart/form-data`.' }),
  })
  .meta({ description: 'Limits for one request and for all requests together.' });

const window = duration('Time over which requests are counted.', '1s', '24h');
const amount = (description: string) => whole(description, 1, 1_000_000_000);

const addressLimit = z.strictObject({ limit: amount('Requests of one address within the window.'), window }).meta({
  description: 'Requests of one address, counted before its token is verified. Left out or `off`: not counted.',
});

const rateRule = z.strictObject({
  per: choice(
    'The callers that share one count: each caller by itself, each address, each caller with the role, or all callers of this app.',
    ['user', 'address', 'role', 'app'],
  ),
  limit: amount('Requests within the window.'),
  window,
  role: text('The role; needed with `per: role`, refused without it.').optional(),
});

const plan = z.strictObject({
  deadline: duration('Deadline of the whole screen.', '1ms', '10m').optional(),
  calls: z
    .record(partNames, z.strictObject({ timeout: duration('Timeout of this call.', '1ms', '10m').optional() }))
    .prefault({})
    .meta({ description: 'Single calls of the plan, by part name.' }),
});

const tracing = z
  .strictObject({
    otlp: offOr(
      z
        .strictObject({
          url: address('Full address, such as `http://collector:4318/v1/traces`.', { protocols: web }),
          proxy: proxy("In place of the app's `proxy`, for spans.").optional(),
          headers: z
            .record(z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/), secret('Value of the header field.'))
            .prefault({})
            .meta({ description: 'Header fields sent with every export.' }),
        })
        .meta({
          description: 'Receiver of spans: OTLP over HTTP with protobuf. Left out or `off`: no spans are exported.',
        }),
    ).optional(),
    sampleRatio: ratio('Share of requests whose spans are kept, besides all slow, failed and partial ones.').prefault(
      '5%',
    ),
    slow: duration('A request that takes this long or longer counts as slow.', '1ms', '10m').prefault('1s'),
  })
  .meta({ description: 'Traces.' });

const log = z
  .strictObject({
    level: choice('Lowest level that is written.', ['debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
    file: text('File to append to. Left out: standard output.').optional(),
    requests: flag('One line per request.').prefault(true),
  })
  .meta({ description: 'Logs, one JSON object per line.' });

/** Keys that merge files. They are removed before the rest is checked. */
export const layerKeys = {
  extends: text('File that this one extends, relative to this one.').optional(),
  locked: z.array(text('Path of a key, such as `limits.maxBody` or `upstreams.*.retry`.')).optional().meta({
    description: 'Paths of keys that files above this one may not change; `*` matches any one key.',
    'x-written': 'list of key paths',
  }),
};

export const bffSchema = z.strictObject({
  bff: text('Name of the app.', { expected: 'a name of lower case letters, digits and dashes', matches: name }),
  listen,
  access: offOr(accessSchema).optional().meta({
    description: 'The tokens of callers. Left out or `off`: no tokens are accepted, so every route must be public.',
  }),
  limits: limits.prefault({}),
  addressLimit: offOr(addressLimit).optional(),
  rateClasses: z
    .record(names, z.array(rateRule).min(1))
    .prefault({})
    .meta({ description: 'The rules of `@RateClass(name)`: a request must pass every rule of its class.' }),
  rateStore: z
    .strictObject({
      whenDown: choice(
        'Handling of requests while Redis cannot be used: `local` counts them in each machine by itself, `open` lets them pass uncounted, `closed` refuses them with 503.',
        ['local', 'open', 'closed'],
      ).prefault('local'),
    })
    .prefault({})
    .meta({ description: 'The store of the counts: Redis where there is one, else memory.' }),
  deadline: duration(
    'Longest time for any request: the deadline of endpoints without a plan, and the upper limit of the deadline of every plan.',
    '1ms',
    '10m',
  ).prefault('10s'),
  reserve: duration('Part of the deadline that is kept for building and sending the response.', '0ms', '10s').prefault(
    '10ms',
  ),
  redis: offOr(
    z
      .strictObject({
        url: address(
          'Address of one Redis, with user name and password where it needs them. A node of a Redis Cluster and a Sentinel are refused at start.',
          {
            protocols: ['redis:', 'rediss:'],
            userInfo: true,
            path: 'database',
          },
        ),
      })
      .meta({
        description:
          'Shared store for rate limits and caches; each app has its own keys in it. Left out or `off`: the processes of one `frontage serve` count together, and each keeps its own cache.',
      }),
  ).optional(),
  proxy: proxy(
    'Proxy for all outbound HTTP: calls to upstreams, the keys of the issuer, spans. No environment variable is read unless it is written here; write `${HTTPS_PROXY}` to use it.',
  ).prefault('off'),
  dns: dnsSchema.prefault({}),
  upstreamDefaults: upstreamDefaultsSchema.optional(),
  upstreams: z
    .record(upstreamNames, upstreamSchema)
    .prefault({})
    .meta({ description: 'The services behind this app, by the name of their contract.' }),
  plans: z
    .record(planNames, plan)
    .prefault({})
    .meta({ description: 'Limits that replace those of a plan, by the name of the plan.' }),
  tracing: tracing.prefault({}),
  metrics: z
    .strictObject({ enabled: flag('Prometheus text at `/metrics` on the admin port.').prefault(true) })
    .prefault({})
    .meta({ description: 'Metrics.' }),
  log: log.prefault({}),
  shutdown: z
    .strictObject({
      delay: duration(
        'Requests are still accepted this long after SIGTERM, and each response has `connection: close`: load balancers need this time to notice that the app is no longer ready.',
        '0ms',
        '5m',
      )
        .optional()
        .meta({ 'x-default': '`0ms` in development and test, else `5s`' }),
      grace: duration('Longest time after that for requests under way to end.', '0ms', '10m').prefault('10s'),
    })
    .prefault({})
    .meta({ description: 'How this app shuts down.' }),
  admin: z
    .strictObject({
      token: secret(
        'Bearer token for admin calls that change something. Left out: such calls exist in development only.',
      ).optional(),
    })
    .prefault({})
    .meta({ description: 'The admin port.' }),
});

/** A file after the schema has read it: durations in milliseconds, sizes in bytes, shares as numbers. */
export type Policy = z.output<typeof bffSchema>;
