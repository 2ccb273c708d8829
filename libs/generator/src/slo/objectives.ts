import type { AppDescription, ObjectivesPolicy } from '../plan/app-description.js';
import { CheckFailed } from '../terminal/command.errors.js';

/** One objective of one screen, as the rules and the dashboard need it. */
export interface Objective {
  readonly bff: string;
  /** The name of the plan: `mobile.home`. */
  readonly screen: string;
  readonly slo: 'availability' | 'latency' | 'completeness';
  /** Least share of good events, above 0. */
  readonly share: number;
  /** The objective in words. */
  readonly words: string;
  /** The share of bad events in a window, as PromQL. @param window `5m` */
  readonly errors: (window: string) => string;
  /** Its requests. */
  readonly requests: RequestSeries;
}

/** The requests of a screen, as series of Prometheus select them. */
export interface RequestSeries {
  readonly job: string;
  readonly method: string;
  readonly route: string;
  /** Bound of the objective of its latency in seconds, where it has one. */
  readonly withinSeconds?: number;
}

const duration = 'http_server_request_duration_seconds';
const good = 'http_response_status_code=~"[23].."';

/**
 * The objectives that the policy of an app has for its screens, in the order of the policy.
 * @param job label `job` of the metrics of the app
 * @throws {CheckFailed} where it has none, or has no metrics
 */
export function objectivesOf(app: AppDescription, job: string): Objective[] {
  const declared = Object.entries(app.policy.slo ?? {});
  if (declared.length === 0)
    throw new CheckFailed(
      `the bff.yaml of ${app.bff} has no objectives. Write for example:\n\nslo:\n  ${app.endpoints.find(({ screen }) => screen !== undefined)?.screen?.name ?? `${app.bff}.home`}: { availability: 99.9%, latency: { within: 500ms, share: 99% }, completeness: 99% }`,
    );
  if (app.policy.metrics?.enabled === false)
    throw new CheckFailed(`the bff.yaml of ${app.bff} says metrics: { enabled: false }: nothing would be measured`);
  return declared.flatMap(([screen, policy]) => {
    const endpoint = app.endpoints.find((one) => one.screen?.name === screen);
    if (endpoint === undefined) return [];
    const within = policy.latency?.withinMs;
    const requests = {
      job,
      method: endpoint.method,
      route: endpoint.path,
      ...(within !== undefined && { withinSeconds: within / 1_000 }),
    };
    return objectives(app.bff, screen, policy, requests);
  });
}

function objectives(bff: string, screen: string, policy: ObjectivesPolicy, requests: RequestSeries): Objective[] {
  const { availability, latency, completeness } = policy;
  const common = { bff, screen, requests };
  const found: Objective[] = [];
  if (availability !== undefined)
    found.push({
      ...common,
      slo: 'availability',
      share: availability,
      words: `${percent(availability)} of requests are not answered with a 5xx`,
      errors: (window) => ratio(count(requests, window, 'http_response_status_code=~"5.."'), all(requests, window)),
    });
  if (latency !== undefined)
    found.push({
      ...common,
      slo: 'latency',
      share: latency.share,
      words: `${percent(latency.share)} of good responses take ${latency.withinMs} ms at most`,
      errors: (window) =>
        `1 - ${sum(`${duration}_bucket`, requests, window, good, bound(latency.withinMs / 1_000))} / ${count(requests, window, good)}`,
    });
  if (completeness !== undefined)
    found.push({
      ...common,
      slo: 'completeness',
      share: completeness,
      words: `${percent(completeness)} of good responses have no missing parts`,
      errors: (window) =>
        ratio(sum('frontage_partial_responses_total', requests, window), count(requests, window, good)),
    });
  return found;
}

/** The share that may be bad. */
export const budgetOf = ({ share }: Objective): number => Number((1 - share).toPrecision(6));

export const percent = (share: number): string => `${Number((share * 100).toPrecision(8))} %`;

/** Series of bad events that never happened do not exist. */
const ratio = (bad: string, total: string): string => `(${bad} or vector(0)) / ${total}`;

/** Requests that their client broke off have no status, and count for nobody. */
const all = (requests: RequestSeries, window: string): string =>
  count(requests, window, 'http_response_status_code!=""');

const count = (requests: RequestSeries, window: string, ...matchers: readonly string[]): string =>
  sum(`${duration}_count`, requests, window, ...matchers);

const sum = (metric: string, requests: RequestSeries, window: string, ...matchers: readonly string[]): string =>
  `sum(rate(${metric}{${selector(requests, ...matchers)}}[${window}]))`;

/** The matcher of a bucket. Its bound is written as OpenMetrics writes it: `le="1.0"`. */
export const bound = (seconds: number): string => `le="${Number.isInteger(seconds) ? `${seconds}.0` : seconds}"`;

/** `job="mobile",http_request_method="GET",http_route="/home"` and further matchers. */
export function selector({ job, method, route }: RequestSeries, ...matchers: readonly string[]): string {
  const quoted = (value: string): string => JSON.stringify(value);
  return [
    `job=${quoted(job)}`,
    `http_request_method=${quoted(method)}`,
    `http_route=${quoted(route)}`,
    ...matchers,
  ].join(',');
}
