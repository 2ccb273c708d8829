import type { UpstreamAddresses, UpstreamCalls, UpstreamConnections } from '../options/tracing.options.js';
import { labelSet, type LabelSet } from './families/labels.js';
import { readings, type NumberData } from './families/metric-data.js';
import { addressLabels, MAX_ADDRESSES, OTHER_ADDRESSES } from './request-metrics.js';

const labelsOf = (upstream: string, state = ''): LabelSet =>
  labelSet([
    ['upstream', upstream],
    ['state', state],
  ]);

/** Empty without an upstream that has a limit. */
export function upstreamCalls(calls: readonly UpstreamCalls[]): readonly NumberData[] {
  if (calls.length === 0) return [];
  return [
    readings(
      'gauge',
      'frontage_upstream_concurrency_limit',
      'Most calls to an upstream at once.',
      calls.map(({ upstream, limit }) => [labelsOf(upstream), limit]),
    ),
    readings(
      'gauge',
      'frontage_upstream_calls',
      'Calls to an upstream that hold a permit (active) or wait for one (queued).',
      calls.flatMap(({ upstream, active, queued }) => [
        [labelsOf(upstream, 'active'), active] as const,
        [labelsOf(upstream, 'queued'), queued] as const,
      ]),
    ),
  ];
}

/** Empty without an upstream that has several addresses. */
export function upstreamAddresses(upstreams: readonly UpstreamAddresses[]): readonly NumberData[] {
  if (upstreams.length === 0) return [];
  return [
    readings(
      'gauge',
      'frontage_upstream_addresses',
      'Addresses of an upstream by state.',
      upstreams.flatMap(({ upstream, states }) =>
        (['in_use', 'starting', 'ejected', 'unhealthy'] as const).map(
          (state) => [labelsOf(upstream, state), states.filter((each) => each === state).length] as const,
        ),
      ),
    ),
    readings(
      'gauge',
      'frontage_upstream_panic',
      '1 while all addresses of an upstream are used, because too few of them are usable.',
      upstreams.map(({ upstream, isPanic }) => [labelsOf(upstream), isPanic ? 1 : 0]),
    ),
  ];
}

/** Empty without a connection that is told of. Addresses beyond those that have labels count together. */
export function upstreamConnections(reports: readonly UpstreamConnections[]): readonly NumberData[] {
  if (reports.length === 0) return [];
  const addresses = new Set(reports.map(({ address }) => address));
  const named = new Set([...addresses].slice(0, MAX_ADDRESSES));
  const byPlace = Map.groupBy(reports, ({ upstream, address }) =>
    JSON.stringify([upstream, named.has(address) ? address : OTHER_ADDRESSES]),
  );
  const places = [...byPlace.values()].map((alike) => {
    const { upstream, address } = alike[0] ?? { upstream: '', address: '' };
    const labels = [['upstream', upstream] as const, ...addressLabels(named.has(address) ? address : OTHER_ADDRESSES)];
    const sum = (of: 'active' | 'idle' | 'waiting'): number => alike.reduce((total, report) => total + report[of], 0);
    return { labels, sum };
  });
  return [
    readings(
      'gauge',
      'http_client_open_connections',
      'Connections to an upstream that carry requests (active) or may carry one (idle).',
      places.flatMap(({ labels, sum }) =>
        (['active', 'idle'] as const).map(
          (state) => [labelSet([...labels, ['http_connection_state', state]]), sum(state)] as const,
        ),
      ),
    ),
    readings(
      'gauge',
      'frontage_upstream_connection_queue',
      'Attempts that wait for a connection to an upstream.',
      places.map(({ labels, sum }) => [labelSet(labels), sum('waiting')]),
    ),
  ];
}
