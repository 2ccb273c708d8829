import { given, on } from './access/policy-members.js';
import type { OperationConfig, UpstreamConfig } from './bff-config.js';
import type { BreakerConfig, HedgeConfig, OperationHedgeConfig, RetryConfig } from './blocks/resilience-config.js';
import type { Policy } from './schema/bff.schema.js';

type Upstream = Policy['upstreams'][string];
type Operation = Upstream['operations'][string];

/** The policies of attempts of one upstream; what is off is absent. */
export function toResilience(
  upstream: Upstream,
): Pick<UpstreamConfig, 'retry' | 'hedge' | 'breaker' | 'concurrency' | 'queue'> {
  const retry = on(upstream.retry);
  const hedge = on(upstream.hedge);
  const breaker = on(upstream.breaker);
  const { concurrency } = upstream;
  return {
    ...(retry && {
      retry: { attempts: retry.attempts, budgetRatio: retry.budget, retryOn: retry.retryOn } satisfies RetryConfig,
    }),
    ...(hedge && { hedge: { ...toDelay(hedge.after), budgetRatio: hedge.budget } satisfies HedgeConfig }),
    ...(breaker && { breaker: toBreaker(breaker) }),
    ...given('concurrency', concurrency),
    ...given('queue', upstream.queue ?? (concurrency === undefined ? undefined : 2 * concurrency)),
  };
}

/** Those of one operation: 'off' switches off what its upstream has. */
export function toOperationResilience({
  retry,
  hedge,
}: Pick<Operation, 'retry' | 'hedge'>): Pick<OperationConfig, 'retry' | 'hedge'> {
  return {
    ...given(
      'retry',
      retry === undefined || retry === 'off'
        ? retry
        : { ...given('attempts', retry.attempts), ...given('retryOn', retry.retryOn) },
    ),
    ...given('hedge', hedge === undefined || hedge === 'off' ? hedge : toDelay(hedge.after)),
  };
}

const toDelay = (after: { readonly ms: number } | { readonly quantile: number }): OperationHedgeConfig =>
  'ms' in after ? { afterMs: after.ms } : { quantile: after.quantile };

function toBreaker(breaker: Exclude<NonNullable<Upstream['breaker']>, 'off'>): BreakerConfig {
  const { failureRatio, window, minimumCalls, openFor, mode, failures, per } = breaker;
  return { failureRatio, windowMs: window, minimumCalls, openForMs: openFor, mode, failures, per };
}
