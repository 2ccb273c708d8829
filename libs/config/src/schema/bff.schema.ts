import { z } from 'zod';
import { accessSchema } from './access.schema.js';
import { budgetsSchema } from './screens/budgets.schema.js';
import { choice, duration, flag, offOr, secret, text, whole } from './values/fields.js';
import {
  addressLimitSchema,
  addressListsSchema,
  admissionSchema,
  limitsSchema,
  rateClassesSchema,
  rateStoreSchema,
  signalsSchema,
  usageSchema,
} from './limits.schema.js';
import {
  auditLogSchema,
  behindCdnSchema,
  corsSchema,
  securityHeadersSchema,
  serverTimingSchema,
  signaturesSchema,
  trustedProxies,
} from './door/door.schema.js';
import { dnsSchema, proxy, redisSchema, tlsSchema } from './network.schema.js';
import { metricsSchema, tracingSchema } from './metrics.schema.js';
import { tiersSchema } from './calls/resilience.schema.js';
import { userContextSchema } from './credentials.schema.js';
import { cacheStatusSchema, screenCacheSchema, screensSchema } from './screens/screens.schema.js';
import { incidentsSchema } from './screens/incidents.schema.js';
import { sloSchema } from './screens/slo.schema.js';
import { upstreamDefaultsSchema, upstreamSchema } from './upstream.schema.js';

/*
 * The only definition of the keys of `bff.yaml`. It validates at start; the schema for editors (`bff.schema.json`) and the reference
 * (`docs/policy.md`) are written from it.
 */

const name = /^[a-z][a-z0-9-]*$/;
// `orders@2` is the second version of a contract, an upstream of its own.
const upstreamNames = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]*(?:@[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
const planNames = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]*(?:\.[a-zA-Z0-9_-]+)*$/);
const partNames = z.string().regex(/^[a-zA-Z_$][a-zA-Z0-9_$.-]*$/);
const host = { expected: 'a host name or an IP address', matches: /^[0-9A-Za-z._:-]+$/ };

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
    trustedProxies: trustedProxies(
      'Our own proxies in front of this app. A number: that many entries of `X-Forwarded-For`, from the right, are trusted, whoever connects. A list: the header is read from these peers only, up to the first address that is none of them. `X-Request-Id`, `traceparent` and `tracestate` of the nearest proxy are trusted as well. With 0, each request begins a trace of its own.',
    ).prefault(0),
    behindCdn: offOr(behindCdnSchema).optional(),
    keepAlive: duration(
      'A connection is kept open this long between two requests. It must be longer than the load balancer in front keeps a connection, or the balancer sends a request into a connection that is being closed.',
      '1s',
      '2h',
    ).prefault('620s'),
    tls: offOr(tlsSchema).optional(),
  })
  .meta({ description: 'Addresses and ports on which this app listens.' });

/** Forms with files: `multipart/form-data`. */
const plan = z.strictObject({
  deadline: duration('Deadline of the whole screen.', '1ms', '10m').optional(),
  calls: z
    .record(partNames, z.strictObject({ timeout: duration('Timeout of this call.', '1ms', '10m').optional() }))
    .prefault({})
    .meta({ description: 'Single calls of the plan, by part name.' }),
});

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
  limits: limitsSchema.prefault({}),
  admission: offOr(admissionSchema).prefault({}),
  addressLists: offOr(addressListsSchema).optional(),
  addressLimit: offOr(addressLimitSchema).optional(),
  rateClasses: rateClassesSchema,
  rateStore: rateStoreSchema,
  usage: offOr(usageSchema).optional(),
  cors: offOr(corsSchema).optional(),
  securityHeaders: securityHeadersSchema.prefault({}),
  serverTiming: offOr(serverTimingSchema).optional(),
  auditLog: auditLogSchema.optional(),
  signatures: offOr(signaturesSchema).optional(),
  signals: signalsSchema,
  deadline: duration(
    'Longest time for any request: the deadline of endpoints without a plan, and the upper limit of the deadline of every plan.',
    '1ms',
    '10m',
  ).prefault('10s'),
  reserve: duration('Part of the deadline that is kept for building and sending the response.', '0ms', '10s').prefault(
    '10ms',
  ),
  redis: offOr(redisSchema).optional(),
  proxy: proxy(
    'Proxy for all outbound HTTP: calls to upstreams, the keys of the issuer, spans. No environment variable is read unless it is written here; write `${HTTPS_PROXY}` to use it.',
  ).prefault('off'),
  dns: dnsSchema.prefault({}),
  tiers: tiersSchema.prefault([]),
  userContext: userContextSchema.optional(),
  upstreamDefaults: upstreamDefaultsSchema.optional(),
  upstreams: z
    .record(upstreamNames, upstreamSchema)
    .prefault({})
    .meta({ description: 'The services behind this app, by the name of their contract.' }),
  plans: z
    .record(planNames, plan)
    .prefault({})
    .meta({ description: 'Limits that replace those of a plan, by the name of the plan.' }),
  screens: screensSchema(planNames),
  screenCache: screenCacheSchema.prefault({}),
  cacheStatus: cacheStatusSchema.optional(),
  slo: sloSchema(planNames),
  budgets: budgetsSchema(planNames),
  incidents: offOr(incidentsSchema(planNames)).optional(),
  tracing: tracingSchema.prefault({}),
  metrics: metricsSchema.prefault({}),
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
