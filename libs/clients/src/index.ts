export { AddressAgent, type AddressAgentOptions } from './transports/axios/address-agent.js';
export type { Contract, Integer64, Operation, SchemaValidator } from '@frontage/core';
export { SchemaTable } from '@frontage/core';
export type { AdaptiveLimitOptions, CallNeed, CircuitBreakerOptions, PressureOptions } from '@frontage/breaker';
export { Pressure } from '@frontage/breaker';
export type { AddressReport } from '@frontage/balancing';
export type { AddressGroup, BalanceKey, BalancePolicy, GroupHeader, HealthPolicy } from './policy/balance.options.js';
export type { BreakerPolicy, BreakerScope, CircuitReport } from './policy/circuits.js';
export type { BoundOperation, CallLimits, ExecutorOptions } from './bound-operation.js';
export { coversMedia } from './encode/media.js';
export { FilePart, type Binary, type FilePartOptions } from './encode/body-content.js';
export { ArrivingFile, type ArrivedFile, type FileSource } from './files/arriving-file.js';
export { sameJson, ucs2Length } from './decode/response-check.js';
export {
  createClient,
  operationsIn,
  type CallOptions,
  type Client,
  type ClientCall,
  type OperationModule,
} from './client.js';
export { Download } from './request/download.js';
export { isDeclared, UpstreamError } from './failures/upstream.errors.js';
export type { Upstream, UpstreamDependencies, UpstreamHealth } from './upstream-api.js';
export { createUpstream } from './upstream.js';
export type { HedgeOptions, OperationHedge, OperationRetry, RetryOptions } from './policy/resilience.options.js';
export type { UpstreamTls } from './policy/tls.options.js';
export type { BigNumbers, CachePolicy, UpstreamOptions } from './policy/upstream.options.js';
export { ClientCredentials } from './credentials/client-credentials.js';
export { CredentialsError, type CredentialSource } from './credentials/credential-source.js';
export { ClientTlsError } from './credentials/client-tls.js';
export { FileHeader } from './credentials/file-header.js';
export { readSigningKeys, type SigningKey } from './credentials/signing-keys.js';
export { TokenEndpoint, type ClientAuthentication, type SendForm } from './credentials/token-endpoint.js';
export { TokenExchange, type RevokedCallers } from './credentials/token-exchange.js';
export { UserContext } from './credentials/user-context.js';
export { oneLine, WatchedFile } from './credentials/watched-file.js';
export { missingSecrets } from './policy/secrets.js';
