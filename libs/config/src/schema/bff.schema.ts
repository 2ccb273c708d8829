import { z } from 'zod';
import { accessSchema } from './access.schema.js';
import { address, choice, duration, flag, offOr, ratio, secret, size, text, whole } from './fields.js';
import { dnsSchema, proxy } from './network.schema.js';
import { upstreamDefaultsSchema, upstreamSchema } from './upstream.schema.js';

/*
 * The one place that says what may stand in `bff.yaml`. It validates at start, and the schema for editors (`bff.schema.json`) and the
 * reference (`docs/policy.md`) are written from it.
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
      'Proxies of ours in front of this app: that many entries of `X-Forwarded-For`, from the right, are believed, and what the nearest one says in `X-Request-Id`, `traceparent` and `tracestate`. With 0, each request begins a trace of its own.',
      0,
      16,
    ).prefault(0),
    keepAlive: duration(
      'How long a connection is kept open between two requests: longer than the load balancer in front keeps it, or that one sends a request into a connection that is being closed.',
      '1s',
      '2h',
    ).prefault('620s'),
  })
  .meta({ description: 'Where this app listens.' });

const limits = z
  .strictObject({
    maxBody: size('Of the body of a request.', '0B', '1GiB').prefault('1MiB'),
    maxHeader: size('Of all header fields of a request together.', '1KiB', '1MiB').prefault('16KiB'),
    headersTimeout: duration('For the header fields of a request to arrive.', '100ms', '10m').prefault('10s'),
    requestTimeout: duration('For a whole request to arrive, body included.', '100ms', '10m').prefault('30s'),
    sendIdleTimeout: duration(
      'For a client to take at least one byte of what is sent to it; then its connection is closed.',
      '100ms',
      '10m',
    ).prefault('10s'),
    sendTimeout: duration(
      'For a client to take each byte of a response, from when it is there to be sent; then its connection is closed. A stream may take as long as it likes while its client takes it.',
      '100ms',
      '1h',
    ).prefault('1m'),
    maxConnections: whole('Open client connections. Left out: as many as the system allows.', 1, 1_000_000).optional(),
    maxInFlight: whole(
      'Requests worked on at the same time; what is above is answered with 503. Left out: not limited.',
      1,
      1_000_000,
    ).optional(),
  })
  .meta({ description: 'What one request, and all of them together, may take.' });

const window = duration('Over which requests are counted.', '1s', '24h');
const amount = (description: string) => whole(description, 1, 1_000_000_000);

const addressLimit = z.strictObject({ limit: amount('Requests of one address within the window.'), window }).meta({
  description: 'Requests of one address, counted before its token is verified. Left out or `off`: not counted.',
});

const rateRule = z.strictObject({
  per: choice(
    'Who shares one count: each caller, each address, each caller with the role, or all callers of this app.',
    ['user', 'address', 'role', 'app'],
  ),
  limit: amount('Requests within the window.'),
  window,
  role: text('The role that is meant; belongs to `per: role`.').optional(),
});

const plan = z.strictObject({
  deadline: duration('For the whole screen.', '1ms', '10m').optional(),
  calls: z
    .record(partNames, z.strictObject({ timeout: duration('Of this call.', '1ms', '10m').optional() }))
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
        .meta({ description: 'Where spans go: OTLP over HTTP with protobuf. Left out or `off`: nowhere.' }),
    ).optional(),
    sampleRatio: ratio('Share of requests whose spans are kept besides all slow, failed and partial ones.').prefault(
      '5%',
    ),
    slow: duration('From here on a request counts as slow.', '1ms', '10m').prefault('1s'),
  })
  .meta({ description: 'Traces.' });

const log = z
  .strictObject({
    level: choice('Least level that is written.', ['debug', 'info', 'warn', 'error', 'silent']).prefault('info'),
    file: text('File to append to. Left out: standard output.').optional(),
    requests: flag('One line per request.').prefault(true),
  })
  .meta({ description: 'Logs, one JSON object per line.' });

/** Keys that say how files are put together. They are gone before the rest is checked. */
export const layerKeys = {
  extends: text('File that this one is laid over, relative to this one.').optional(),
  locked: z.array(text('Path of a key, such as `limits.maxBody` or `upstreams.*.retry`.')).optional().meta({
    description: 'Paths of keys that no file laid over this one may change; `*` stands for any one key.',
    'x-written': 'list of key paths',
  }),
};

export const bffSchema = z.strictObject({
  bff: text('Name of the app.', { expected: 'a name of lower case letters, digits and dashes', matches: name }),
  listen,
  access: offOr(accessSchema)
    .optional()
    .meta({ description: 'Who may call. Left out or `off`: no tokens are accepted, so every route must be public.' }),
  limits: limits.prefault({}),
  addressLimit: offOr(addressLimit).optional(),
  rateClasses: z
    .record(names, z.array(rateRule).min(1))
    .prefault({})
    .meta({ description: 'What `@RateClass(name)` means: a request must pass every rule of its class.' }),
  rateStore: z
    .strictObject({
      whenDown: choice(
        'What happens to requests while Redis cannot be used: `local` counts them in each machine by itself, `open` lets them pass uncounted, `closed` answers 503.',
        ['local', 'open', 'closed'],
      ).prefault('local'),
    })
    .prefault({})
    .meta({ description: 'Where requests are counted: in Redis where there is one, else in memory.' }),
  deadline: duration(
    'Longest that any request may take: the deadline of endpoints without a plan, and the cap on the deadline of every plan.',
    '1ms',
    '10m',
  ).prefault('10s'),
  reserve: duration('Kept back from the deadline for building and sending the answer.', '0ms', '10s').prefault('10ms'),
  redis: offOr(
    z
      .strictObject({
        url: address(
          'Address of one Redis, with user name and password where it needs them. A node of a Redis Cluster and a Sentinel are refused at the start.',
          {
            protocols: ['redis:', 'rediss:'],
            userInfo: true,
            path: 'database',
          },
        ),
      })
      .meta({
        description:
          'Shared store for rate limits and caches; apps that share one share nothing in it. Left out or `off`: the processes of one `frontage serve` count together, and each keeps its own cache.',
      }),
  ).optional(),
  proxy: proxy(
    'Proxy for everything that goes out over HTTP: calls to upstreams, the keys of the issuer, spans. No variable of the environment is looked at by itself; write `${HTTPS_PROXY}` where it is meant.',
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
    .meta({ description: 'What holds for a plan in place of what it says itself, by the name of the plan.' }),
  tracing: tracing.prefault({}),
  metrics: z
    .strictObject({ enabled: flag('Prometheus text at `/metrics` on the admin port.').prefault(true) })
    .prefault({})
    .meta({ description: 'Metrics.' }),
  log: log.prefault({}),
  shutdown: z
    .strictObject({
      delay: duration(
        'How long after SIGTERM requests are still accepted, each answered with `connection: close`: the time that load balancers need to notice that readiness says no.',
        '0ms',
        '5m',
      )
        .optional()
        .meta({ 'x-default': '`0ms` in development and test, else `5s`' }),
      grace: duration('How long requests under way may take to end after that.', '0ms', '10m').prefault('10s'),
    })
    .prefault({})
    .meta({ description: 'How this app ends.' }),
  admin: z
    .strictObject({
      token: secret(
        'Bearer token for admin calls that change something. Left out: outside development there are none.',
      ).optional(),
    })
    .prefault({})
    .meta({ description: 'The admin port.' }),
});

/** What the schema makes of a file: durations are milliseconds, sizes bytes, shares numbers. */
export type Policy = z.output<typeof bffSchema>;
