import type { UpstreamCalls } from '../options/tracing.options.js';
import { escapeLabel, renderGauge } from './metric-families.js';

/** Empty without an upstream that has a limit. */
export function renderUpstreamCalls(calls: readonly UpstreamCalls[]): string {
  if (calls.length === 0) return '';
  const labelsOf = (upstream: string): string => `upstream="${escapeLabel(upstream)}"`;
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
