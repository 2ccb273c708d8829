import type { UpstreamAddresses, UpstreamCalls } from '../options/tracing.options.js';
import { escapeLabel, renderGauge } from './metric-families.js';

const labelsOf = (upstream: string): string => `upstream="${escapeLabel(upstream)}"`;

/** Empty without an upstream that has a limit. */
export function renderUpstreamCalls(calls: readonly UpstreamCalls[]): string {
  if (calls.length === 0) return '';
  return (
    renderGauge(
      'frontage_upstream_concurrency_limit',
      'Most calls to an upstream at once.',
      calls.map(({ upstream, limit }) => [labelsOf(upstream), limit]),
    ) +
    renderGauge(
      'frontage_upstream_calls',
      'Calls to an upstream that hold a permit (active) or wait for one (queued).',
      calls.flatMap(({ upstream, active, queued }) => [
        [`${labelsOf(upstream)},state="active"`, active] as const,
        [`${labelsOf(upstream)},state="queued"`, queued] as const,
      ]),
    )
  );
}

/** Empty without an upstream that has several addresses. */
export function renderUpstreamAddresses(upstreams: readonly UpstreamAddresses[]): string {
  if (upstreams.length === 0) return '';
  return (
    renderGauge(
      'frontage_upstream_addresses',
      'Addresses of an upstream by state.',
      upstreams.flatMap(({ upstream, states }) =>
        (['in_use', 'starting', 'ejected', 'unhealthy'] as const).map(
          (state) =>
            [`${labelsOf(upstream)},state="${state}"`, states.filter((each) => each === state).length] as const,
        ),
      ),
    ) +
    renderGauge(
      'frontage_upstream_panic',
      '1 while all addresses of an upstream are used, because too few of them are usable.',
      upstreams.map(({ upstream, isPanic }) => [labelsOf(upstream), isPanic ? 1 : 0]),
    )
  );
}
