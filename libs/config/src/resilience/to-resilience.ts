import { given, on } from '../access/policy-members.js';
import type {
  HedgeConfig,
  OperationBreakerConfig,
  OperationHedgeConfig,
  OperationResilienceConfig,
  ResilienceConfig,
  RetryConfig,
  TierConfig,
} from '../blocks/resilience-config.js';
import type { Policy } from '../schema/bff.schema.js';
import { toBalance } from './to-balance.js';

type Upstream = Policy['upstreams'][string];
type Operation = Upstream['operations'][string];

/** The policies of attempts of one upstream; what is off is absent. */
export function toResilience(upstream: Upstream): ResilienceConfig {
  const retry = on(upstream.retry);
  const hedge = on(upstream.hedge);
  const breaker = on(upstream.breaker);
  const { concurrency } = upstream;
  const limit = concurrency === 'adaptive' ? { adaptive: { min: 2, max: 1_000 } } : concurrency;
  return {
    ...(retry && {
      retry: { attempts: retry.attempts, budgetRatio: retry.budget, retryOn: retry.retryOn } satisfies RetryConfig,
    }),
    ...(hedge && { hedge: { ...toDelay(hedge.after), budgetRatio: hedge.budget } satisfies HedgeConfig }),
    ...(breaker && { breaker: { ...toBreaker(breaker), per: breaker.per } }),
    ...given('concurrency', limit),
    ...toBalance(upstream),
    ...given('queue', upstream.queue ?? (typeof limit === 'number' ? 2 * limit : undefined)),
  };
}

/** Those of one operation: 'off' switches off what its upstream has. */
export function toOperationResilience({
  retry,
  hedge,
  breaker,
}: Pick<Operation, 'retry' | 'hedge' | 'breaker'>): OperationResilienceConfig {
  return {
    ...given(
      'retry',
      retry === undefined || retry === 'off'
        ? retry
        : { ...given('attempts', retry.attempts), ...given('retryOn', retry.retryOn) },
    ),
    ...given('hedge', hedge === undefined || hedge === 'off' ? hedge : toDelay(hedge.after)),
    ...given('breaker', breaker === undefined || breaker === 'off' ? breaker : toBreaker(breaker)),
  };
}

export const toTier = ({ role, claim, is, quota }: Policy['tiers'][number]): TierConfig => ({
  ...given('role', role),
  ...given('claim', claim),
  ...given('is', is),
  ...given('quota', quota),
});

const toDelay = (after: { readonly ms: number } | { readonly quantile: number }): OperationHedgeConfig =>
  'ms' in after ? { afterMs: after.ms } : { quantile: after.quantile };

function toBreaker(breaker: Exclude<NonNullable<Operation['breaker']>, 'off'>): OperationBreakerConfig {
  const { failureRatio, window, minimumCalls, openFor, mode, failures } = breaker;
  return { failureRatio, windowMs: window, minimumCalls, openForMs: openFor, mode, failures };
}
