import { dirname, resolve } from 'node:path';
import type { BudgetConfig } from './budgets.js';
import type { ScreenConfig } from './blocks/screens-config.js';
import type { ObjectivesConfig } from './blocks/slo-config.js';
import type { BffConfig, OperationConfig, OtlpConfig, PlanConfig, UpstreamConfig } from './bff-config.js';
import type { TlsConfig } from './blocks/tls-config.js';
import type { DnsConfig } from './dns-config.js';
import { given, on, proxyOf } from './access/policy-members.js';
import { toAccess } from './access/to-access.js';
import { toCache } from './resilience/to-cache.js';
import { toCarriage } from './resilience/to-carriage.js';
import { toRates } from './resilience/to-rates.js';
import { toOperationResilience, toResilience, toTier } from './resilience/to-resilience.js';
import { toBehindCdn, toDoor } from './door/to-door.js';
import { toCredentials, toUserContext } from './credentials/to-credentials.js';
import type { Policy } from './schema/bff.schema.js';
import { mapByName } from './document/tree.js';

/** Renames the members of the policy for code, with units; an absent or switched-off block is an absent member. */
export function toConfig(policy: Policy, file: string, environment: string): BffConfig {
  const { listen, limits, tracing, log } = policy;
  const access = on(policy.access);
  const tls = on(listen.tls);
  const redis = on(policy.redis);
  const admission = on(policy.admission);
  const otlp = on(tracing.otlp);
  const pushed = on(policy.metrics.otlp);
  const incidents = on(policy.incidents);
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
      ...given('behindCdn', toBehindCdn(listen.behindCdn, dirname(file))),
      ...(tls && { tls: toTls(tls, dirname(file)) }),
    },
    ...(access && { access: toAccess(access, policy.proxy, dirname(file)) }),
    limits: {
      maxBodyBytes: limits.maxBody,
      maxHeaderBytes: limits.maxHeader,
      headersTimeoutMs: limits.headersTimeout,
      requestTimeoutMs: limits.requestTimeout,
      sendIdleTimeoutMs: limits.sendIdleTimeout,
      sendTimeoutMs: limits.sendTimeout,
      ...given('maxConnections', limits.maxConnections),
      ...given('maxInFlight', limits.maxInFlight),
      ...given('maxInFlightPerCaller', limits.maxInFlightPerCaller),
      ipv6Prefix: limits.ipv6Prefix,
      multipart: {
        maxBodyBytes: limits.multipart.maxBody,
        maxFileBytes: limits.multipart.maxFile,
        maxFieldBytes: limits.multipart.maxField,
        maxParts: limits.multipart.maxParts,
        bufferBytes: limits.multipart.buffer,
      },
    },
    ...(admission && {
      admission: {
        delayMs: admission.delay,
        intervalMs: admission.interval,
        priorities: mapByName(admission.priorities, (priority) => priority),
      },
    }),
    ...toDoor(policy),
    ...toRates(policy, dirname(file)),
    deadlineMs: policy.deadline,
    reserveMs: policy.reserve,
    ...(redis && { redis: { url: redis.url, lastGood: redis.lastGood } }),
    dns: toDns(policy.dns),
    tiers: policy.tiers.map(toTier),
    ...(policy.userContext && { userContext: toUserContext(policy.userContext, policy.bff, dirname(file)) }),
    upstreams: mapByName(policy.upstreams, (upstream) => toUpstream(upstream, policy.proxy, dirname(file))),
    plans: mapByName(policy.plans, toPlan),
    screens: mapByName(policy.screens, toScreen),
    screenCache: { maxBytes: policy.screenCache.memory },
    ...(policy.cacheStatus && {
      cacheStatus: { roles: policy.cacheStatus.roles ?? [], scopes: policy.cacheStatus.scopes ?? [] },
    }),
    slo: mapByName(policy.slo, toObjectives),
    budgets: { ...toBudget(policy.budgets), screens: mapByName(policy.budgets.screens, toBudget) },
    ...(incidents && { incidents: { ...incidents, folder: resolve(dirname(file), incidents.folder) } }),
    tracing: {
      ...(otlp && { otlp: toOtlp(otlp, policy.proxy) }),
      isOff: tracing.otlp === 'off',
      ...given('sampleRatio', tracing.sampleRatio),
      always: {
        routes: tracing.always.routes ?? [],
        roles: tracing.always.roles ?? [],
        scopes: tracing.always.scopes ?? [],
      },
      slowMs: tracing.slow,
    },
    metrics: {
      enabled: policy.metrics.enabled,
      ...given('topClients', policy.metrics.topClients),
      ...(pushed && { otlp: { ...toOtlp(pushed, policy.proxy), everyMs: pushed.every } }),
    },
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

function toTls(tls: Exclude<NonNullable<Policy['listen']['tls']>, 'off'>, folder: string): TlsConfig {
  const { certificate, key, minVersion, ciphers, clientCertificates, reload, warnBefore } = tls;
  return {
    certificate: resolve(folder, certificate),
    key: resolve(folder, key),
    minVersion,
    ...given('ciphers', ciphers),
    ...(clientCertificates && {
      clientCertificates: {
        required: clientCertificates.required,
        ca: resolve(folder, clientCertificates.ca),
        ...(clientCertificates.crl !== undefined && { crl: resolve(folder, clientCertificates.crl) }),
      },
    }),
    reloadMs: reload,
    warnBeforeMs: warnBefore,
  };
}

function toUpstream(upstream: Policy['upstreams'][string], appProxy: string, folder: string): UpstreamConfig {
  return {
    urls: upstream.urls,
    timeoutMs: upstream.timeout,
    // A default of the organisation for all upstreams is shortened to the timeout of this one.
    connectTimeoutMs: Math.min(upstream.connectTimeout ?? 500, upstream.timeout),
    ...toResilience(upstream),
    maxBodyBytes: upstream.maxBody,
    forwardHeaders: upstream.forwardHeaders,
    forwardAuthorization: upstream.forwardAuthorization,
    ...(upstream.credentials && { credentials: toCredentials(upstream.credentials, appProxy, folder) }),
    userContext: upstream.userContext,
    security: mapByName(upstream.security, ({ value, file, user }) => ({
      ...given('value', value),
      ...given('file', file),
      ...given('user', user),
    })),
    contractServers: upstream.contractServers,
    ...toCarriage(upstream, appProxy, folder),
    bigNumbers: upstream.bigNumbers,
    lenient: upstream.lenient,
    followRedirects: upstream.followRedirects,
    validate: upstream.validate,
    ...given('echo', upstream.echo === 'off' ? undefined : upstream.echo),
    cache: mapByName(upstream.cache, toCache),
    cacheGroups: upstream.cacheGroups,
    operations: mapByName(upstream.operations, ({ timeout, urls, lenient, safe, ...attempts }): OperationConfig => ({
      ...given('timeoutMs', timeout),
      ...given('urls', urls),
      ...given('lenient', lenient),
      ...(safe && { safe }),
      ...toOperationResilience(attempts),
    })),
    ...given('availability', upstream.availability),
    required: upstream.required,
    ...given('healthPath', upstream.healthPath),
  };
}

function toBudget({ bytes, calls, criticalPath, waves }: Policy['budgets']['screens'][string]): BudgetConfig {
  return {
    ...given('bytes', bytes),
    ...given('calls', calls),
    ...given('criticalPathMs', criticalPath),
    ...given('waves', waves),
  };
}

function toPlan(plan: Policy['plans'][string]): PlanConfig {
  return {
    ...given('deadlineMs', plan.deadline),
    calls: mapByName(plan.calls, ({ timeout }) => given('timeoutMs', timeout)),
  };
}

function toScreen({ etag, deltas, ttl, maxAge, cdn }: Policy['screens'][string]): ScreenConfig {
  return {
    etag,
    deltas,
    ...given('ttlMs', ttl),
    ...given('maxAgeMs', maxAge),
    ...(cdn && { cdn: { maxAgeMs: cdn.maxAge, tags: cdn.tags } }),
  };
}

function toObjectives({ availability, latency, completeness }: Policy['slo'][string]): ObjectivesConfig {
  return {
    ...given('availability', availability),
    ...(latency && { latency: { withinMs: latency.within, share: latency.share } }),
    ...given('completeness', completeness),
  };
}

const toOtlp = (
  { url, headers, proxy }: Exclude<NonNullable<Policy['tracing']['otlp']>, 'off'>,
  appProxy: Policy['proxy'],
): OtlpConfig => ({ url, headers: mapByName(headers, (value) => value), ...proxyOf(proxy, appProxy) });
