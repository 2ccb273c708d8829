import { requireAtLeast, requireCount, requireRatio } from '@frontage/core';

/** When a circuit breaker opens, and how it finds its way back. */
export interface CircuitBreakerOptions {
  /** Share of failed calls that opens, inclusive; above 0, at most 1. @default 0.5 */
  readonly failureRatio?: number;
  /** How far back calls count, in milliseconds; at least 10. @default 10_000 */
  readonly windowMs?: number;
  /** Below this many calls in the window the breaker stays closed whatever they do; at least 1. @default 20 */
  readonly minimumCalls?: number;
  /** How long it stays open the first time, in milliseconds. Doubles each time that the probes fail again. @default 5_000 */
  readonly openForMs?: number;
  /** The longest it stays open between two rounds of probes, in milliseconds. @default 60_000 */
  readonly maxOpenForMs?: number;
  /** Calls let through while half-open, before it is decided; at least 1. @default 3 */
  readonly halfOpenPermits?: number;
  /**
   * How long it waits for the outcome of its probes, in milliseconds; then it hands out new ones. A probe that is never reported
   * cannot keep it half-open for ever. @default 60_000
   */
  readonly halfOpenForMs?: number;
  /** A call that takes at least this long counts as slow, in milliseconds. @default Infinity (none is slow) */
  readonly slowCallMs?: number;
  /** Share of slow calls that opens, though they all succeed; above 0, at most 1. @default 1 */
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
