import type {
  BreakerChanged,
  BusinessEvent,
  CacheUsed,
  CallHedged,
  AddressOut,
  CallShed,
  ContractBroken,
  LenientSuccess,
  ReuseCounts,
  ScreenReused,
  SignalRaised,
  UnaskedBytes,
} from '@frontage/core';
import type { Clock } from '@frontage/core';
import type { CallRecord, RequestEnded } from '@frontage/context';
import { eventCounters } from './event-counters.js';
import { labelSet, type LabelSet } from './families/labels.js';
import { reading, readings, type MetricData } from './families/metric-data.js';
import { ProcessMetrics } from './process-metrics.js';
import { methodLabel, RequestMetrics, routeLabel } from './request-metrics.js';

const REUSE_RESULTS = ['hit', 'miss', 'parsed'] as const;
const BREAKER_STATES = ['closed', 'half_open', 'open'] as const;

/** Facts besides the events. */
interface GatewayMetricsOptions {
  readonly maxSeries: number;
  readonly clock: Clock;
  /** Further upper bounds of the buckets of request durations. */
  readonly requestBoundsMs?: readonly number[] | undefined;
  readonly activeRequests?: (() => number) | undefined;
}

/** Events so far, as plain counters; every format is written on request. */
export class GatewayMetrics {
  readonly #counters: ReturnType<typeof eventCounters>;
  readonly #requests: RequestMetrics;
  /** Of each breaker its states, 1 for the one that it is in. */
  readonly #breakers = new Map<string, readonly (readonly [LabelSet, number])[]>();
  readonly #reuses = new Map<string, (() => ReuseCounts)[]>();
  readonly #maxSeries: number;
  readonly #activeRequests: (() => number) | undefined;
  readonly #process: ProcessMetrics;

  constructor({ maxSeries, clock, requestBoundsMs = [], activeRequests }: GatewayMetricsOptions) {
    this.#maxSeries = maxSeries;
    this.#counters = eventCounters(maxSeries);
    this.#process = new ProcessMetrics(maxSeries);
    this.#activeRequests = activeRequests;
    this.#requests = new RequestMetrics(maxSeries, clock, requestBoundsMs);
  }

  /** @param isKept its trace is exported, so that an exemplar can name it */
  recordRequest(ended: RequestEnded, isKept: boolean): void {
    this.#requests.recordRequest(ended, isKept);
    const { context, status, code } = ended;
    const route = routeLabel(context.route);
    if (context.missingParts > 0 && status < 400) this.#counters.partial.add(methodLabel(context.method), route);
    if (context.failures !== undefined)
      for (const { part, reason, count } of context.failures.list)
        if (part !== '') this.#counters.failedParts.add(route, part, reason, count);
    if (code === 'GW_RATE_LIMITED') this.#counters.rateLimited.add(route);
    else if (code === 'GW_OVERLOADED') this.#counters.shedRequests.add(route);
  }

  recordCall(record: CallRecord): void {
    if (record.attempt > 1) this.#counters.repeats.add(record.upstream, record.operation);
    this.#requests.recordCall(record);
  }

  recordCache({ upstream, operation, result }: CacheUsed): void {
    this.#counters.cache.add(upstream, operation, result);
  }

  recordScreen({ screen, result }: ScreenReused): void {
    this.#counters.screens.add(screen, result);
  }

  recordHedge({ upstream, operation, result }: CallHedged): void {
    this.#counters.hedges.add(upstream, operation, result);
  }

  recordShed({ upstream, operation, need }: CallShed): void {
    this.#counters.shedCalls.add(upstream, operation, need);
  }

  recordBrokenContract({ upstream, operation, keyword }: ContractBroken): void {
    this.#counters.brokenContracts.add(upstream, operation, keyword);
  }

  recordLenientSuccess({ upstream, operation, kind }: LenientSuccess): void {
    this.#counters.lenientSuccesses.add(upstream, operation, kind);
  }

  recordBreaker({ upstream, operation = '*', state }: BreakerChanged): void {
    this.#counters.breakerTurns.add(upstream, operation, state);
    const key = JSON.stringify([upstream, operation]);
    if (!this.#breakers.has(key) && this.#breakers.size >= this.#maxSeries) return;
    // Labels are made here and not on scrape: a message that is malformed spoils itself, and not every scrape after it.
    const labelsOf = (each: string): LabelSet => labelSet(Object.entries({ upstream, operation, state: each }));
    this.#breakers.set(
      key,
      BREAKER_STATES.map((each) => [labelsOf(each), each === state ? 1 : 0] as const),
    );
  }

  recordAddressOut({ upstream, reason }: AddressOut): void {
    this.#counters.addressesOut.add(upstream, reason);
  }

  recordUnaskedBytes({ upstream }: UnaskedBytes): void {
    this.#counters.unaskedBytes.add(upstream);
  }

  recordSignal({ signal, action }: SignalRaised): void {
    this.#counters.signals.add(signal, action);
  }

  recordEvent({ event, response }: BusinessEvent): void {
    this.#counters.businessEvents.add(event, response);
  }

  /** An event that has not happened yet is 0, so that a rate sees the first one. */
  expectEvents(events: readonly string[]): void {
    for (const event of events)
      for (const response of ['complete', 'partial']) this.#counters.businessEvents.add(event, response, '', 0);
  }

  recordUnhandledRejection(): void {
    this.#counters.unhandledRejections.add();
  }

  countReuse(reuse: string, counts: () => ReuseCounts): void {
    this.#reuses.set(reuse, [...(this.#reuses.get(reuse) ?? []), counts]);
  }

  /** Event loop lags are those since the last time. */
  data(): readonly MetricData[] {
    return [
      ...this.#requests.data(),
      ...(this.#activeRequests === undefined
        ? []
        : [reading('gauge', 'http_server_active_requests', 'Requests under way.', this.#activeRequests())]),
      ...Object.values(this.#counters).map((counter) => counter.data()),
      ...this.#reuseCounts(),
      this.#breakerStates(),
      ...this.#process.data(),
    ];
  }

  stop(): void {
    this.#process.stop();
  }

  #reuseCounts(): readonly MetricData[] {
    if (this.#reuses.size === 0) return [];
    const counts = [...this.#reuses].flatMap(([reuse, readers]) => {
      const known = readers.map((read) => read());
      return REUSE_RESULTS.flatMap((result) => {
        const values = known.flatMap((count) => count[result] ?? []);
        const total = values.reduce((sum, value) => sum + value, 0);
        return values.length === 0 ? [] : [[labelSet(Object.entries({ reuse, result })), total] as const];
      });
    });
    const help = 'How often what was made before served again (hit), or had to be made anew (miss).';
    return [readings('counter', 'frontage_reuse_total', help, counts)];
  }

  #breakerStates(): MetricData {
    return readings(
      'gauge',
      'frontage_breaker_state',
      '1 for the state that a circuit breaker is in; absent while it has never opened. Operation "*": all of the upstream.',
      [...this.#breakers.values()].flat(),
    );
  }
}
