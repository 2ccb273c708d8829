import type { Channel } from 'node:diagnostics_channel';
import {
  channels,
  listen,
  systemClock,
  type BreakerChanged,
  type BusinessEvent,
  type CacheUsed,
  type CallHedged,
  type AddressOut,
  type CallShed,
  type Warning,
  type ContractBroken,
  type LenientSuccess,
  type ReuseCounts,
  type SecurityDecision,
  type ScreenReused,
  type SignalRaised,
  type UnaskedBytes,
  type UnhandledRejection,
} from '@frontage/core';
import { isInSample, type CallEnded, type RequestEnded } from '@frontage/context';
import { AuditLog } from './audit/audit-log.js';
import type { AppLog } from './logs/app-log.js';
import { CallerHash } from './logs/caller-hash.js';
import type { LogLevels } from './logs/log-levels.js';
import { GatewayMetrics } from './metrics/gateway-metrics.js';
import { exposition, lastLine, type MetricsFormat } from './metrics/families/exposition.js';
import { reading, type MetricData } from './metrics/families/metric-data.js';
import { ClientCounts, type TopClients } from './metrics/clients/top-clients.js';
import type { MetricsPush } from './metrics/push/metrics-push.js';
import { upstreamAddresses, upstreamCalls, upstreamConnections } from './metrics/upstream-gauges.js';
import { ObserverFailures } from './metrics/observer-failures.js';
import { RequestLog } from './logs/request-log.js';
import type { SpanExport } from './spans/span-export.js';
import type { SpanOptions, TracingOptions } from './options/tracing.options.js';

const STOP_WITHIN_MS = 5_000;

/** A metric that is kept elsewhere. */
export interface ReadMetric {
  readonly name: string;
  readonly kind: 'gauge' | 'counter';
  readonly help: string;
  readonly value: () => number;
}

/** The subscribers of the gateway's channels while it runs. */
export interface Tracing {
  /** Metrics as text, for `metricsPage`. @param format @default 'text' */
  readonly metrics: (format?: MetricsFormat) => string;
  /**
   * Adds `frontage_reuse_total{reuse,result}` to the metrics. `counts` is called on scrape, never per request; several of one name are added up.
   * @param reuse what is used again, a fixed word: `token`
   */
  readonly countReuse: (reuse: string, counts: () => ReuseCounts) => void;
  /** The clients that send most requests; absent where they are not counted. */
  readonly topClients: (() => TopClients) | undefined;
  /** Business events that may come: each counts from 0. */
  readonly expectEvents: (events: readonly string[]) => void;
  /** Adds a metric of one value to the metrics, which is read on scrape. */
  readonly read: (metric: ReadMetric) => void;
  /** The lines of the app's own code; undefined where the log is silent. */
  readonly ownLog: AppLog | undefined;
  /** The levels of log lines; undefined where the log is silent. */
  readonly levels: LogLevels | undefined;
  /** Stops listening, writes the log out and sends the waiting spans and the last metrics: each within five seconds, for every behaviour of the collector. */
  readonly stop: () => Promise<void>;
}

/**
 * Listens to what the libs publish, and makes of it a log line per request, metrics, and spans of the requests worth keeping. Listens to
 * everything in this process: start it once.
 *
 * @throws RangeError for an option outside its range
 * @throws TypeError for a collector's address that is not a URL
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { slowMs = 1_000, sampleRatio = 0.01, always } = options.spans ?? {};
  const maxSeries = options.maxSeries ?? 1_000;
  if (!(sampleRatio >= 0 && sampleRatio <= 1))
    throw new RangeError(`sampleRatio must be from 0 to 1, not ${sampleRatio}`);
  if (!(slowMs >= 0)) throw new RangeError(`slowMs must be at least 0, not ${slowMs}`);
  if (!Number.isSafeInteger(maxSeries) || maxSeries < 1)
    throw new RangeError(`maxSeries must be a whole number from 1, not ${maxSeries}`);

  const spans = await startSpans(options);
  const metrics =
    options.countMetrics === false
      ? undefined
      : new GatewayMetrics({ ...options, maxSeries, clock: options.clock ?? systemClock });
  const hash = new CallerHash(options.log?.callerHashKey);
  const log =
    options.log?.level === 'silent' ? undefined : new RequestLog(options.app, options.log ?? {}, hash, options.clock);
  const clients = options.topClients && new ClientCounts(options.topClients, hash, options.clock ?? systemClock);
  const audit = options.audit && new AuditLog(options.app, options.audit, hash);

  const isKept = ({ context, status, endedAt }: RequestEnded): boolean =>
    // A request that is refused before a trace has begun has no span that a collector would take.
    context.traceId !== '' &&
    (context.traceSampled ||
      status >= 500 ||
      context.missingParts > 0 ||
      endedAt - context.startedAt >= slowMs ||
      // A trusted parent that has not sampled has decided for the trace.
      (context.parentSpanId === undefined && isInSample(context.traceId, sampleRatio)) ||
      (always !== undefined &&
        (always.routes.has(`${context.method} ${context.route}`) ||
          (context.caller !== undefined && always.isCaller(context.caller)))));

  const requestLog = options.log?.requests === false ? undefined : log;
  const failures = new ObserverFailures(log);
  const reads: ReadMetric[] = [];
  const subscriptions: (() => void)[] = [];
  // Each sink listens by itself, so that one that fails takes nothing from the others; one that is not there costs nothing.
  const hear = <Message>(channel: Channel, listener: ((message: Message) => void) | undefined): void => {
    if (listener !== undefined) subscriptions.push(listen(channel, listener, failures.count));
  };
  hear<BreakerChanged>(channels.breakerChanged, metrics && ((changed) => metrics.recordBreaker(changed)));
  hear<BreakerChanged>(channels.breakerChanged, log && ((changed) => log.logBreaker(changed)));
  hear<AddressOut>(channels.addressOut, metrics && ((out) => metrics.recordAddressOut(out)));
  hear<AddressOut>(channels.addressOut, log && ((out) => log.logAddressOut(out)));
  hear<UnaskedBytes>(channels.unaskedBytes, metrics && ((event) => metrics.recordUnaskedBytes(event)));
  hear<UnaskedBytes>(channels.unaskedBytes, log && ((event) => log.logUnaskedBytes(event)));
  hear<UnhandledRejection>(channels.unhandledRejection, metrics && (() => metrics.recordUnhandledRejection()));
  hear<SignalRaised>(channels.signalRaised, metrics && ((raised) => metrics.recordSignal(raised)));
  hear<SignalRaised>(channels.signalRaised, log && ((raised) => log.logSignal(raised)));
  hear<Warning>(channels.warning, log && ((warning) => log.logWarning(warning)));
  hear<RequestEnded>(
    channels.requestEnded,
    metrics && ((ended) => metrics.recordRequest(ended, spans !== undefined && isKept(ended))),
  );
  hear<RequestEnded>(channels.requestEnded, requestLog && ((ended) => requestLog.logRequest(ended)));
  hear<RequestEnded>(
    channels.requestEnded,
    spans &&
      ((ended) => {
        if (isKept(ended)) spans.add(ended);
      }),
  );
  hear<RequestEnded>(channels.requestEnded, audit && ((ended) => audit.noteRequest(ended)));
  hear<SignalRaised>(channels.signalRaised, audit && ((raised) => audit.noteSignal(raised)));
  hear<SecurityDecision>(channels.securityDecision, audit && ((decision) => audit.note(decision)));
  hear<BusinessEvent>(channels.businessEvent, metrics && ((event) => metrics.recordEvent(event)));
  hear<RequestEnded>(channels.requestEnded, clients && (({ context, endedAt }) => clients.record(context, endedAt)));
  hear<CallEnded>(channels.callEnded, metrics && (({ record }) => metrics.recordCall(record)));
  hear<CallShed>(channels.callShed, metrics && ((shed) => metrics.recordShed(shed)));
  hear<CallHedged>(channels.callHedged, metrics && ((hedged) => metrics.recordHedge(hedged)));
  hear<CacheUsed>(channels.cacheUsed, metrics && ((used) => metrics.recordCache(used)));
  hear<ScreenReused>(channels.screenReused, metrics && ((reused) => metrics.recordScreen(reused)));
  hear<LenientSuccess>(channels.lenientSuccess, metrics && ((lenient) => metrics.recordLenientSuccess(lenient)));
  hear<ContractBroken>(channels.contractBroken, metrics && ((broken) => metrics.recordBrokenContract(broken)));

  const data = (): readonly MetricData[] => [
    ...(metrics === undefined
      ? []
      : [
          ...metrics.data(),
          ...reads.map(({ name, kind, help, value }) => reading(kind, name, help, value())),
          ...upstreamCalls(options.upstreamCalls?.() ?? []),
          ...upstreamConnections(options.upstreamConnections?.() ?? []),
          ...upstreamAddresses(options.upstreamAddresses?.() ?? []),
        ]),
    ...(log === undefined
      ? []
      : [reading('counter', 'frontage_log_lines_lost_total', 'Log lines that could not be written.', log.dropped)]),
    ...(audit === undefined
      ? []
      : [
          reading(
            'counter',
            'frontage_audit_events_lost_total',
            'Security decisions that could not be written.',
            audit.lost,
          ),
        ]),
    ...failures.data(),
  ];

  const push = await startPush(options, data);

  return {
    topClients: clients && (() => clients.report()),
    metrics: (format = 'text') => exposition(data(), format) + lastLine(format),
    ownLog: log?.own,
    levels: log?.levels,
    countReuse: (reuse, counts) => metrics?.countReuse(reuse, counts),
    expectEvents: (events) => metrics?.expectEvents(events),
    read: (metric) => void reads.push(metric),
    stop: async () => {
      // Warnings about the last spans are still to be logged.
      await Promise.all([atMost(STOP_WITHIN_MS, spans?.stop()), atMost(STOP_WITHIN_MS, push?.stop())]);
      for (const unsubscribe of subscriptions) unsubscribe();
      metrics?.stop();
      await atMost(STOP_WITHIN_MS, audit?.stop());
      await atMost(STOP_WITHIN_MS, log?.stop());
    },
  };
}

/** Loaded only where metrics are sent: the SDK costs 100 ms of the start. */
async function startPush(
  { app, version, metricsPush, clock = systemClock }: TracingOptions,
  data: () => readonly MetricData[],
): Promise<MetricsPush | undefined> {
  if (metricsPush === undefined) return undefined;
  const { MetricsPush } = await import('./metrics/push/metrics-push.js');
  return new MetricsPush({ app, version }, metricsPush, data, clock);
}

async function startSpans(options: TracingOptions): Promise<SpanExport | undefined> {
  const { otlp, exporter }: SpanOptions = options.spans ?? {};
  if (otlp === undefined && exporter === undefined) return undefined;
  const { SpanExport, otlpExporter } = await import('./spans/span-export.js');
  if (exporter !== undefined) return new SpanExport(options, exporter);
  return otlp === undefined ? undefined : new SpanExport(options, otlpExporter(otlp, options.spans?.timeoutMs));
}

async function atMost(limitMs: number, work: Promise<void> | undefined): Promise<void> {
  if (work === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))]);
  clearTimeout(timer);
}
