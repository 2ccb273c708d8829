import { monitorEventLoopDelay } from 'node:perf_hooks';
import { renderGauge, renderTotals } from './metric-families.js';

const LOOP_DELAY_RESOLUTION_MS = 20;

/** Figures of the process, read on scrape. */
export class ProcessMetrics {
  readonly #activeRequests: (() => number) | undefined;
  readonly #loopDelay = monitorEventLoopDelay({ resolution: LOOP_DELAY_RESOLUTION_MS });

  constructor(activeRequests: (() => number) | undefined) {
    this.#activeRequests = activeRequests;
    this.#loopDelay.enable();
  }

  stop(): void {
    this.#loopDelay.disable();
  }

  /** Event loop delays are those since the last time. */
  render(): string {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    const cpu = process.cpuUsage();
    const delay = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - LOOP_DELAY_RESOLUTION_MS) / 1_000;
    const loop = this.#loopDelay;
    // Before the first tick the histogram holds no delay, and its percentiles are 0 while its maximum is not.
    const max = loop.count === 0 ? 0 : delay(loop.max);
    const delays: (readonly [string, number])[] = [50, 90, 99].map((p) => [
      `quantile="${p / 100}"`,
      delay(loop.percentile(p)),
    ]);
    loop.reset();
    return [
      this.#activeRequests === undefined
        ? ''
        : renderGauge('http_server_active_requests', 'Requests under way.', [['', this.#activeRequests()]]),
      renderGauge('nodejs_eventloop_delay_seconds', 'Lag of the event loop since the last scrape.', [
        ...delays,
        ['quantile="1"', max],
      ]),
      renderGauge(
        'nodejs_eventloop_utilization_ratio',
        'Share of its time that the event loop was busy, since the start.',
        [['', performance.eventLoopUtilization().utilization]],
      ),
      renderTotals('process_cpu_seconds_total', 'CPU time of the process and of its kernel work.', [
        ['', (cpu.user + cpu.system) / 1e6],
      ]),
      renderGauge('process_resident_memory_bytes', 'Resident memory.', [['', rss]]),
      renderGauge('nodejs_heap_size_used_bytes', 'Heap in use.', [['', heapUsed]]),
      renderGauge('nodejs_heap_size_total_bytes', 'Heap reserved.', [['', heapTotal]]),
      renderGauge('nodejs_external_memory_bytes', 'Memory of buffers and other objects outside the heap.', [
        ['', external],
      ]),
      renderGauge('process_uptime_seconds', 'Time since the start.', [['', process.uptime()]]),
    ].join('');
  }
}
