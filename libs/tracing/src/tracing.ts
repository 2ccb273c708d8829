import type { Channel } from 'node:diagnostics_channel';
import {
  channels,
  type BreakerChanged,
  type CacheUsed,
  type Complaint,
  type ContractBroken,
  type ReuseCounts,
  type UnaskedBytes,
} from '@frontage/core';
import { isInSample, type CallEnded, type RequestEnded } from '@frontage/context';
import { GatewayMetrics } from './gateway-metrics.js';
import { renderGauge } from './metric-families.js';
import { RequestLog } from './request-log.js';
import type { SpanExport } from './span-export.js';
import type { SpanOptions, TracingOptions } from './tracing.options.js';

const STOP_WITHIN_MS = 5_000;

/** What listens to the gateway while it runs. */
export interface Tracing {
  /** Metrics in the text format of Prometheus, to be served as `text/plain; version=0.0.4; charset=utf-8`. */
  readonly metrics: () => string;
  /**
   * Adds `frontage_reuse_total{reuse,result}` to the metrics. `counts` is called on scrape, never per request; several of one name are added up.
   * @param reuse what is used again, a fixed word: `token`
   */
  readonly countReuse: (reuse: string, counts: () => ReuseCounts) => void;
  /** Stops listening, writes the log out and sends the spans that wait: within five seconds, whatever the collector does. */
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
  const { slowMs = 1_000, sampleRatio = 0.01 } = options.spans ?? {};
  const maxSeries = options.maxSeries ?? 1_000;
  if (!(sampleRatio >= 0 && sampleRatio <= 1))
    throw new RangeError(`sampleRatio must be from 0 to 1, not ${sampleRatio}`);
  if (!(slowMs >= 0)) throw new RangeError(`slowMs must be at least 0, not ${slowMs}`);
  if (!Number.isSafeInteger(maxSeries) || maxSeries < 1)
    throw new RangeError(`maxSeries must be a whole number from 1, not ${maxSeries}`);

  const spans = await startSpans(options);
  const metrics = options.countMetrics === false ? undefined : new GatewayMetrics(maxSeries, options.activeRequests);
  const log = options.log?.level === 'silent' ? undefined : new RequestLog(options.app, options.log ?? {});

  const isKept = ({ context, status, endedAt }: RequestEnded): boolean =>
    context.traceSampled ||
    status >= 500 ||
    context.missingParts > 0 ||
    endedAt - context.startedAt >= slowMs ||
    isInSample(context.traceId, sampleRatio);

  const requestLog = options.log?.requests === false ? undefined : log;
  const subscriptions = [
    listen<BreakerChanged>(channels.breakerChanged, (changed) => {
      metrics?.recordBreaker(changed);
      log?.logBreaker(changed);
    }),
    listen<UnaskedBytes>(channels.unaskedBytes, (event) => {
      metrics?.recordUnaskedBytes(event);
      log?.logUnaskedBytes(event);
    }),
    listen<Complaint>(channels.complaint, (complaint) => log?.logComplaint(complaint)),
  ];
  // A channel that nobody listens to costs its publisher one read: listen only where something comes of it.
  if (metrics !== undefined || requestLog !== undefined || spans !== undefined) {
    subscriptions.push(
      listen<RequestEnded>(channels.requestEnded, (ended) => {
        metrics?.recordRequest(ended);
        requestLog?.logRequest(ended);
        if (spans !== undefined && isKept(ended)) spans.add(ended);
      }),
    );
  }
  if (metrics !== undefined) {
    subscriptions.push(
      listen<CallEnded>(channels.callEnded, ({ record }) => metrics.recordCall(record)),
      listen<CacheUsed>(channels.cacheUsed, (used) => metrics.recordCache(used)),
      listen<ContractBroken>(channels.contractBroken, (broken) => metrics.recordBrokenContract(broken)),
    );
  }

  return {
    metrics: () =>
      (metrics?.render() ?? '') +
      (log === undefined
        ? ''
        : renderGauge('frontage_log_lines_lost', 'Log lines that could not be written.', [['', log.dropped]])),
    countReuse: (reuse, counts) => metrics?.countReuse(reuse, counts),
    stop: async () => {
      // Complaints about the last spans are still to be logged.
      await atMost(STOP_WITHIN_MS, spans?.stop());
      for (const unsubscribe of subscriptions) unsubscribe();
      metrics?.stop();
      await atMost(STOP_WITHIN_MS, log?.stop());
    },
  };
}

async function startSpans(options: TracingOptions): Promise<SpanExport | undefined> {
  const { otlp, exporter }: SpanOptions = options.spans ?? {};
  if (otlp === undefined && exporter === undefined) return undefined;
  const { SpanExport, otlpExporter } = await import('./span-export.js');
  if (exporter !== undefined) return new SpanExport(options, exporter);
  return otlp === undefined ? undefined : new SpanExport(options, otlpExporter(otlp));
}

/** A channel carries what its docstring says, and cannot be typed: this is the one place that takes its word. */
function listen<Message>(channel: Channel, listener: (message: Message) => void): () => void {
  const onMessage = (message: unknown): void => listener(message as Message);
  channel.subscribe(onMessage);
  return () => {
    channel.unsubscribe(onMessage);
  };
}

async function atMost(limitMs: number, work: Promise<void> | undefined): Promise<void> {
  if (work === undefined) return;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)))]);
  clearTimeout(timer);
}
