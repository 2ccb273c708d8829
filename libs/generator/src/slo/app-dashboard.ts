import { boardJson, row, type Panel, type Query } from './panels.js';

const third = { h: 8, w: 8 };

/**
 * A dashboard of Grafana for an app as a whole: requests by route, business events, upstreams, caches and processes.
 * @param job label `job` of its metrics
 * @returns JSON, for a provisioned folder or an import
 */
export function appDashboard(bff: string, job: string): string {
  const head = {
    uid: `frontage-${bff}-app`,
    title: `${bff}: app`,
    description: 'Written by frontage slo: the metrics of docs/metrics.md.',
    tags: ['frontage', bff],
    from: 'now-6h',
  };
  const series = (metric: string, ...matchers: readonly string[]): string =>
    `${metric}{${[`job=${JSON.stringify(job)}`, ...matchers].join(',')}}`;
  const rate = (metric: string, ...matchers: readonly string[]): string =>
    `rate(${series(metric, ...matchers)}[$__rate_interval])`;
  const sum = (by: string, metric: string, ...matchers: readonly string[]): Query => ({
    expr: `sum by (${by}) (${rate(metric, ...matchers)})`,
    legend: by
      .split(', ')
      .map((label) => `{{${label}}}`)
      .join(' '),
  });
  const quantile = (share: number, by: string, metric: string): Query => ({
    expr: `histogram_quantile(${share}, sum by (le, ${by}) (${rate(`${metric}_bucket`)}))`,
    legend: `{{${by}}}`,
    exemplar: true,
  });
  const gauge = (by: string, metric: string): Query => ({
    expr: by === '' ? `sum(${series(metric)})` : `sum by (${by}) (${series(metric)})`,
    legend:
      by === ''
        ? 'all'
        : by
            .split(', ')
            .map((label) => `{{${label}}}`)
            .join(' '),
  });
  const each = (metric: string, legend = '{{instance}} {{process}}'): Query => ({ expr: series(metric), legend });
  const lines = (title: string, unit: string, queries: readonly Query[], description?: string): Panel => ({
    type: 'timeseries',
    title,
    size: third,
    unit,
    queries,
    ...(description !== undefined && { description }),
  });
  const [served, called] = ['http_server_request_duration_seconds', 'http_client_request_duration_seconds'];
  return boardJson(head, [
    row('Requests'),
    lines('Requests per second, by route', 'reqps', [sum('http_route', `${served}_count`)]),
    lines('Errors per second, by their reason', 'reqps', [
      sum('http_route, error_type', `${served}_count`, 'error_type!=""'),
    ]),
    lines('Time of 99 % of the requests, by route', 's', [quantile(0.99, 'http_route', served)]),
    lines('Missing parts per second, by their reason', 'short', [
      sum('http_route, part, reason', 'frontage_failed_parts_total'),
    ]),
    lines('Requests under way, and the most that may be', 'short', [
      { ...gauge('', 'http_server_active_requests'), legend: 'under way' },
      { ...gauge('', 'frontage_in_flight_limit'), legend: 'limit' },
    ]),
    lines('Refused per second', 'reqps', [
      { ...sum('http_route', 'frontage_rate_limited_requests_total'), legend: '429 {{http_route}}' },
      { ...sum('http_route', 'frontage_shed_requests_total'), legend: '503 {{http_route}}' },
      { ...sum('signal, action', 'frontage_signals_total') },
    ]),
    lines('Size of 99 % of the responses, by route', 'bytes', [
      quantile(0.99, 'http_route', 'http_server_response_body_size_bytes'),
    ]),
    lines('Size of 99 % of the request bodies, by route', 'bytes', [
      quantile(0.99, 'http_route', 'http_server_request_body_size_bytes'),
    ]),
    lines('Business events per minute', 'short', [
      {
        expr: `sum by (event, response) (${rate('frontage_business_events_total')}) * 60`,
        legend: '{{event}} {{response}}',
      },
    ]),
    row('Upstreams'),
    lines('Attempts per second', 'reqps', [sum('upstream', `${called}_count`)]),
    lines('Failed attempts per second, by their reason', 'reqps', [
      sum('upstream, operation, error_type', `${called}_count`, 'error_type!=""'),
    ]),
    lines('Time of 95 % of the attempts', 's', [quantile(0.95, 'upstream', called)]),
    lines('Attempts after the first one, per second', 'reqps', [
      { ...sum('upstream', 'frontage_repeated_attempts_total'), legend: '{{upstream}} repeated' },
      { ...sum('upstream, result', 'frontage_hedges_total'), legend: '{{upstream}} hedge {{result}}' },
    ]),
    lines('Breakers that are not closed', 'short', [
      {
        expr: `sum by (upstream, operation, state) (${series('frontage_breaker_state', 'state!="closed"')}) > 0`,
        legend: '{{upstream}} {{operation}} {{state}}',
      },
    ]),
    lines('Calls with a permit, those that wait, and the limit', 'short', [
      gauge('upstream, state', 'frontage_upstream_calls'),
      { ...gauge('upstream', 'frontage_upstream_concurrency_limit'), legend: '{{upstream}} limit' },
      { ...sum('upstream, need', 'frontage_shed_calls_total'), legend: '{{upstream}} {{need}} not sent' },
    ]),
    lines('Connections, and attempts that wait for one', 'short', [
      gauge('upstream, http_connection_state', 'http_client_open_connections'),
      { ...gauge('upstream', 'frontage_upstream_connection_queue'), legend: '{{upstream}} waits' },
    ]),
    lines('Addresses by state', 'short', [gauge('upstream, state', 'frontage_upstream_addresses')]),
    lines('Broken contracts per second', 'short', [
      sum('upstream, operation, keyword', 'frontage_contract_broken_total'),
    ]),
    row('Caches and processes'),
    lines('Lookups in the operation cache, per second', 'ops', [
      sum('upstream, result', 'frontage_cache_lookups_total'),
    ]),
    lines('Size of the operation cache', 'bytes', [gauge('instance', 'frontage_cache_size_bytes')]),
    lines('Used again, per second', 'ops', [sum('reuse, result', 'frontage_reuse_total')]),
    lines('CPU', 'percentunit', [{ ...sum('instance', 'process_cpu_seconds_total') }], '1 is one core.'),
    lines('Lag of the event loop', 's', [
      each('nodejs_eventloop_lag_p99_seconds', '{{instance}} {{process}} p99'),
      each('nodejs_eventloop_lag_max_seconds', '{{instance}} {{process}} longest'),
    ]),
    lines('Memory', 'bytes', [
      each('process_resident_memory_bytes', '{{instance}} {{process}} resident'),
      each('nodejs_heap_size_used_bytes', '{{instance}} {{process}} heap'),
    ]),
    lines('Garbage collection, seconds per second', 'percentunit', [sum('kind', 'nodejs_gc_duration_seconds_sum')]),
    lines('Starts', 'short', [
      { expr: `changes(${series('process_start_time_seconds')}[1h])`, legend: '{{instance}} {{process}} in 1 h' },
    ]),
    lines('Records that were lost', 'short', [
      { ...sum('instance', 'frontage_log_lines_lost_total'), legend: '{{instance}} log lines' },
      { ...sum('instance', 'frontage_audit_events_lost_total'), legend: '{{instance}} audit events' },
      { ...sum('channel', 'frontage_observer_failures_total'), legend: '{{channel}}' },
    ]),
  ]);
}
