export { type BreakerMode, type CircuitBreakerOptions } from './breaker.options.js';
export { Circuit, type BreakerState, type ForcedState, type Permit } from './circuit.js';
export { CircuitBreaker } from './circuit-breaker.js';
export { ClientThrottle, type ClientThrottleOptions } from './client-throttle.js';
export { HedgeDelay, type HedgeDelayOptions } from './hedging.js';
export { Bulkhead, type BulkheadOptions, type Waiting } from './limits/bulkhead.js';
export { RetryBackoff, RetryBudget, type RetryBackoffOptions, type RetryBudgetOptions } from './retry.js';
