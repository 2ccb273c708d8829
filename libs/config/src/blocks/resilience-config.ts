import type { BalanceConfig, HealthConfig } from './balance-config.js';

/** Policies of an upstream that decide about attempts. */
export interface ResilienceConfig {
  /** Absent: a call is tried once. */
  readonly retry?: RetryConfig;
  /** Absent: a slow call is not sent a second time. */
  readonly hedge?: HedgeConfig;
  /** Absent: calls are always sent. */
  readonly breaker?: BreakerConfig;
  /** Most calls to this upstream at the same time, or the bounds of a limit that follows its latency. Absent: not limited. */
  readonly concurrency?: number | { readonly adaptive: AdaptiveConfig };
  /** Most calls that may wait for a permit while `concurrency` is reached. Absent: twice the limit. */
  readonly queue?: number;
  /** Absent: least requests, with the defaults. Always absent for a single address. */
  readonly balance?: BalanceConfig;
  /** Absent: calls alone tell which address is well. */
  readonly health?: HealthConfig;
}

/** In place of those of the upstream. */
export interface OperationResilienceConfig {
  /** In place of members of the upstream's `retry`. */
  readonly retry?: OperationRetryConfig | 'off';
  /** In place of the upstream's `hedge`. */
  readonly hedge?: OperationHedgeConfig | 'off';
  /** In place of the upstream's `breaker`, for this operation alone. */
  readonly breaker?: OperationBreakerConfig | 'off';
}

/** A status, all of one hundred (`5xx`), or a kind of failure without a response. */
export type RetryOn = 'connect' | 'reset' | (string & {});

export interface RetryConfig extends OperationRetryConfig {
  /** All attempts, the first one included: 2 or 3. @default 2 */
  readonly attempts: number;
  /** Retries as a share of calls, above 0 to 0.5. @default 0.1 */
  readonly budgetRatio: number;
  /** @default 5xx, connect, reset */
  readonly retryOn: readonly RetryOn[];
}

/** In place of the members of the upstream's. */
export interface OperationRetryConfig {
  readonly attempts?: number;
  readonly retryOn?: readonly RetryOn[];
}

export interface HedgeConfig extends OperationHedgeConfig {
  /** Second attempts as a share of calls, above 0 to 0.2. @default 0.05 */
  readonly budgetRatio: number;
}

/** Either of the two is there. */
export interface OperationHedgeConfig {
  /** A fixed time from the start of a call to its second attempt. */
  readonly afterMs?: number;
  /** The share of the operation's calls of the last minute that end before it. @default 0.95 */
  readonly quantile?: number;
}

export interface BreakerConfig extends OperationBreakerConfig {
  readonly per: 'operation' | 'upstream';
}

export interface OperationBreakerConfig {
  /** Share of failed calls in the window at which the breaker opens, above 0 to 1. @default 0.5 */
  readonly failureRatio: number;
  /** @default 10_000 */
  readonly windowMs: number;
  /** With fewer calls in the window it does not open. @default 20 */
  readonly minimumCalls: number;
  /** Time that it stays open before it sends a probe. @default 5_000 */
  readonly openForMs: number;
  /** @default enforce */
  readonly mode: 'enforce' | 'throttle' | 'observe';
  /** Statuses (`429`) and all of one hundred (`5xx`) that count as failures. @default 5xx, 408 */
  readonly failures: readonly string[];
}

/** Bounds of an adaptive limit. */
export interface AdaptiveConfig {
  /** @default 2 */
  readonly min: number;
  /** @default 1_000 */
  readonly max: number;
}

/** Callers of one tier; exactly one of `role`, `claim` and `quota` is there. */
export interface TierConfig {
  readonly role?: string;
  /** A claim that `access.jwt.claims` or an issuer names, with the values that count. */
  readonly claim?: string;
  readonly is?: readonly string[];
  /** Class of an API key. */
  readonly quota?: string;
}
