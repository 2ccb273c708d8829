export { type BreakerMode, type CircuitBreakerOptions } from './breaker.options.js';
export { Bulkhead, type BulkheadOptions, type Waiting } from './limits/bulkhead.js';
export { CircuitBreaker, type BreakerState, type Permit } from './circuit-breaker.js';
export { HedgeDelay, type HedgeDelayOptions } from './hedging.js';
export { RetryBackoff, RetryBudget, type RetryBackoffOptions, type RetryBudgetOptions } from './retry.js';
