export {
  Admission,
  requestRank,
  type AdmissionOptions,
  type Load,
  type RequestPriority,
} from './admission/admission.js';
export { type BreakerMode, type CircuitBreakerOptions } from './breaker.options.js';
export { Circuit, type BreakerState, type ForcedState, type Permit } from './circuit.js';
export { CircuitBreaker } from './circuit-breaker.js';
export { ClientThrottle, type ClientThrottleOptions } from './client-throttle.js';
export { HedgeDelay, type HedgeDelayOptions } from './hedging.js';
export { AdaptiveLimit, type AdaptiveLimitOptions, type LimitStep } from './limits/adaptive-limit.js';
export { Bulkhead, type BulkheadOptions, type QueuedCall, type Waiting } from './limits/bulkhead.js';
export { Pressure, type PressureOptions } from './limits/pressure.js';
export { maxTier, rankOf, type CallNeed } from './limits/priority.js';
export { RetryBackoff, RetryBudget, type RetryBackoffOptions, type RetryBudgetOptions } from './retry.js';
