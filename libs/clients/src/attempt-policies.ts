import { HedgeDelay, RetryBackoff, RetryBudget } from '@frontage/breaker';
import type { Clock, OperationInfo } from '@frontage/core';
import { DeadlineWatch } from './request/deadline-watch.js';
import type { OperationHedge, OperationRetry } from './policy/resilience.options.js';
import { retryRule } from './policy/retry-rule.js';
import type { ResolvedUpstreamOptions } from './policy/upstream.options.js';
import type { HedgePolicy, Pushback } from './stages/hedge.stage.js';
import type { RetryPolicy } from './stages/retry.stage.js';

/**
 * The policies of attempts of one upstream. What all of its operations share is made once, what an operation has for itself is made when it is
 * bound; what policy does not ask for is not made.
 */
export class AttemptPolicies {
  readonly #options: ResolvedUpstreamOptions;
  readonly #backoff = new RetryBackoff();
  readonly #retryBudget: RetryBudget | undefined;
  readonly #hedgeBudget: RetryBudget | undefined;
  readonly #hedges: DeadlineWatch;
  readonly #pushback: Pushback = { until: Number.NEGATIVE_INFINITY };
  readonly #delays = new Map<string, HedgeDelay>();

  /** @throws RangeError for an option outside its range */
  constructor(options: ResolvedUpstreamOptions, clock: Clock) {
    this.#options = options;
    const { retry, hedge, operations = {} } = options;
    const named = Object.values(operations);
    const retries = retry !== undefined || named.some((one) => isOn(one.retry));
    const hedges = hedge !== undefined || named.some((one) => isOn(one.hedge));
    this.#retryBudget = retries
      ? new RetryBudget(retry?.budgetRatio === undefined ? {} : { ratio: retry.budgetRatio }, clock)
      : undefined;
    // No floor: with little traffic one hedge per second could double the load.
    const hedgeRatio = hedge?.budgetRatio ?? 0.05;
    this.#hedgeBudget = hedges
      ? new RetryBudget({ ratio: hedgeRatio, floorEveryMs: Number.POSITIVE_INFINITY }, clock)
      : undefined;
    this.#hedges = new DeadlineWatch(clock);
    // A value out of range is an error at the start, not of the first call.
    for (const one of [hedge, ...named.map(({ hedge: own }) => own)]) if (isOn(one)) delayOf(one);
    for (const one of [retry, ...named.map(({ retry: own }) => own)]) if (isOn(one)) retryRule(one.retryOn);
  }

  retryOf({ id }: OperationInfo): RetryPolicy | undefined {
    const { retry, operations = {} } = this.#options;
    const own = operations[id]?.retry;
    if (own === 'off' || this.#retryBudget === undefined) return undefined;
    const merged: OperationRetry | undefined = own === undefined ? retry : { ...retry, ...own };
    if (merged === undefined || merged.attempts === 1) return undefined;
    return {
      attempts: merged.attempts ?? 2,
      rule: retryRule(merged.retryOn),
      budget: this.#retryBudget,
      backoff: this.#backoff,
    };
  }

  hedgeOf({ id }: OperationInfo): HedgePolicy | undefined {
    const { hedge, operations = {} } = this.#options;
    const own = operations[id]?.hedge;
    if (own === 'off' || this.#hedgeBudget === undefined) return undefined;
    const stated = own ?? hedge;
    if (stated === undefined) return undefined;
    // All bindings of an operation learn from the same latencies.
    let delay = this.#delays.get(id);
    if (delay === undefined) {
      delay = delayOf(stated);
      this.#delays.set(id, delay);
    }
    return {
      delay,
      budget: this.#hedgeBudget,
      retryBudget: this.#retryBudget,
      watch: this.#hedges,
      pushback: this.#pushback,
    };
  }
}

const isOn = <T extends object>(policy: T | 'off' | undefined): policy is T => policy !== undefined && policy !== 'off';

const delayOf = ({ afterMs, quantile }: OperationHedge): HedgeDelay => new HedgeDelay({ afterMs, quantile });
