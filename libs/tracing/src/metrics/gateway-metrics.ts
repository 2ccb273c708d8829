import type {
  BreakerChanged,
  CacheUsed,
  CallHedged,
  AddressOut,
  CallShed,
  ContractBroken,
  LenientSuccess,
  ReuseCounts,
  SignalRaised,
  UnaskedBytes,
} from '@frontage/core';
import type { CallRecord, RequestEnded } from '@frontage/context';
import { eventCounters } from './event-counters.js';
import { escapeLabel, Histogram, renderGauge, renderTotals } from './metric-families.js';
import { ProcessMetrics } from './process-metrics.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Texts of the statuses that HTTP has, so that none is made per request. */
const STATUS_CODES = Array.from({ length: 600 }, (_, status) => (status < 100 ? 'none' : String(status)));
const REUSE_RESULTS = ['hit', 'miss', 'parsed'] as const;
const BREAKER_STATES = ['closed', 'half_open', 'open'] as const;

/**
 * Events so far, as plain counters; the text is made on request. Names follow the semantic conventions of OpenTelemetry as
 * they read in Prometheus.
 */
export class GatewayMetrics {
  readonly #counters: ReturnType<typeof eventCounters>;
  readonly #requests: Histogram;
  readonly #calls: Histogram;
  readonly #breakers = new Map<string, BreakerChanged['state']>();
  readonly #reuses = new Map<string, (() => ReuseCounts)[]>();
  readonly #maxSeries: number;
  readonly #process: ProcessMetrics;

  /** @param requestBoundsMs further upper bounds of the buckets of request durations */
  constructor(maxSeries: number, activeRequests: (() => number) | undefined, requestBoundsMs: readonly number[] = []) {
    this.#maxSeries = maxSeries;
    this.#counters = eventCounters(maxSeries);
    this.#process = new ProcessMetrics(activeRequests);
    this.#requests = new Histogram(
      'http_server_request_duration_seconds',
      'Time from the arrival of a request to its response.',
      ['http_request_method', 'http_route', 'http_response_status_code'],
      maxSeries,
      requestBoundsMs.map((bound) => bound / 1_000),
    );
    this.#calls = new Histogram(
      'http_client_request_duration_seconds',
      'Time of one attempt towards an upstream.',
      ['upstream', 'operation', 'outcome'],
      maxSeries,
    );
  }

  recordRequest({ context, endedAt, status, code }: RequestEnded): void {
    const route = context.route === '' ? 'unmatched' : context.route;
    const method = METHODS.has(context.method) ? context.method : '_OTHER';
    const statusCode = STATUS_CODES[status] ?? 'none';
    this.#requests.observe((endedAt - context.startedAt) / 1_000, method, route, statusCode);
    if (context.missingParts > 0 && status < 400) this.#counters.partial.add(method, route);
    if (context.failures !== undefined)
      for (const { part, reason, count } of context.failures.list)
        if (part !== '') this.#counters.failedParts.add(route, part, reason, count);
    if (code === 'GW_RATE_LIMITED') this.#counters.rateLimited.add(route);
    else if (code === 'GW_OVERLOADED') this.#counters.shedRequests.add(route);
  }

  recordCall({ upstream, operation, attempt, outcome, startedAt, endedAt }: CallRecord): void {
    if (attempt > 1) this.#counters.repeats.add(upstream, operation);
    this.#calls.observe((endedAt - startedAt) / 1_000, upstream, operation, outcome);
  }

  recordCache({ upstream, operation, result }: CacheUsed): void {
    this.#counters.cache.add(upstream, operation, result);
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
    // Escaped here and not on scrape: a message that is malformed spoils itself, and not every scrape after it.
    const labels = `upstream="${escapeLabel(upstream)}",operation="${escapeLabel(operation)}"`;
    if (this.#breakers.has(labels) || this.#breakers.size < this.#maxSeries) this.#breakers.set(labels, state);
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

  recordUnhandledRejection(): void {
    this.#counters.unhandledRejections.add();
  }

  countReuse(reuse: string, counts: () => ReuseCounts): void {
    this.#reuses.set(reuse, [...(this.#reuses.get(reuse) ?? []), counts]);
  }

  /** Text exposition format 0.0.4. Event loop delays are those since the last time. */
  render(): string {
    const families = [this.#requests, this.#calls, ...Object.values(this.#counters)];
    return (
      families.map((family) => family.render()).join('') +
      this.#renderReuses() +
      this.#renderBreakers() +
      this.#process.render()
    );
  }

  stop(): void {
    this.#process.stop();
  }

  #renderReuses(): string {
    if (this.#reuses.size === 0) return '';
    return renderTotals(
      'frontage_reuse_total',
      'How often what was made before served again (hit), or had to be made anew (miss).',
      [...this.#reuses].flatMap(([reuse, readers]) => {
        const counts = readers.map((read) => read());
        return REUSE_RESULTS.flatMap((result) => {
          const known = counts.flatMap((count) => count[result] ?? []);
          const total = known.reduce((sum, value) => sum + value, 0);
          return known.length === 0 ? [] : [[`reuse="${escapeLabel(reuse)}",result="${result}"`, total] as const];
        });
      }),
    );
  }

  #renderBreakers(): string {
    return renderGauge(
      'frontage_breaker_state',
      '1 for the state that a circuit breaker is in; absent while it has never opened. Operation "*": all of the upstream.',
      [...this.#breakers].flatMap(([labels, now]) =>
        BREAKER_STATES.map((state) => [`${labels},state="${state}"`, state === now ? 1 : 0] as const),
      ),
    );
  }
}
