import type {
  BreakerChanged,
  CacheUsed,
  CallHedged,
  AddressOut,
  CallShed,
  ContractBroken,
  LenientSuccess,
  ReuseCounts,
  UnaskedBytes,
} from '@frontage/core';
import type { CallRecord, RequestEnded } from '@frontage/context';
import { Counter, escapeLabel, Histogram, renderGauge, renderTotals } from './metric-families.js';
import { ProcessMetrics } from './process-metrics.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const STATUS_CLASSES = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'];
const REUSE_RESULTS = ['hit', 'miss', 'parsed'] as const;
const BREAKER_STATES = ['closed', 'half_open', 'open'] as const;

/**
 * Events so far, as plain counters; the text is made on request. Names follow the semantic conventions of OpenTelemetry as
 * they read in Prometheus.
 */
export class GatewayMetrics {
  readonly #requests: Histogram;
  readonly #calls: Histogram;
  readonly #rateLimited: Counter;
  readonly #shedRequests: Counter;
  readonly #partial: Counter;
  readonly #cache: Counter;
  readonly #hedges: Counter;
  readonly #shedCalls: Counter;
  readonly #breakerTurns: Counter;
  readonly #addressesOut: Counter;
  readonly #unaskedBytes: Counter;
  readonly #brokenContracts: Counter;
  readonly #lenientSuccesses: Counter;
  readonly #unhandledRejections: Counter;
  readonly #breakers = new Map<string, BreakerChanged['state']>();
  readonly #reuses = new Map<string, (() => ReuseCounts)[]>();
  readonly #maxSeries: number;
  readonly #process: ProcessMetrics;

  constructor(maxSeries: number, activeRequests: (() => number) | undefined) {
    this.#maxSeries = maxSeries;
    this.#process = new ProcessMetrics(activeRequests);
    this.#requests = new Histogram(
      'http_server_request_duration_seconds',
      'Time from the arrival of a request to its response.',
      ['http_request_method', 'http_route', 'http_response_status_class'],
      maxSeries,
    );
    this.#calls = new Histogram(
      'http_client_request_duration_seconds',
      'Time of one attempt towards an upstream.',
      ['upstream', 'operation', 'outcome'],
      maxSeries,
    );
    this.#rateLimited = new Counter(
      'frontage_rate_limited_requests_total',
      'Requests refused with 429 by a rate class.',
      ['http_route'],
      maxSeries,
    );
    this.#shedRequests = new Counter(
      'frontage_shed_requests_total',
      'Requests refused with 503 because this process, or a service behind it, has too many.',
      ['http_route'],
      maxSeries,
    );
    this.#partial = new Counter(
      'frontage_partial_responses_total',
      'Responses with missing parts.',
      ['http_route'],
      maxSeries,
    );
    this.#cache = new Counter(
      'frontage_cache_lookups_total',
      'Lookups in the operation cache.',
      ['upstream', 'operation', 'result'],
      maxSeries,
    );
    this.#hedges = new Counter(
      'frontage_hedges_total',
      'Calls with a second attempt: its response was taken (won) or not (lost).',
      ['upstream', 'operation', 'result'],
      maxSeries,
    );
    this.#shedCalls = new Counter(
      'frontage_shed_calls_total',
      'Calls that were not sent because too many calls wait, by how much they matter to their page.',
      ['upstream', 'operation', 'need'],
      maxSeries,
    );
    this.#breakerTurns = new Counter(
      'frontage_breaker_changes_total',
      'Changes of state of circuit breakers, by the state they went to.',
      ['upstream', 'operation', 'state'],
      maxSeries,
    );
    this.#addressesOut = new Counter(
      'frontage_address_ejections_total',
      'Addresses that get no calls for a time, by the reason: failures in a row, a low rate of successes, or health checks.',
      ['upstream', 'reason'],
      maxSeries,
    );
    this.#unaskedBytes = new Counter(
      'frontage_upstream_unasked_bytes_total',
      'Connections that were closed because the upstream sent what no request had asked for.',
      ['upstream'],
      maxSeries,
    );
    this.#brokenContracts = new Counter(
      'frontage_contract_broken_total',
      'Contract violations in responses of upstreams, by the violated keyword.',
      ['upstream', 'operation', 'keyword'],
      maxSeries,
    );
    this.#lenientSuccesses = new Counter(
      'frontage_lenient_successes_total',
      'Successes of upstreams that depart from the contract in a way that policy accepts.',
      ['upstream', 'operation', 'kind'],
      maxSeries,
    );
    this.#unhandledRejections = new Counter(
      'frontage_unhandled_rejections_total',
      'Promises that were rejected and that nothing waited for: an await is missing in the code of the app.',
      [],
      maxSeries,
    );
  }

  recordRequest({ context, endedAt, status, code }: RequestEnded): void {
    const route = context.route === '' ? 'unmatched' : context.route;
    const method = METHODS.has(context.method) ? context.method : '_OTHER';
    const statusClass = STATUS_CLASSES[Math.floor(status / 100)] ?? 'none';
    this.#requests.observe((endedAt - context.startedAt) / 1_000, method, route, statusClass);
    if (context.missingParts > 0 && status < 400) this.#partial.add(route);
    if (code === 'GW_RATE_LIMITED') this.#rateLimited.add(route);
    else if (code === 'GW_OVERLOADED') this.#shedRequests.add(route);
  }

  recordCall({ upstream, operation, outcome, startedAt, endedAt }: CallRecord): void {
    this.#calls.observe((endedAt - startedAt) / 1_000, upstream, operation, outcome);
  }

  recordCache({ upstream, operation, result }: CacheUsed): void {
    this.#cache.add(upstream, operation, result);
  }

  recordHedge({ upstream, operation, result }: CallHedged): void {
    this.#hedges.add(upstream, operation, result);
  }

  recordShed({ upstream, operation, need }: CallShed): void {
    this.#shedCalls.add(upstream, operation, need);
  }

  recordBrokenContract({ upstream, operation, keyword }: ContractBroken): void {
    this.#brokenContracts.add(upstream, operation, keyword);
  }

  recordLenientSuccess({ upstream, operation, kind }: LenientSuccess): void {
    this.#lenientSuccesses.add(upstream, operation, kind);
  }

  recordBreaker({ upstream, operation = '*', state }: BreakerChanged): void {
    this.#breakerTurns.add(upstream, operation, state);
    // Escaped here and not on scrape: a message that is malformed spoils itself, and not every scrape after it.
    const labels = `upstream="${escapeLabel(upstream)}",operation="${escapeLabel(operation)}"`;
    if (this.#breakers.has(labels) || this.#breakers.size < this.#maxSeries) this.#breakers.set(labels, state);
  }

  recordAddressOut({ upstream, reason }: AddressOut): void {
    this.#addressesOut.add(upstream, reason);
  }

  recordUnaskedBytes({ upstream }: UnaskedBytes): void {
    this.#unaskedBytes.add(upstream);
  }

  recordUnhandledRejection(): void {
    this.#unhandledRejections.add();
  }

  countReuse(reuse: string, counts: () => ReuseCounts): void {
    this.#reuses.set(reuse, [...(this.#reuses.get(reuse) ?? []), counts]);
  }

  /** Text exposition format 0.0.4. Event loop delays are those since the last time. */
  render(): string {
    const families = [
      this.#requests,
      this.#calls,
      this.#rateLimited,
      this.#shedRequests,
      this.#partial,
      this.#cache,
      this.#hedges,
      this.#shedCalls,
      this.#breakerTurns,
      this.#addressesOut,
      this.#unaskedBytes,
      this.#brokenContracts,
      this.#lenientSuccesses,
      this.#unhandledRejections,
    ];
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
