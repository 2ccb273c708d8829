import { requireAtLeast, requireCount, requireRatio } from '@frontage/core';

/** Options that decide when a circuit breaker opens and when it closes again. */
export interface CircuitBreakerOptions {
  /** Share of failed calls that opens, inclusive; above 0, at most 1. @default 0.5 */
  readonly failureRatio?: number;
  /** Length of the window in which calls count, in milliseconds; at least 10. @default 10_000 */
  readonly windowMs?: number;
  /** With fewer calls in the window the breaker stays closed; at least 1. @default 20 */
  readonly minimumCalls?: number;
  /** Time that it stays open first, in milliseconds. It doubles each time that the probes fail. @default 5_000 */
  readonly openForMs?: number;
  /** Longest time that it stays open between two rounds of probes, in milliseconds. @default 60_000 */
  readonly maxOpenForMs?: number;
  /** Calls that pass while it is half-open, before it decides; at least 1. @default 3 */
  readonly halfOpenPermits?: number;
  /**
   * Time to wait for the outcomes of the probes, in milliseconds; then new probes pass. So a probe that is never reported does not keep it
   * half-open. @default 60_000
   */
  readonly halfOpenForMs?: number;
  /** A call that takes at least this long counts as slow, in milliseconds. @default Infinity (none is slow) */
  readonly slowCallMs?: number;
  /** Share of slow calls that opens, even if all of them succeed; above 0, at most 1. @default 1 */
  readonly slowRatio?: number;
  /**
   * `enforce`: as described. `observe`: counts and reports its states, and lets every call pass. `forced_open`: rejects every call.
   * `disabled`: lets every call pass and counts nothing. @default 'enforce'
   */
  readonly mode?: BreakerMode;
}

export type BreakerMode = 'enforce' | 'observe' | 'forced_open' | 'disabled';

/** @throws RangeError naming the option, what was given and what it takes. */
export function resolveBreakerOptions(options: CircuitBreakerOptions): Required<CircuitBreakerOptions> {
  const resolved = {
    failureRatio: 0.5,
    windowMs: 10_000,
    minimumCalls: 20,
    openForMs: 5_000,
    maxOpenForMs: 60_000,
    halfOpenPermits: 3,
    halfOpenForMs: 60_000,
    slowCallMs: Number.POSITIVE_INFINITY,
    slowRatio: 1,
    mode: 'enforce' as const,
    ...options,
  };
  requireRatio('failureRatio', resolved.failureRatio);
  requireRatio('slowRatio', resolved.slowRatio);
  requireAtLeast('windowMs', resolved.windowMs, 10);
  requireAtLeast('openForMs', resolved.openForMs, 1);
  requireAtLeast('halfOpenForMs', resolved.halfOpenForMs, 1);
  requireAtLeast('slowCallMs', resolved.slowCallMs, 1);
  requireCount('minimumCalls', resolved.minimumCalls);
  requireCount('halfOpenPermits', resolved.halfOpenPermits);
  return { ...resolved, maxOpenForMs: Math.max(resolved.openForMs, resolved.maxOpenForMs) };
}
