import { randomUUID } from 'node:crypto';
import { channels, type Clock, type Warning } from '@frontage/core';
import { ValueType, type Attributes, type HrTime } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { MetricsExporterMetricsHelper, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { defaultResource, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type MetricData as OtlpMetric,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import type { MetricsPushOptions } from '../../options/tracing.options.js';
import type { LabelSet } from '../families/labels.js';
import type { HistogramPoint, MetricData } from '../families/metric-data.js';
import { otlpAttribute, otlpName } from './otlp-names.js';

const TIMEOUT_MS = 5_000;

/**
 * Sends all metrics to a collector again and again, as sums since the start: what one export loses, the next one has. Loaded only where policy asks
 * for it.
 */
export class MetricsPush {
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #data: () => readonly MetricData[];
  readonly #resource: Resource;
  readonly #exporter: OTLPExporterBase<ResourceMetrics>;
  readonly #startMs: number;
  #timer: ReturnType<Clock['setTimer']>;
  #underWay: Promise<void> | undefined;
  #isFailing = false;
  #isStopped = false;

  constructor(
    app: { readonly app: string; readonly version?: string | undefined },
    { otlp, everyMs }: MetricsPushOptions,
    data: () => readonly MetricData[],
    clock: Clock,
  ) {
    const { url, headers, agent } = otlp;
    const address = new URL(url);
    if (address.pathname === '/') address.pathname = '/v1/metrics';
    this.#clock = clock;
    this.#everyMs = everyMs;
    this.#data = data;
    this.#startMs = clock.wallTime();
    this.#resource = defaultResource().merge(
      resourceFromAttributes({
        'service.name': app.app,
        // Each process counts by itself: without a name of its own, the sums of one would overwrite those of another.
        'service.instance.id': randomUUID(),
        ...(app.version === undefined ? {} : { 'service.version': app.version }),
      }),
    );
    const options = {
      url: address.href,
      headers: { ...headers },
      timeoutMillis: TIMEOUT_MS,
      ...(agent && { httpAgentOptions: () => agent }),
    };
    this.#exporter = new OTLPExporterBase(
      createOtlpHttpExportDelegate(
        convertLegacyHttpOptions(options, 'METRICS', 'v1/metrics', { 'content-type': 'application/x-protobuf' }),
        ProtobufMetricsSerializer,
        'otlp_http_metric_exporter',
        MetricsExporterMetricsHelper,
        undefined,
      ),
    );
    this.#wait();
  }

  /** Sends what has been counted since the last time, and closes. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#clock.clearTimer(this.#timer);
    await this.#underWay;
    await this.#send();
    await this.#exporter.shutdown().catch(() => {});
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer(() => {
      // One export at a time: a collector that is slow gets fewer of them.
      this.#underWay ??= this.#send().finally(() => (this.#underWay = undefined));
      if (!this.#isStopped) this.#wait();
    }, this.#everyMs);
  }

  async #send(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ended = (cause: unknown): void => {
      this.#heard(cause !== undefined, cause);
      resolve();
    };
    try {
      this.#exporter.export(this.#resourceMetrics(), ({ code, error }) =>
        ended(code === ExportResultCode.SUCCESS ? undefined : (error ?? 'refused')),
      );
    } catch (cause) {
      ended(cause);
    }
    return promise;
  }

  /** Says once that metrics are not taken, and once that they are again. */
  #heard(failed: boolean, cause: unknown): void {
    if (failed !== this.#isFailing && channels.warning.hasSubscribers) {
      const message = failed ? 'the collector does not take metrics' : 'the collector takes metrics again';
      channels.warning.publish({ from: 'tracing', message, cause } satisfies Warning);
    }
    this.#isFailing = failed;
  }

  #resourceMetrics(): ResourceMetrics {
    const times = { startTime: toHrTime(this.#startMs), endTime: toHrTime(this.#clock.wallTime()) };
    const metrics = this.#data().map((family) => otlpMetric(family, times));
    return { resource: this.#resource, scopeMetrics: [{ scope: { name: 'frontage' }, metrics }] };
  }
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function otlpMetric(family: MetricData, times: Times): OtlpMetric {
  const common = {
    descriptor: { ...otlpName(family.name), description: family.help, valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  if (family.type === 'histogram')
    return {
      ...common,
      dataPointType: DataPointType.HISTOGRAM,
      dataPoints: family.points.map((point) => ({
        ...times,
        attributes: attributesOf(point.labels),
        value: histogramValue(family.bounds, point),
      })),
    };
  const dataPoints = family.points.map(({ labels, value }) => ({ ...times, attributes: attributesOf(labels), value }));
  return family.type === 'counter'
    ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }
    : { ...common, dataPointType: DataPointType.GAUGE, dataPoints };
}

function histogramValue(bounds: readonly number[], { counts, sum }: HistogramPoint) {
  const inBuckets = Array.from(counts);
  const count = inBuckets.reduce((total, each) => total + each, 0);
  return { buckets: { boundaries: [...bounds], counts: inBuckets }, sum, count };
}

const attributesOf = ({ pairs }: LabelSet): Attributes =>
  Object.fromEntries(pairs.map(([label, value]) => otlpAttribute(label, value)));

function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
