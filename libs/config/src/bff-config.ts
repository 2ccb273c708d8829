import type { AccessConfig } from './schema/access-config.js';
import type { DnsConfig } from './dns-config.js';

/**
 * What `bff.yaml` says once it is read, merged, checked and filled with defaults. Units stand in the names. Every table by name has no
 * prototype, so a name that came from outside can be looked up without surprises. `docs/policy.md` has the keys as a team writes them.
 */
export interface BffConfig {
  /** Name of the app: lower case, digits and dashes. */
  readonly bff: string;
  /** `FRONTAGE_ENV`, else `NODE_ENV`, else `development`. */
  readonly environment: string;
  /** Absolute path of the app's `bff.yaml`. */
  readonly file: string;
  readonly listen: ListenConfig;
  /** Absent: `access: off`, this app accepts no tokens. */
  readonly access?: AccessConfig;
  readonly limits: LimitsConfig;
  /** Requests of one address, counted before a token is verified. Absent: not counted. */
  readonly addressLimit?: AddressLimitConfig;
  /** What `@RateClass('name')` means. A request must pass every rule of its class. */
  readonly rateClasses: Readonly<Record<string, readonly RateRuleConfig[]>>;
  readonly rateStore: RateStoreConfig;
  /** Longest that any request may take, in ms: the deadline of endpoints without a plan, and the cap on the deadline of every plan. @default 10_000 */
  readonly deadlineMs: number;
  /** Kept back from the deadline for building and sending the answer, in ms. @default 10 */
  readonly reserveMs: number;
  readonly redis?: RedisConfig;
  readonly dns: DnsConfig;
  readonly upstreams: Readonly<Record<string, UpstreamConfig>>;
  /** By the name of the plan. What stands here is tighter than, or in place of, what the plan itself says. */
  readonly plans: Readonly<Record<string, PlanConfig>>;
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
  /** How many proxies in front of this app are ours: that many entries of `X-Forwarded-For`, from the right, are believed. @default 0 */
  readonly trustedProxies: number;
  /** How long a connection is kept between two requests. 1_000 to 7_200_000. @default 620_000 */
  readonly keepAliveMs: number;
}

export interface LimitsConfig {
  /** @default 1 MiB */
  readonly maxBodyBytes: number;
  /** All header fields of a request together. @default 16 KiB */
  readonly maxHeaderBytes: number;
  /** For the header fields to arrive. @default 10_000 */
  readonly headersTimeoutMs: number;
  /** For the whole request to arrive, body included. @default 30_000 */
  readonly requestTimeoutMs: number;
  /** For a client to take at least one byte of what is sent to it. */
  readonly sendIdleTimeoutMs: number;
  /** For a client to take each byte, from when it is there to be sent. */
  readonly sendTimeoutMs: number;
  /** Open client connections. Absent: as many as the system allows. */
  readonly maxConnections?: number;
  /** Requests worked on at the same time; what is above is shed with 503. Absent: not limited. */
  readonly maxInFlight?: number;
}

export interface AddressLimitConfig {
  readonly limit: number;
  readonly windowMs: number;
}

export interface RateRuleConfig {
  readonly per: 'user' | 'address' | 'role' | 'app';
  /** Requests within one window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Set exactly where `per` is `role`: the rule counts each caller that has this role. */
  readonly role?: string;
}

export interface RateStoreConfig {
  /** What happens to requests while Redis cannot be used. @default local */
  readonly whenDown: 'local' | 'open' | 'closed';
}

export interface RedisConfig {
  /** `redis:` or `rediss:`; may hold a password, so it is never printed. */
  readonly url: string;
}

export interface UpstreamConfig {
  /** Base addresses, at least one; several are balanced. Without a trailing slash. */
  readonly urls: readonly string[];
  /** For one call with all its attempts, to the last byte of the answer. @default 1_000 */
  readonly timeoutMs: number;
  /** For a connection to open. @default 500, or the timeout where that is less */
  readonly connectTimeoutMs: number;
  /** Absent: a call is tried once. */
  readonly retry?: RetryConfig;
  /** Absent: calls are sent however many fail. */
  readonly breaker?: BreakerConfig;
  /** Calls to this upstream at the same time. Absent: not limited. */
  readonly concurrency?: number;
  /** Calls that may wait for their turn where `concurrency` is reached. @default 2 * concurrency; absent where that is */
  readonly queue?: number;
  /** Of one answer, counted after decompression. @default 8 MiB */
  readonly maxBodyBytes: number;
  /** Request header fields, in lower case, that are copied to the upstream. @default none */
  readonly forwardHeaders: readonly string[];
  /** Sends the caller's own token along. @default false */
  readonly forwardAuthorization: boolean;
  /** A header field with a secret of this app, sent with every call. */
  readonly credentials?: CredentialsConfig;
  readonly transport: 'undici' | 'direct' | 'axios';
  /** The proxy that calls go through; may hold a password, so it is never printed. Absent: none. */
  readonly proxy?: string;
  /** Connections held open to each address. @default 64 */
  readonly connections: number;
  /** Reads of one client request that travel over one connection together. */
  readonly pipelining: number;
  /** What becomes of numbers that a double would change (integers beyond 2^53 - 1, 1e400): the call fails as `bad_payload`, or they are handed on as strings. @default reject */
  readonly bigNumbers: 'reject' | 'text';
  /** Redirects followed, to addresses of the same upstream only. 0 to 3. @default 0 */
  readonly followRedirects: number;
  /** What becomes of answers that do not fit their contract. @default off: nobody looks */
  readonly validate: 'off' | 'development' | 'enforce';
  /** A header field that every response must carry back as it was sent. Absent: not asked for. */
  readonly echo?: 'x-request-id';
  /** By operation id. Absent: that operation is not cached. */
  readonly cache: Readonly<Record<string, CacheConfig>>;
  /** By operation id. */
  readonly operations: Readonly<Record<string, OperationConfig>>;
  /** This app is not ready while the upstream cannot be reached. @default false */
  readonly required: boolean;
  /** Path below the base address that says whether a `required` upstream is well. Absent: any answer to a HEAD is taken. */
  readonly healthPath?: string;
}

export interface RetryConfig {
  /** Attempts in all, the first one included: 2 or 3. @default 2 */
  readonly attempts: number;
  /** Retries as a share of calls, above 0 to 0.5. @default 0.1 */
  readonly budgetRatio: number;
}

export interface BreakerConfig {
  /** Share of failed calls in the window at which the breaker opens, above 0 to 1. @default 0.5 */
  readonly failureRatio: number;
  /** @default 10_000 */
  readonly windowMs: number;
  /** Calls in the window below which it does not open. @default 20 */
  readonly minimumCalls: number;
  /** How long it stays open before a probe is sent. @default 5_000 */
  readonly openForMs: number;
  readonly per: 'operation' | 'upstream';
}

export interface CredentialsConfig {
  /** In lower case. @default authorization */
  readonly header: string;
  readonly value: string;
}

export interface CacheConfig {
  readonly ttlMs: number;
  /** One entry for all callers. @default false: who is asking is part of the key */
  readonly public: boolean;
}

export interface OperationConfig {
  /** In place of the upstream's `timeoutMs`. */
  readonly timeoutMs?: number;
  /** In place of the upstream's `urls`. */
  readonly urls?: readonly string[];
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
  /** Absent: no spans are exported. */
  readonly otlp?: OtlpConfig;
  /** Share of requests kept besides the slow, failed and partial ones, 0 to 1. @default 0.05 */
  readonly sampleRatio: number;
  /** From this many ms on a request counts as slow and is always kept. @default 1_000 */
  readonly slowMs: number;
}

export interface OtlpConfig {
  /** OTLP over HTTP with protobuf, the full address (`http://collector:4318/v1/traces`). */
  readonly url: string;
  /** Sent with every export; may hold a key, so values are never printed. */
  readonly headers: Readonly<Record<string, string>>;
  /** The proxy that spans go through; may hold a password. Absent: none. */
  readonly proxy?: string;
}

export interface MetricsConfig {
  /** Prometheus text at `/metrics` on the admin port. @default true */
  readonly enabled: boolean;
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
  /** How long after SIGTERM requests are still accepted. @default 0 in the environments development and test, 5_000 in all others */
  readonly delayMs: number;
  /** How long requests under way may take to end after that. @default 10_000 */
  readonly graceMs: number;
}

export interface AdminConfig {
  /** Bearer token for admin calls that change something. Absent: outside development there are none. */
  readonly token?: string;
}
