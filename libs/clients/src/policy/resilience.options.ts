import type { AdaptiveLimitOptions } from '@frontage/breaker';
import type { BalancePolicy, HealthPolicy } from './balance.options.js';
import type { BreakerPolicy, OperationBreaker } from './circuits.js';
import type { StatusName } from './status-rule.js';

/** The policies of an upstream that decide about attempts: when one is sent, again, besides another one, or not at all. */
export interface ResilienceOptions {
  /** Absent: failed calls are not tried again. */
  readonly retry?: RetryOptions;
  /** Absent: a slow call is not hedged. */
  readonly hedge?: HedgeOptions;
  /** Absent: no circuit breaker. */
  readonly breaker?: BreakerPolicy;
  /** Calls at once towards this upstream; at least 1. With `adaptive` the limit follows its latency. Absent: as many as come. */
  readonly concurrency?: number | { readonly adaptive: AdaptiveLimitOptions };
  /** Calls that wait when `concurrency` is reached; 0 sheds at once. @default twice the limit */
  readonly queue?: number;
  /** The spread of calls over several addresses. @default least requests, with ejection */
  readonly balance?: BalancePolicy;
  /** Health checks of each address, where there are several. Absent: calls alone tell. */
  readonly health?: HealthPolicy;
}

/** Policies of a single operation, in place of those of its upstream. */
export interface OperationResilience {
  readonly retry?: OperationRetry | 'off';
  readonly hedge?: OperationHedge | 'off';
  /** A circuit of its own, also where those of the upstream are joined. */
  readonly breaker?: OperationBreaker | 'off';
}

/** A failure without a response: `connect`, no byte reached a connection; `reset`, the connection ended before the response. */
export type RetryKind = 'connect' | 'reset';

export interface OperationRetry {
  /** Attempts including the first; 1 to 3. @default 2 */
  readonly attempts?: number;
  /**
   * Failures that are tried again: statuses, ranges of them (`5xx` leaves out 501), and kinds of failures without a response. Only a call that
   * may be sent twice is ever tried again. @default ['5xx', 'connect', 'reset']
   */
  readonly retryOn?: readonly (RetryKind | StatusName)[];
}

export interface RetryOptions extends OperationRetry {
  /** Retries per call over all calls towards this upstream; above 0, at most 1. @default 0.1 */
  readonly budgetRatio?: number;
}

export interface OperationHedge {
  /** A fixed time from the start of a call to its second attempt, in milliseconds. Absent: `quantile`. */
  readonly afterMs?: number;
  /** The time that this share of the operation's calls of the last minute did not exceed; above 0, at most 1. @default 0.95 */
  readonly quantile?: number;
}

export interface HedgeOptions extends OperationHedge {
  /** Hedges per call over all calls towards this upstream; above 0, at most 1. Each also takes a token of `retry.budgetRatio`. @default 0.05 */
  readonly budgetRatio?: number;
}

/** @throws RangeError or TypeError naming the upstream, the option, what was given and what it takes */
export function checkRetry(upstream: string, { attempts }: OperationRetry): void {
  if (attempts === undefined || (Number.isSafeInteger(attempts) && attempts >= 1 && attempts <= 3)) return;
  throw new RangeError(`${upstream}: retry.attempts must be a whole number from 1 to 3, not ${attempts}`);
}
