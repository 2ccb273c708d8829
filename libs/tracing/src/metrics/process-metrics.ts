import { constants, monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';
import { Histogram } from './families/histogram.js';
import { labelSet } from './families/labels.js';
import { reading, readings, type MetricData } from './families/metric-data.js';

const LOOP_DELAY_RESOLUTION_MS = 20;
const GC_BOUNDS = [0.001, 0.01, 0.1, 1, 2, 5];
const GC_KINDS: ReadonlyMap<unknown, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

/** Figures of the process, read on scrape, under the names that prom-client gives them. */
export class ProcessMetrics {
  readonly #loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });
  readonly #collections: Histogram;
  readonly #collectionEnds: PerformanceObserver;
  readonly #startedAt = performance.timeOrigin / 1_000;
  readonly #version: MetricData;

  constructor(maxSeries: number) {
    this.#loopDelay.enable();
    this.#collections = new Histogram(
      'nodejs_gc_duration_seconds',
      'Time of a garbage collection, by its kind.',
      ['kind'],
      maxSeries,
      GC_BOUNDS,
    );
    this.#collectionEnds = new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        this.#collections.observe(entry.duration / 1_000, GC_KINDS.get(kindOf(entry)) ?? 'other');
    });
    this.#collectionEnds.observe({ entryTypes: ['gc'] });
    const [major = '', minor = '', patch = ''] = process.versions.node.split('.');
    const version = labelSet(Object.entries({ version: process.version, major, minor, patch }));
    this.#version = readings('gauge', 'nodejs_version_info', 'Version of Node.js; always 1.', [[version, 1]]);
  }

  stop(): void {
    this.#loopDelay.disable();
    this.#collectionEnds.disconnect();
  }

  /** Event loop lags are those since the last time. */
  data(): readonly MetricData[] {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const gauge = (name: string, help: string, value: number): MetricData => reading('gauge', name, help, value);
    const counter = (name: string, help: string, value: number): MetricData => reading('counter', name, help, value);
    return [
      ...this.#lags(),
      gauge(
        'nodejs_eventloop_utilization_ratio',
        'Share of its time that the event loop was busy, since the start.',
        performance.eventLoopUtilization().utilization,
      ),
      this.#collections.data(),
      counter('process_cpu_user_seconds_total', 'CPU time of the code of the process.', user / 1e6),
      counter('process_cpu_system_seconds_total', 'CPU time of the kernel for the process.', system / 1e6),
      counter('process_cpu_seconds_total', 'CPU time of the process and of its kernel work.', (user + system) / 1e6),
      gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', this.#startedAt),
      gauge('process_resident_memory_bytes', 'Resident memory.', rss),
      gauge('nodejs_heap_size_used_bytes', 'Heap in use.', heapUsed),
      gauge('nodejs_heap_size_total_bytes', 'Heap reserved.', heapTotal),
      gauge('nodejs_external_memory_bytes', 'Memory of buffers and other objects outside the heap.', external),
      this.#version,
    ];
  }

  #lags(): readonly MetricData[] {
    const loop = this.#loopDelay;
    // Before the first tick the histogram holds no delay, and its percentiles are 0 while its mean and its maximum are not.
    const lag = (nanoseconds: number): number =>
      loop.count === 0 ? 0 : Math.max(0, nanoseconds / 1e6 - LOOP_DELAY_RESOLUTION_MS) / 1_000;
    const words = 'lag of the event loop since the last scrape';
    const lags = [
      reading('gauge', 'nodejs_eventloop_lag_seconds', `Mean ${words}.`, lag(loop.mean)),
      reading('gauge', 'nodejs_eventloop_lag_max_seconds', `Longest ${words}.`, lag(loop.max)),
      ...[50, 90, 99].map((p) =>
        reading(
          'gauge',
          `nodejs_eventloop_lag_p${p}_seconds`,
          `${p} % of the time, the ${words} was at most this.`,
          lag(loop.percentile(p)),
        ),
      ),
    ];
    loop.reset();
    return lags;
  }
}

function kindOf(entry: object): unknown {
  const detail = 'detail' in entry ? entry.detail : undefined;
  return typeof detail === 'object' && detail !== null && 'kind' in detail ? detail.kind : undefined;
}
