import type { BudgetsConfig } from './budgets.js';
import type { CacheConfig } from './blocks/cache-config.js';
import type { CarriageConfig } from './blocks/carriage-config.js';
import type { AdmissionConfig, LimitsConfig } from './blocks/limits-config.js';
import type { RatesConfig } from './blocks/rates-config.js';
import type { TlsConfig } from './blocks/tls-config.js';
import type { AccessConfig } from './access/access-config.js';
import type { OperationResilienceConfig, ResilienceConfig, TierConfig } from './blocks/resilience-config.js';
import type { CredentialsConfig, UserContextConfig } from './credentials/credentials-config.js';
import type {
  AuditLogConfig,
  BehindCdnConfig,
  CallersConfig,
  CorsConfig,
  SecurityHeadersConfig,
  ServerTimingConfig,
  SignaturesConfig,
} from './blocks/door-config.js';
import type { IncidentsConfig } from './blocks/incidents-config.js';
import type { ObjectivesConfig } from './blocks/slo-config.js';
import type { ScreenConfig } from './blocks/screens-config.js';
import type { DnsConfig } from './dns-config.js';

/**
 * The policy of `bff.yaml` after it is read, merged, checked and filled with defaults. Names end with their unit. A table by name has no
 * prototype, so that a name from outside can be looked up safely. `docs/policy.md` has the keys as a team writes them.
 */
export interface BffConfig extends RatesConfig {
  /** Name of the app: lower case, digits and dashes. */
  readonly bff: string;
  /** `FRONTAGE_ENV`, else `NODE_ENV`, else `development`. */
  readonly environment: string;
  /** Absolute path of the app's `bff.yaml`. */
  readonly file: string;
  readonly listen: ListenConfig;
  /** Absent with `access: off`: this app accepts no tokens. */
  readonly access?: AccessConfig;
  readonly limits: LimitsConfig;
  /** Absent with `admission: off`: only `limits.maxInFlight` sheds requests. */
  readonly admission?: AdmissionConfig;
  /** Absent: pages of other origins may not call this app. */
  readonly cors?: CorsConfig;
  readonly securityHeaders: SecurityHeadersConfig;
  /** Absent: no response has `Server-Timing`. */
  readonly serverTiming?: ServerTimingConfig;
  /** Absent: no security decisions are written down. */
  readonly auditLog?: AuditLogConfig;
  /** Absent: forms of attacks are not looked for. */
  readonly signatures?: SignaturesConfig;
  /** Longest time for any request, in ms: the deadline of endpoints without a plan, and the limit of the deadline of every plan. @default 10_000 */
  readonly deadlineMs: number;
  /** Part of the deadline that is kept for building and sending the response, in ms. @default 10 */
  readonly reserveMs: number;
  readonly redis?: RedisConfig;
  readonly dns: DnsConfig;
  /** Tiers of callers, the highest first; seven at most. @default none */
  readonly tiers: readonly TierConfig[];
  /** Absent: no user context is signed. */
  readonly userContext?: UserContextConfig;
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>;
  /** By the name of the plan. A value here replaces the value of the plan itself, or is tighter. */
  readonly plans: Readonly<Record<string, PlanConfig>>;
  /** Validators and caches of whole responses of screens, by the name of the plan. */
  readonly screens: Readonly<Record<string, ScreenConfig>>;
  /** Most bytes of whole responses in this process. @default 32 MiB */
  readonly screenCache: { readonly maxBytes: number };
  /** Absent: no caller is told how parts were cached. */
  readonly cacheStatus?: CallersConfig;
  /** Objectives of screens, by the name of the plan. */
  readonly slo: Readonly<Record<string, ObjectivesConfig>>;
  /** The tests of the app compare them. */
  readonly budgets: BudgetsConfig;
  /** Absent: nothing is kept. */
  readonly incidents?: IncidentsConfig;
  readonly tracing: TracingConfig;
  readonly metrics: MetricsConfig;
  readonly log: LogConfig;
  readonly shutdown: ShutdownConfig;
  readonly admin: AdminConfig;
}

export interface ListenConfig {
  /** 0 lets the system choose a free port. */
  readonly port: number;
  /** @default 127.0.0.1 in the environments development and test, 0.0.0.0 in all others */
  readonly host: string;
  /** Metrics, docs, switches. 0 lets the system choose. @default port + 1000, or 0 where the port is 0 */
  readonly adminPort: number;
  /** @default 127.0.0.1 */
  readonly adminHost: string;
  /** Our own proxies in front of this app: how many entries of `X-Forwarded-For`, from the right, are trusted, or the addresses that are. @default 0 */
  readonly trustedProxies: number | readonly string[];
  /** Absent: everybody may connect. */
  readonly behindCdn?: BehindCdnConfig;
  /** Time for which a connection is kept between two requests. 1_000 to 7_200_000. @default 620_000 */
  readonly keepAliveMs: number;
  /** Absent: HTTP without TLS. */
  readonly tls?: TlsConfig;
}

export interface RedisConfig {
  /** `redis:` or `rediss:`; may hold a password, so it is never printed. */
  readonly url: string;
  /** Last good responses are shared. @default false */
  readonly lastGood: boolean;
}

export interface UpstreamConfig extends ResilienceConfig, CarriageConfig {
  /** Base addresses, at least one; several are balanced. Without a trailing slash. */
  readonly urls: readonly string[];
  /** Timeout of one call with all its attempts, up to the last byte of the response. @default 1_000 */
  readonly timeoutMs: number;
  /** Longest time for a connection to open. @default 500, or the timeout where that is less */
  readonly connectTimeoutMs: number;
  /** Largest body of one response, counted after decompression. @default 8 MiB */
  readonly maxBodyBytes: number;
  /** Request header fields, in lower case, that are copied to the upstream. @default none */
  readonly forwardHeaders: readonly string[];
  /** Forwards the caller's token. @default false */
  readonly forwardAuthorization: boolean;
  /** The credentials that are sent with every call. */
  readonly credentials?: CredentialsConfig;
  /** Sends a user context that this app signs. @default false */
  readonly userContext: boolean;
  /** Secrets for the security schemes of the contract, by the name of the scheme: in `value` or in `file`, `user` for `basic`. */
  readonly security: Readonly<Record<string, { readonly [part in 'value' | 'file' | 'user']?: string }>>;
  /** Operations whose contract names other servers, without `urls` of their own. @default refuse */
  readonly contractServers: 'refuse' | 'use' | 'ignore';
  /** Handling of numbers that a double cannot represent (integers beyond 2^53 - 1, decimals with more digits than a double keeps, 1e400): the call fails as `bad_payload`, or they are passed on as strings. @default reject */
  readonly bigNumbers: 'reject' | 'text';
  /** Departures of a success from its contract that are accepted. @default none */
  readonly lenient: readonly Leniency[];
  /** Most redirects that are followed, to addresses of the same upstream only. 0 to 3. @default 0 */
  readonly followRedirects: number;
  /** Handling of contract violations in responses. @default off: responses are not validated */
  readonly validate: 'off' | 'development' | 'enforce';
  /** A header field that every response must repeat as it was sent. Absent: not required. */
  readonly echo?: 'x-request-id';
  /** By operation id. Absent: that operation is not cached. */
  readonly cache: Readonly<Record<string, CacheConfig>>;
  /** Its groups of cached responses (RFC 9875) are heeded. @default false */
  readonly cacheGroups: boolean;
  /** By operation id. */
  readonly operations: Readonly<Record<string, OperationConfig>>;
  /** Share of the calls that its team promises to serve; for comparisons only. */
  readonly availability?: number;
  /** This app is not ready while the upstream cannot be reached. @default false */
  readonly required: boolean;
  /** Path below the base address that checks a `required` upstream. Absent: `HEAD` of the base address is sent. */
  readonly healthPath?: string;
}

/** `empty`: no content. `status`: a 2xx that is not declared. `contentType`: another one than declared, or none. */
export type Leniency = 'empty' | 'status' | 'contentType';

export interface OperationConfig extends OperationResilienceConfig {
  /** In place of the upstream's `timeoutMs`. */
  readonly timeoutMs?: number;
  /** In place of the upstream's `urls`. */
  readonly urls?: readonly string[];
  /** In place of the upstream's `lenient`. */
  readonly lenient?: readonly Leniency[];
  /** It only reads, whatever its method. @default by its method and its contract */
  readonly safe?: true;
}

export interface PlanConfig {
  readonly deadlineMs?: number;
  /** By part name. */
  readonly calls: Readonly<Record<string, PlanCallConfig>>;
}

export interface PlanCallConfig {
  readonly timeoutMs?: number;
}

export interface TracingConfig {
  /** Absent: that of the environment, unless {@link isOff}. */
  readonly otlp?: OtlpConfig;
  /** True with `otlp: off`: no spans are exported, whatever the environment says. */
  readonly isOff: boolean;
  /** Share of requests kept besides the slow, failed and partial ones, 0 to 1. @default what the environment says, else 0.05 */
  readonly sampleRatio?: number;
  /** Requests that are always kept: of a route (`GET /orders/:id`), or of a caller. @default none */
  readonly always: CallersConfig & { readonly routes: readonly string[] };
  /** A request that takes this many ms or more counts as slow and is always kept. @default 1_000 */
  readonly slowMs: number;
}

export interface OtlpConfig {
  /** OTLP over HTTP with protobuf, the full address (`http://collector:4318/v1/traces`, or `/v1/metrics`). */
  readonly url: string;
  /** Sent with every export; may hold a key, so values are never printed. */
  readonly headers: Readonly<Record<string, string>>;
  /** The proxy that exports go through; may hold a password. Absent: none. */
  readonly proxy?: string;
}

export interface MetricsConfig {
  /** Prometheus text at `/metrics` on the admin port. @default true */
  readonly enabled: boolean;
  /** Clients to tell of that send most requests, 1 to 100. Absent: none are counted. */
  readonly topClients?: number;
  /** Absent: metrics are not sent. */
  readonly otlp?: OtlpConfig & {
    /** Milliseconds between two exports. @default 60_000 */
    readonly everyMs: number;
  };
}

export interface LogConfig {
  /** @default info */
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Absent: standard output. A relative path starts at the working directory. */
  readonly file?: string;
  /** One line per request. @default true */
  readonly requests: boolean;
}

export interface ShutdownConfig {
  /** Time after SIGTERM in which requests are still accepted. @default 0 in the environments development and test, 5_000 in all others */
  readonly delayMs: number;
  /** Longest time after that for requests under way to end. @default 10_000 */
  readonly graceMs: number;
}

export interface AdminConfig {
  /** Bearer token for admin calls that change something. Absent: such calls exist in development only. */
  readonly token?: string;
}
