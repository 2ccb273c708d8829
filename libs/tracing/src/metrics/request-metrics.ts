import type { CallRecord, RequestEnded } from '@frontage/context';
import type { Clock } from '@frontage/core';
import { Histogram } from './families/histogram.js';
import type { Exemplar, MetricData } from './families/metric-data.js';

/**
 * Upper bounds in seconds: those that the semantic conventions of OpenTelemetry advise for HTTP durations, and five more between 0.1 and 0.75,
 * where deadlines of screens are.
 */
const DURATION_BOUNDS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1, 2.5, 5, 7.5, 10,
];
/** Upper bounds in bytes: 256 B to 16 MiB, each four times the one before it. */
const SIZE_BOUNDS = Array.from({ length: 9 }, (_, step) => 256 * 4 ** step);
const defaultPorts: ReadonlyMap<string, string> = new Map([
  ['http:', '80'],
  ['https:', '443'],
]);
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY']);
/** Texts of the statuses that HTTP has, so that none is made per request. */
const STATUS_CODES = Array.from({ length: 600 }, (_, status) => (status < 100 ? '' : String(status)));
/** Addresses of upstreams that have labels of their own: those that discovery finds come and go. */
export const MAX_ADDRESSES = 64;
/** Stands for further ones. */
export const OTHER_ADDRESSES = 'other';

/** The labels of an address of an upstream, `http://10.0.0.7:8080`, or of what stands for further ones. */
export function addressLabels(origin: string): readonly (readonly [name: string, value: string])[] {
  const { hostname, port, protocol } = URL.canParse(origin)
    ? new URL(origin)
    : { hostname: origin, port: '', protocol: '' };
  return [
    ['server_address', hostname],
    ['server_port', port === '' ? (defaultPorts.get(protocol) ?? '') : port],
  ];
}

/** The label of a method; a method that HTTP does not have gets none of its own. */
export const methodLabel = (method: string): string => (METHODS.has(method) ? method : '_OTHER');

/** The label of a route; one for all requests that have none. */
export const routeLabel = (route: string): string => (route === '' ? 'unmatched' : route);

/** Requests and calls, with the names and labels of the semantic conventions of OpenTelemetry as they read in Prometheus. */
export class RequestMetrics {
  readonly #clock: Clock;
  readonly #requests: Histogram;
  readonly #requestSizes: Histogram;
  readonly #responseSizes: Histogram;
  readonly #calls: Histogram;
  readonly #addresses = new Set<string>();

  /** @param boundsMs further upper bounds of the buckets of request durations */
  constructor(maxSeries: number, clock: Clock, boundsMs: readonly number[]) {
    this.#clock = clock;
    this.#requests = new Histogram(
      'http_server_request_duration_seconds',
      'Time from the arrival of a request to its response.',
      ['http_request_method', 'http_route', 'http_response_status_code', 'error_type'],
      maxSeries,
      [...DURATION_BOUNDS, ...boundsMs.map((bound) => bound / 1_000)],
    );
    const sizes = (name: string, help: string): Histogram =>
      new Histogram(
        name,
        help,
        ['http_request_method', 'http_route', 'http_response_status_code'],
        maxSeries,
        SIZE_BOUNDS,
      );
    this.#requestSizes = sizes('http_server_request_body_size_bytes', 'Size of the body of a request that says it.');
    this.#responseSizes = sizes(
      'http_server_response_body_size_bytes',
      'Size of the body of a response that was not sent in pieces.',
    );
    this.#calls = new Histogram(
      'http_client_request_duration_seconds',
      'Time of one attempt towards an upstream.',
      ([upstream, operation, error, status, method, origin]) => [
        ['upstream', upstream],
        ['operation', operation],
        ['http_request_method', method],
        ...addressLabels(origin),
        ['http_response_status_code', status],
        ['error_type', error],
      ],
      maxSeries,
      DURATION_BOUNDS,
    );
  }

  /** @param isKept its trace is exported, so that an exemplar can name it */
  recordRequest(ended: RequestEnded, isKept: boolean): void {
    const { context, endedAt, status, code, clientGone, requestBytes, responseBytes } = ended;
    const seconds = (endedAt - context.startedAt) / 1_000;
    const method = methodLabel(context.method);
    const route = routeLabel(context.route);
    const statusCode = STATUS_CODES[status] ?? '';
    const error = errorOf(status, code, clientGone);
    this.#requests.observe(seconds, method, route, statusCode, error);
    if (responseBytes !== undefined) this.#responseSizes.observe(responseBytes, method, route, statusCode);
    if (requestBytes !== undefined) this.#requestSizes.observe(requestBytes, method, route, statusCode);
    if (!isKept) return;
    const { traceId, spanId } = context;
    const now = this.#clock.now();
    const wallTime = this.#clock.wallTime();
    const exemplar = (value: number, span: string, at: number): Exemplar => ({
      traceId,
      spanId: span,
      value,
      atMs: wallTime - now + at,
    });
    this.#requests.exemplify(exemplar(seconds, spanId, endedAt), method, route, statusCode, error);
    // Only now is it known whether the trace of a call is kept.
    for (const call of context.calls) {
      if (call.outcome === 'pending') continue;
      const took = (call.endedAt - call.startedAt) / 1_000;
      this.#calls.exemplify(exemplar(took, call.spanId, call.endedAt), ...this.#keysOf(call));
    }
  }

  recordCall(call: CallRecord): void {
    const { upstream, operation, outcome, status, method, address, startedAt, endedAt } = call;
    const error = outcome === 'ok' ? '' : outcome;
    const statusCode = STATUS_CODES[status] ?? '';
    this.#calls.observe(
      (endedAt - startedAt) / 1_000,
      upstream,
      operation,
      error,
      statusCode,
      method,
      this.#known(address),
    );
  }

  data(): readonly MetricData[] {
    return [this.#requests, this.#requestSizes, this.#responseSizes, this.#calls].map((family) => family.data());
  }

  #keysOf({ upstream, operation, outcome, status, method, address }: CallRecord) {
    return [
      upstream,
      operation,
      outcome === 'ok' ? '' : outcome,
      STATUS_CODES[status] ?? '',
      method,
      this.#known(address),
    ] as const;
  }

  #known(address: string): string {
    if (this.#addresses.has(address)) return address;
    if (this.#addresses.size >= MAX_ADDRESSES) return OTHER_ADDRESSES;
    this.#addresses.add(address);
    return address;
  }
}

/** A refusal of a request is no error of the server. */
function errorOf(status: number, code: string | undefined, clientGone: boolean): string {
  if (status === 0) return clientGone ? 'client_gone' : (code ?? 'no_response');
  return status >= 500 ? (code ?? STATUS_CODES[status] ?? '_OTHER') : '';
}
