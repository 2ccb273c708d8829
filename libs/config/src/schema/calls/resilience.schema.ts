import { z } from 'zod';
import { choice, duration, offOr, ratio, text, whole } from '../values/fields.js';
import { durationOrQuantile, statuses, wholeOr } from '../values/resilience-fields.js';

const attempts = whole('All attempts, the first one included.', 2, 3);
const retryOn = statuses(
  'Failures that are tried again: statuses, `5xx` for all of them but 501, `connect` where no byte was sent, `reset` where the connection ended before a response. A call that must not be sent twice is never tried again.',
  ['connect', 'reset'],
);

const retry = z
  .strictObject({
    attempts: attempts.prefault(2),
    budget: ratio(
      'Retries as a share of all calls to this upstream: an upstream that fails completely gets at most this much additional load.',
      {
        max: 0.5,
        above: true,
      },
    ).prefault('10%'),
    retryOn: retryOn.prefault(['5xx', 'connect', 'reset']),
  })
  .meta({
    description: 'Tries a failed safe call again within the deadline. Left out or `off`: a call is tried once.',
  });

const after = durationOrQuantile(
  'Time from the start of a call to its second attempt: `p95` is what 95 of 100 calls of the operation did not exceed in the last minute (with fewer than 50 calls nothing is hedged), `50ms` is a fixed time.',
  '1ms',
  '1m',
);

const hedge = z
  .strictObject({
    after: after.prefault('p95'),
    budget: ratio(
      'Most second attempts as a share of all calls to this upstream; where `retry` is on, each takes from its budget too.',
      { max: 0.2, above: true },
    ).prefault('5%'),
  })
  .meta({
    description:
      'Sends a slow read a second time and takes the first good response; the other attempt is aborted. Left out or `off`: never.',
  });

const breakerKeys = {
  failureRatio: ratio('Share of failed calls in the window at which the breaker opens.', { above: true }).prefault(0.5),
  window: duration('Time over which calls are counted.', '1s', '10m').prefault('10s'),
  minimumCalls: whole('With fewer calls in the window, the breaker does not open.', 1, 100_000).prefault(20),
  openFor: duration('Time that it stays open before it sends a probe.', '100ms', '1m').prefault('5s'),
  mode: choice(
    'What it does: `enforce` rejects every call while it is open, `throttle` rejects a share of the calls that follows the failures and never opens, `observe` reports its state and rejects nothing. For `throttle`, `window` and `minimumCalls` count.',
    ['enforce', 'throttle', 'observe'],
  ).prefault('enforce'),
  failures: statuses(
    'Statuses that count as failures, besides connections that fail and calls that take too long.',
  ).prefault(['5xx', '408']),
};

const breaker = z
  .strictObject({
    ...breakerKeys,
    per: choice('Calls that share one breaker: those of each operation, or all calls to the upstream.', [
      'operation',
      'upstream',
    ]).prefault('operation'),
  })
  .meta({
    description:
      'Stops calls to an upstream that fails; they fail at once instead. Left out or `off`: calls are always sent.',
  });

const adaptive = z
  .strictObject({
    min: whole('The limit never goes below.', 1, 100_000).prefault(2),
    max: whole('The limit never goes above.', 1, 100_000).prefault(1_000),
  })
  .meta({ description: 'The limit follows the latency of the upstream, within these bounds.' });

const concurrency = z.union([wholeOr('adaptive', '', 1, 100_000), z.strictObject({ adaptive })]).meta({
  description:
    'Most calls to this upstream at the same time. `adaptive`: as many as it takes without becoming slower. Left out: not limited.',
  'x-written': 'whole number, 1 to 100000, `adaptive`, or block',
});

/** Keys of an upstream that decide about attempts. */
export const resilienceKeys = {
  retry: offOr(retry).optional(),
  hedge: offOr(hedge).optional(),
  breaker: offOr(breaker).optional(),
  concurrency: concurrency.optional(),
  queue: whole(
    'Most calls that may wait for a permit while `concurrency` is reached; further calls fail at once.',
    0,
    100_000,
  )
    .optional()
    .meta({ 'x-default': 'twice the limit' }),
};

/** Keys of an operation that replace those of its upstream. */
export const operationResilienceKeys = {
  retry: offOr(
    z.strictObject({ attempts: attempts.optional(), retryOn: retryOn.optional() }).meta({
      description: "Replaces keys of the upstream's `retry`; the budget is that of the upstream. `off`: tried once.",
    }),
  ).optional(),
  hedge: offOr(
    z.strictObject({ after: after.prefault('p95') }).meta({
      description: "Replaces the upstream's `hedge`; the budget is that of the upstream. `off`: never hedged.",
    }),
  ).optional(),
  breaker: offOr(
    z.strictObject(breakerKeys).meta({
      description:
        "Replaces the upstream's `breaker` by one for this operation alone. `off`: its calls are always sent.",
    }),
  ).optional(),
};

export const tiersSchema = z
  .array(
    z.strictObject({
      role: text('Callers with this role.').optional(),
      claim: text(
        'Callers whose claim of this name has one of the values of `is`; the name is one of `access.jwt.claims`.',
      ).optional(),
      is: z
        .array(text('A value.'))
        .min(1)
        .optional()
        .meta({ description: 'The values of `claim` that count.', 'x-written': 'list of texts' }),
      quota: text('Callers with an API key of this rate class.').optional(),
    }),
  )
  .max(7)
  .meta({
    description:
      'Tiers of callers, the highest first: where calls wait for a permit, those of a higher tier go first, and are shed last. A caller is of the first tier that fits, and of the lowest if none does.',
  });
