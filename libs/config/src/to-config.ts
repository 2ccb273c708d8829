import type {
  BffConfig,
  BreakerConfig,
  OperationConfig,
  PlanConfig,
  RetryConfig,
  UpstreamConfig,
} from './bff-config.js';
import type { DnsConfig } from './dns-config.js';
import type { AccessConfig, JwtConfig } from './schema/access-config.js';
import type { Policy } from './schema/bff.schema.js';
import { byName } from './document/tree.js';

type Switchable<T> = T | 'off' | undefined;

/** Renames the members of the policy for code, with units; an absent or switched-off block is an absent member. */
export function toConfig(policy: Policy, file: string, environment: string): BffConfig {
  const { listen, limits, tracing, log } = policy;
  const access = on(policy.access);
  const redis = on(policy.redis);
  const addressLimit = on(policy.addressLimit);
  const otlp = on(tracing.otlp);
  return {
    bff: policy.bff,
    environment,
    file,
    listen: {
      port: listen.port,
      host: listen.host ?? (isLocal(environment) ? '127.0.0.1' : '0.0.0.0'),
      adminPort: listen.adminPort ?? (listen.port === 0 ? 0 : listen.port + 1000),
      adminHost: listen.adminHost,
      trustedProxies: listen.trustedProxies,
      keepAliveMs: listen.keepAlive,
    },
    ...(access && { access: toAccess(access, policy.proxy) }),
    limits: {
      maxBodyBytes: limits.maxBody,
      maxHeaderBytes: limits.maxHeader,
      headersTimeoutMs: limits.headersTimeout,
      requestTimeoutMs: limits.requestTimeout,
      sendIdleTimeoutMs: limits.sendIdleTimeout,
      sendTimeoutMs: limits.sendTimeout,
      ...given('maxConnections', limits.maxConnections),
      ...given('maxInFlight', limits.maxInFlight),
      multipart: {
        maxBodyBytes: limits.multipart.maxBody,
        maxFileBytes: limits.multipart.maxFile,
        maxFieldBytes: limits.multipart.maxField,
        maxParts: limits.multipart.maxParts,
        bufferBytes: limits.multipart.buffer,
      },
    },
    ...(addressLimit && { addressLimit: { limit: addressLimit.limit, windowMs: addressLimit.window } }),
    rateClasses: mapByName(policy.rateClasses, (rules) =>
      rules.map(({ per, limit, window, role }) => ({ per, limit, windowMs: window, ...given('role', role) })),
    ),
    rateStore: { whenDown: policy.rateStore.whenDown },
    deadlineMs: policy.deadline,
    reserveMs: policy.reserve,
    ...(redis && { redis: { url: redis.url } }),
    dns: toDns(policy.dns),
    upstreams: mapByName(policy.upstreams, (upstream) => toUpstream(upstream, policy.proxy)),
    plans: mapByName(policy.plans, toPlan),
    tracing: {
      ...(otlp && {
        otlp: {
          url: otlp.url,
          headers: mapByName(otlp.headers, (value) => value),
          ...proxyOf(otlp.proxy, policy.proxy),
        },
      }),
      sampleRatio: tracing.sampleRatio,
      slowMs: tracing.slow,
    },
    metrics: { enabled: policy.metrics.enabled },
    log: { level: log.level, ...given('file', log.file), requests: log.requests },
    shutdown: {
      delayMs: policy.shutdown.delay ?? (isLocal(environment) ? 0 : 5_000),
      graceMs: policy.shutdown.grace,
    },
    admin: { ...given('token', policy.admin.token) },
  };
}

/** Environments without a load balancer in front of the app. */
const isLocal = (environment: string): boolean => environment === 'development' || environment === 'test';

type AccessPolicy = Exclude<NonNullable<Policy['access']>, 'off'>;

function toAccess(access: AccessPolicy, appProxy: string): AccessConfig {
  const jwt = on(access.jwt);
  const issuers = byName(
    Object.entries(access.issuers).map(([name, issuer]) => [name, toJwt(issuer, appProxy, `${name}:`)] as const),
  );
  const hasIssuer = jwt !== undefined || Object.keys(issuers).length > 0;
  return {
    strategies: access.strategies ?? (hasIssuer ? ['jwt'] : []),
    tokenHeaders: access.tokenHeaders.map((name) => name.toLowerCase()),
    ...(jwt && { jwt: toJwt(jwt, appProxy, '') }),
    issuers,
  };
}

function toJwt(jwt: AccessPolicy['issuers'][string], appProxy: string, prefix: string): JwtConfig {
  const {
    subjectPrefix = prefix,
    clockSkew,
    maxTokenAge,
    tokenCache,
    keys,
    requiredClaims,
    proxy,
    claims,
    ...same
  } = jwt;
  return {
    ...same,
    subjectPrefix: subjectPrefix === 'off' ? '' : subjectPrefix,
    ...proxyOf(proxy, appProxy),
    clockSkewMs: clockSkew,
    ...given('maxTokenAgeMs', maxTokenAge),
    ...given('requiredClaims', requiredClaims),
    claims: Object.fromEntries(
      Object.entries(claims).map(([name, { claim, ...rest }]) => [name, { ...rest, ...given('claim', claim) }]),
    ),
    cacheMs: tokenCache,
    jwksRefreshMs: keys.refresh,
    jwksMaxAgeMs: keys.maxAge,
    jwksTimeoutMs: keys.timeout,
  };
}

/** A proxy of its own replaces the proxy of the app; `off` does so too. */
function proxyOf(own: string | undefined, ofApp: string): { readonly proxy?: string } {
  const proxy = own ?? ofApp;
  return proxy === 'off' ? {} : { proxy };
}

function toDns({ servers, timeout, minTtl, maxTtl, negativeTtl, staleFor }: Policy['dns']): DnsConfig {
  return {
    ...given('servers', servers),
    timeoutMs: timeout,
    minTtlMs: minTtl,
    maxTtlMs: maxTtl,
    negativeTtlMs: negativeTtl,
    staleForMs: staleFor,
  };
}

function toUpstream(upstream: Policy['upstreams'][string], appProxy: string): UpstreamConfig {
  const retry = on(upstream.retry);
  const breaker = on(upstream.breaker);
  const { concurrency } = upstream;
  return {
    urls: upstream.urls,
    timeoutMs: upstream.timeout,
    // A default of the organisation for all upstreams is shortened to the timeout of this one.
    connectTimeoutMs: Math.min(upstream.connectTimeout ?? 500, upstream.timeout),
    ...(retry && { retry: { attempts: retry.attempts, budgetRatio: retry.budget } satisfies RetryConfig }),
    ...(breaker && { breaker: toBreaker(breaker) }),
    ...given('concurrency', concurrency),
    ...given('queue', upstream.queue ?? (concurrency === undefined ? undefined : 2 * concurrency)),
    maxBodyBytes: upstream.maxBody,
    forwardHeaders: upstream.forwardHeaders,
    forwardAuthorization: upstream.forwardAuthorization,
    ...given('credentials', upstream.credentials),
    security: mapByName(upstream.security, ({ value, file, user }) => ({
      ...given('value', value),
      ...given('file', file),
      ...given('user', user),
    })),
    transport: upstream.transport,
    contractServers: upstream.contractServers,
    ...proxyOf(upstream.proxy, appProxy),
    connections: upstream.connections,
    // A default for all upstreams holds for those whose transport can do it.
    pipelining: upstream.transport === 'direct' ? upstream.pipelining : 1,
    bigNumbers: upstream.bigNumbers,
    lenient: upstream.lenient,
    followRedirects: upstream.followRedirects,
    validate: upstream.validate,
    ...given('echo', upstream.echo === 'off' ? undefined : upstream.echo),
    cache: mapByName(upstream.cache, ({ ttl, public: shared }) => ({ ttlMs: ttl, public: shared })),
    operations: mapByName(upstream.operations, ({ timeout, urls, lenient, safe }): OperationConfig => ({
      ...given('timeoutMs', timeout),
      ...given('urls', urls),
      ...given('lenient', lenient),
      ...(safe && { safe }),
    })),
    required: upstream.required,
    ...given('healthPath', upstream.healthPath),
  };
}

function toBreaker(breaker: Exclude<NonNullable<Policy['upstreams'][string]['breaker']>, 'off'>): BreakerConfig {
  const { failureRatio, window, minimumCalls, openFor, per } = breaker;
  return { failureRatio, windowMs: window, minimumCalls, openForMs: openFor, per };
}

function toPlan(plan: Policy['plans'][string]): PlanConfig {
  return {
    ...given('deadlineMs', plan.deadline),
    calls: mapByName(plan.calls, ({ timeout }) => given('timeoutMs', timeout)),
  };
}

/** A member that is there only where it has a value: an absent stage is absent, also in `Object.keys`. */
function given<K extends string, T>(name: K, value: T | undefined): { readonly [P in K]?: T } {
  // The compiler gives a computed key the type `string`; the one key of this object is `name`.
  return (value === undefined ? {} : { [name]: value }) as { readonly [P in K]?: T };
}

function on<T extends object>(block: Switchable<T>): T | undefined {
  return block === 'off' ? undefined : block;
}

function mapByName<T, R>(table: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return byName(Object.entries(table).map(([name, value]) => [name, map(value)] as const));
}
