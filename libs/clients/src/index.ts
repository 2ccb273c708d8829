export { AddressAgent, type AddressAgentOptions } from './transports/address-agent.js';
export type { Contract, Operation, SchemaValidator } from '@frontage/core';
export { SchemaTable } from '@frontage/core';
export type { CircuitBreakerOptions } from '@frontage/breaker';
export type { BreakerPolicy, BreakerScope } from './circuits.js';
export { FilePart, type Binary, type FilePartOptions } from './body-content.js';
export { sameJson, ucs2Length } from './answer-check.js';
export {
  createClient,
  operationsIn,
  type CallOptions,
  type Client,
  type ClientCall,
  type OperationModule,
} from './client.js';
export { Download } from './download.js';
export { isDeclared, UpstreamError } from './upstream.errors.js';
export {
  createUpstream,
  type BoundOperation,
  type CallLimits,
  type ExecutorOptions,
  type Upstream,
  type UpstreamDependencies,
  type UpstreamHealth,
} from './upstream.js';
export type { BigNumbers, CachePolicy, RetryOptions, UpstreamOptions } from './upstream.options.js';
