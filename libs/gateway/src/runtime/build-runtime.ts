import type { HttpService } from '@nestjs/axios';
import { projectionCounts } from '@frontage/aggregation';
import { OpaEngine, type Revocations, type TokenVerifier } from '@frontage/auth';
import { OperationCache, ownCacheOf } from '@frontage/caching';
import { sharedHashKey } from '@frontage/cluster';
import type { BffConfig, OtlpConfig } from '@frontage/config';
import { systemClock, type Clock } from '@frontage/core';
import type { Sessions } from '@frontage/sessions';
import type { RedisStore } from '@frontage/store';
import { MemorySignals, RedisSignals, Signals, type RateLimiter } from '@frontage/throttling';
import { startTracing, type Tracing } from '@frontage/tracing';
import type { GatewayOptions } from './gateway.options.js';
import type { Outbound } from '../outbound/outbound.js';
import { CdnDoor } from '../door/cdn.js';
import { startAddressLists } from './address-lists.js';
import { GatewayRuntime } from './runtime.js';
import { alwaysKept, withOtelEnvironment } from './otel-tracing.js';
import { allowsScenarios } from '../screens/scenarios.js';
import { SharedLastGood } from '../outbound/shared-last-good.js';
import { Incidents } from '../incidents/incidents.js';
import { UpstreamCredentials } from '../outbound/upstream-credentials.js';
import { screenStores } from '../validators/screen-stores.js';
import { UpstreamRegistry } from '../outbound/upstream-registry.js';

export interface RuntimeDependencies {
  readonly limiter: RateLimiter;
  readonly verifier: TokenVerifier | undefined;
  /** Present if an upstream uses it. */
  readonly httpService: HttpService | undefined;
  readonly outbound: Outbound;
  /** The shared store; not connected yet. */
  readonly store: RedisStore | undefined;
  readonly sessions: Sessions | undefined;
  readonly revocations: Revocations | undefined;
  /** Ends the looks for changed keys and revocations. */
  readonly stopCredentials: () => void;
}

/** Makes what all requests of the app share, as policy says: what it does not ask for is not made. */
export async function buildRuntime(
  policy: BffConfig,
  options: GatewayOptions,
  dependencies: RuntimeDependencies,
): Promise<GatewayRuntime> {
  const clock = options.clock ?? systemClock;
  const { config, spans } = withOtelEnvironment(policy, options.env ?? process.env, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const { limiter, verifier, httpService, outbound, store } = dependencies;
  const cdn = await CdnDoor.open(config, clock);
  const addressLists = await startAddressLists(config, clock);
  await store?.start();
  const rules = Object.values(config.upstreams).flatMap((upstream) => Object.values(upstream.cache));
  const second = async () => {
    const redis = store && { redis: store };
    if (options.cache === undefined) return redis;
    return { ...redis, sharedCache: await ownCacheOf(options.cache), app: config.bff };
  };
  const tags = rules.flatMap((rule) => rule.tags ?? []);
  const cache = rules.length > 0 ? new OperationCache({ ...(await second()), tags }, clock) : undefined;
  await cache?.start();
  const credentials = new UpstreamCredentials(config, { clock, outbound, revoked: dependencies.revocations });
  const upstreams = new UpstreamRegistry(config, {
    clock,
    credentials,
    names: outbound.names,
    ...(httpService && { httpService }),
    ...(cache && { cache }),
  });
  const { log, tracing, metrics } = config;
  const opa = config.access?.opa;
  const { otlp } = tracing;
  const { otlp: pushed } = metrics;
  const agentFor = ({ url, proxy }: OtlpConfig) => outbound.agentFor(url, proxy).agent;
  const callerHashKey = sharedHashKey();
  const telemetry = await startTracing({
    app: config.bff,
    clock,
    log: {
      level: log.level,
      requests: log.requests,
      ...(log.file !== undefined && { destination: { path: log.file } }),
      ...(callerHashKey !== undefined && { callerHashKey }),
    },
    spans: {
      ...spans,
      slowMs: tracing.slowMs,
      sampleRatio: tracing.sampleRatio,
      ...alwaysKept(tracing.always),
      ...(otlp && { otlp: { ...otlp, agent: agentFor(otlp) } }),
    },
    ...(pushed &&
      metrics.enabled && { metricsPush: { otlp: { ...pushed, agent: agentFor(pushed) }, everyMs: pushed.everyMs } }),
    ...(metrics.topClients !== undefined && {
      topClients: { most: metrics.topClients, addressKey: limiter.addressKey },
    }),
    audit: config.auditLog,
    countMetrics: metrics.enabled,
    requestBoundsMs: Object.values(config.slo).flatMap(({ latency }) =>
      latency === undefined ? [] : [latency.withinMs],
    ),
    activeRequests: () => runtime.inFlight,
    upstreamCalls: () =>
      upstreams.used().flatMap((upstream) => {
        const { calls } = upstream.health();
        return calls === undefined ? [] : [{ upstream: upstream.name, ...calls }];
      }),
    upstreamConnections: () =>
      upstreams
        .used()
        .flatMap((upstream) => upstream.connections().map((report) => ({ upstream: upstream.name, ...report }))),
    upstreamAddresses: () =>
      upstreams.used().flatMap((upstream) => {
        const addresses = upstream.addresses();
        if (addresses.length === 0) return [];
        const states = addresses.map(({ state }) => state);
        return [{ upstream: upstream.name, states, isPanic: upstream.panics().length > 0 }];
      }),
  });
  const reuse = verifier?.reuse?.bind(verifier);
  if (reuse !== undefined) telemetry.countReuse('token', reuse);
  for (const [name, counts] of Object.entries(projectionCounts)) telemetry.countReuse(name, counts);
  if (cdn !== undefined)
    telemetry.read({
      name: 'frontage_cdn_refused_connections_total',
      kind: 'counter',
      help: 'Connections that were closed, because they came from no address of the CDN.',
      value: () => cdn.refused,
    });
  readSizes(telemetry, config, cache);
  const incidents = config.incidents && new Incidents(config, config.incidents, clock);
  const runtime = new GatewayRuntime({
    screens: screenStores(config, clock),
    config,
    clock,
    upstreams,
    limiter,
    verifier,
    telemetry,
    addressLists,
    signals: signalsOf(config, limiter, store, clock),
    sessions: dependencies.sessions,
    revocations: dependencies.revocations,
    hasScenarios: allowsScenarios(config, options.scenarios),
    incidents,
    ...(store !== undefined && config.redis?.lastGood === true && { lastGood: new SharedLastGood(store, clock) }),
    cdn,
    userContextKeys: () => credentials.jwks(),
    ...(opa && { decisions: new OpaEngine(opa, outbound.agentFor(opa.url, opa.proxy, { keepAlive: true }), clock) }),
    closers: [
      dependencies.stopCredentials,
      () => incidents?.stop(),
      () => cdn?.stop(),
      () => addressLists?.stop(),
      () => credentials.stop(),
      () => upstreams.close(),
      () => cache?.stop(),
      () => Promise.resolve(store?.stop()),
      () => telemetry.stop(),
      () => outbound.close(),
    ],
  });
  const { admission } = runtime;
  if (admission !== undefined)
    telemetry.read({
      name: 'frontage_admission_limit',
      kind: 'gauge',
      help: 'Requests per second that this process takes while it sheds some; 0 while it takes all.',
      value: () => admission.limit ?? 0,
    });
  return runtime;
}

/** Sizes that policy bounds, read on scrape. */
function readSizes(
  telemetry: Tracing,
  { limits: { maxInFlight } }: BffConfig,
  cache: OperationCache | undefined,
): void {
  const gauge = (name: string, help: string, value: () => number): void =>
    telemetry.read({ name, kind: 'gauge', help, value });
  if (maxInFlight !== undefined)
    gauge('frontage_in_flight_limit', 'Most requests under way at once.', () => maxInFlight);
  if (cache === undefined) return;
  gauge('frontage_cache_entries', 'Responses in the operation cache.', () => cache.size);
  gauge('frontage_cache_size_bytes', 'Estimated size of the responses in the operation cache.', () => cache.bytes);
}

/** The signals that policy watches for: of all processes where it has a Redis, else of this one. */
function signalsOf(
  { signals }: BffConfig,
  { addressKey }: RateLimiter,
  redis: RedisStore | undefined,
  clock: Clock,
): Signals | undefined {
  const rules = Object.entries(signals).map(([name, rule]) => ({ name, ...rule }));
  if (rules.length === 0) return undefined;
  const local = new MemorySignals(clock);
  return new Signals(rules, { store: redis === undefined ? local : new RedisSignals(redis, local), addressKey, clock });
}
