export {
  budgetExcess,
  budgetOf,
  type BudgetConfig,
  type BudgetExcess,
  type BudgetsConfig,
  type ScreenCost,
} from './budgets.js';
export type {
  AccessConfig,
  CertificateConfig,
  JwtConfig,
  OpaConfig,
  SessionProviderConfig,
  SessionsConfig,
} from './access/access-config.js';
export type { CredentialsConfig, TokenClientConfig, UserContextConfig } from './credentials/credentials-config.js';
export type {
  AuditLogConfig,
  CallersConfig,
  ServerTimingConfig,
  BehindCdnConfig,
  CorsConfig,
  SecurityHeadersConfig,
  SignaturesConfig,
} from './blocks/door-config.js';
export type { IncidentsConfig } from './blocks/incidents-config.js';
export type { AdmissionConfig, LimitsConfig, MultipartLimits } from './blocks/limits-config.js';
export type {
  AddressLimitConfig,
  AddressListsConfig,
  RateRuleConfig,
  RateStoreConfig,
  SignalConfig,
  UsageConfig,
} from './blocks/rates-config.js';
export type { ScreenConfig } from './blocks/screens-config.js';
export type { ClientCertificatesConfig, TlsConfig } from './blocks/tls-config.js';
export type { CacheConfig } from './blocks/cache-config.js';
export type {
  AdaptiveConfig,
  BreakerConfig,
  HedgeConfig,
  OperationHedgeConfig,
  OperationRetryConfig,
  RetryConfig,
  TierConfig,
} from './blocks/resilience-config.js';
export type {
  AdminConfig,
  BffConfig,
  ListenConfig,
  LogConfig,
  MetricsConfig,
  OperationConfig,
  OtlpConfig,
  PlanCallConfig,
  PlanConfig,
  RedisConfig,
  ShutdownConfig,
  TracingConfig,
  UpstreamConfig,
} from './bff-config.js';
export { ConfigError, renderConfigError, renderConfigWarning, type ConfigIssue } from './document/config.errors.js';
export type { DnsConfig } from './dns-config.js';
export { describeConfig } from './describe-config.js';
export { loadConfig, type LoadOptions } from './load-config.js';
export { PolicyFiles, type PlacedValue, type PolicyMistake } from './policy-files.js';
