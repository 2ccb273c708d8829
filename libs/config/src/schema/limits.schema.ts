import { z } from 'zod';
import { choice, duration, ratio, size, text, texts, whole } from './values/fields.js';

const names = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_-]*$/);

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

export const limitsSchema = z
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
    maxInFlightPerCaller: whole(
      'Most requests of one caller at the same time, in one process; without a caller, those of one address. Further requests get 429. Left out: not limited.',
      1,
      1_000_000,
    ).optional(),
    ipv6Prefix: whole(
      'Addresses of IPv6 are counted by their network of this many bits: the part that one subscriber has whole.',
      32,
      128,
    ).prefault(64),
    multipart: multipart
      .prefault({})
      .meta({ description: 'Limits of forms with files, on routes whose input is `multipart/form-data`.' }),
  })
  .meta({ description: 'Limits for one request and for all requests together.' });

/** On unless it is switched off: a process without it serves nobody in time once it has too many requests. */
export const admissionSchema = z
  .strictObject({
    delay: duration(
      'Delay of the event loop that is no queue yet. Requests are shed while it is exceeded for a whole interval.',
      '1ms',
      '10s',
    ).prefault('25ms'),
    interval: duration('Time over which the load is judged.', '10ms', '10s').prefault('100ms'),
    priorities: z
      .record(names, choice('Those of higher priority are shed later.', ['high', 'normal', 'low']))
      .prefault({})
      .meta({
        description:
          'The priority of the routes of a rate class. Left out: `high` for routes that write (POST, PUT, PATCH, DELETE), `normal` for the others.',
      }),
  })
  .meta({
    description:
      'Sheds requests with 503 while the process has more of them than it can serve: by priority of the route, then by tier of the caller, then those of callers that ask for most. `off`: none is shed but by `limits.maxInFlight`.',
  });

const window = duration('Time over which requests are counted.', '1s', '31d');
const amount = (description: string) => whole(description, 1, 1_000_000_000);

const burst = amount(
  'Requests at once, at most the limit. The rest come at the steady rate of the limit per window. Left out: all of the limit at once, in a sliding window.',
).optional();

export const addressLimitSchema = z
  .strictObject({ limit: amount('Requests of one address within the window.'), window, burst })
  .meta({
    description: 'Requests of one address, counted before its token is verified. Left out or `off`: not counted.',
  });

const rateRule = z.strictObject({
  per: choice(
    'The requests that share one count: those of each caller, each address, each caller with the role, each tenant, each API key, or all of this app. A caller without a tenant, or without an API key, is counted by itself.',
    ['user', 'address', 'role', 'tenant', 'apiKey', 'app'],
  ),
  limit: amount('Requests within the window.'),
  window,
  burst,
  role: text('The role; needed with `per: role`, refused without it.').optional(),
});

export const rateClassesSchema = z
  .record(names, z.array(rateRule).min(1))
  .prefault({})
  .meta({ description: 'The rules of `@RateClass(name)`: a request must pass every rule of its class.' });

export const rateStoreSchema = z
  .strictObject({
    whenDown: choice(
      'Handling of requests while Redis cannot be used: `local` counts them in each machine by itself, `open` lets them pass uncounted, `closed` refuses them with 503.',
      ['local', 'open', 'closed'],
    ).prefault('local'),
  })
  .prefault({})
  .meta({ description: 'The store of the counts: Redis where there is one, else memory.' });

export const usageSchema = z
  .strictObject({
    path: text('Path of the endpoint.', {
      expected: 'a path such as /limits',
      matches: /^(?:\/[a-z0-9-]+)+$/,
    }).prefault('/limits'),
  })
  .meta({
    description:
      'An endpoint that tells each caller its own limits: what is used, what is left, and when more is free. Left out or `off`: there is none.',
  });

const listFile = (description: string) =>
  text(`${description} One address or network per line; \`#\` begins a comment.`).optional();

export const addressListsSchema = z
  .strictObject({
    deny: listFile('File of addresses whose requests are refused with 403, from the folder of this policy.'),
    allow: listFile('File of the only addresses whose requests are taken. Left out: all.'),
    reload: duration('Time between two looks at the files.', '100ms', '1h').prefault('5s'),
  })
  .meta({
    description:
      'Addresses that are refused, or let in, before anything else is looked at. Left out or `off`: none is.',
  });

const route = { expected: 'a method and the path of a route, such as POST /a/:id', matches: /^[A-Z]+ \/\S*$/ };

const signal = z.strictObject({
  watch: choice(
    'The behaviour: `refusals` is the share of 401 and 403 among the responses to a client, `accountsPerAddress` and `addressesPerAccount` count different ones, `sequence` counts requests to `route` without one to a route of `after` before.',
    ['refusals', 'accountsPerAddress', 'addressesPerAccount', 'sequence'],
  ),
  per: choice('The client, for `refusals` and `sequence`: each address, or each caller.', ['address', 'user'])
    .optional()
    .meta({
      'x-default': '`address`',
    }),
  window: duration('Time over which requests count; they are forgotten by half windows.', '10s', '7d'),
  share: ratio('The signal is raised at this share of refusals.', { above: true }).optional(),
  atLeast: whole('Responses to a client before its share counts.', 1, 1_000_000).optional(),
  above: whole('The signal is raised above this number.', 0, 10_000).optional(),
  route: text('The route of `sequence`: `POST /a/:id`.', route).optional(),
  after: texts('Routes of which a client calls one first.', route).optional(),
  within: duration('Longest time between the two requests of a sequence.', '1s', '24h')
    .optional()
    .meta({ 'x-default': '`30m`' }),
  action: choice(
    'What follows for the client: nothing beyond event and metric, the limits of `rateClass`, a login that is younger than the signal (callers only), or 429 for all of its requests.',
    ['report', 'slow', 'stepUp', 'block'],
  ).prefault('report'),
  for: duration('Time for which it follows. The event comes once in that time.', '1s', '7d').prefault('15m'),
  rateClass: text('The class of `action: slow`; it counts besides the class of the route.').optional(),
});

export const signalsSchema = z.record(names, signal).prefault({}).meta({
  description:
    'Behaviour of clients that policy watches for, by a name for metrics and logs, and what follows: see `docs/limits.md`.',
});
