export type { Contract, Operation } from '@frontage/core';
export { SchemaTable } from '@frontage/core';
export type { CircuitBreakerOptions } from '@frontage/breaker';
export {
  createUpstream,
  type ExecutorOptions,
  type Upstream,
  type UpstreamDependencies,
  type UpstreamHealth,
} from './upstream.js';
export type { BigNumbers, CachePolicy, RetryOptions, UpstreamOptions } from './upstream.options.js';
