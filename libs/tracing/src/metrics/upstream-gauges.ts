import type { UpstreamAddresses, UpstreamCalls } from '../options/tracing.options.js';
import { labelSet, type LabelSet } from './families/labels.js';
import { readings, type NumberData } from './families/metric-data.js';

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
