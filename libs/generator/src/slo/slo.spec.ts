import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { AppDescription, ObjectivesPolicy } from '../plan/app-description.js';
import { alertRules, alertRuleTests } from './alert-rules.js';
import { dashboard } from './dashboard.js';
import { objectivesOf } from './objectives.js';

const described = (slo: Readonly<Record<string, ObjectivesPolicy>>, isMeasured = true): AppDescription => ({
  bff: 'tv',
  endpoints: [
    {
      method: 'GET',
      path: '/home/:id',
      handler: 'HomeController.show',
      access: 'public',
      screen: { name: 'tv.home', source: 'a.ts', deadlineMs: 1, input: {}, parts: {}, fields: {} },
    },
  ],
  policy: { slo, metrics: { enabled: isMeasured } },
});
const rulesOf = (policy: ObjectivesPolicy): { alert?: string; expr: string; labels: Record<string, string> }[] => {
  const text = alertRules('tv', objectivesOf(described({ 'tv.home': policy }), 'tv-job'), '');
  return parse(text).groups[0].rules;
};

describe('objectives', () => {
  it('become the shares of bad events in five windows, of the series of their screen', () => {
    const records = rulesOf({ availability: 0.999, latency: { withinMs: 420, share: 0.99 }, completeness: 0.95 });
    expect(records.filter(({ alert }) => alert === undefined)).toHaveLength(15);
    const of = (slo: string): string => records.find(({ labels }) => labels['slo'] === slo)?.expr ?? '';
    const series = 'job="tv-job",http_request_method="GET",http_route="/home/:id"';
    expect(of('availability')).toBe(
      `(sum(rate(http_server_request_duration_seconds_count{${series},http_response_status_code=~"5.."}[5m])) or vector(0)) / sum(rate(http_server_request_duration_seconds_count{${series},http_response_status_code!=""}[5m]))`,
    );
    expect(of('latency')).toContain('http_response_status_code=~"[23]..",le="0.42"}[5m]');
    expect(of('completeness')).toContain(
      `(sum(rate(frontage_partial_responses_total{${series}}[5m])) or vector(0)) / `,
    );
  });

  it.each([
    [1_000, '1.0'],
    [60_000, '60.0'],
    [1_500, '1.5'],
  ])('name the bucket of %i ms as a scrape does: le="%s"', (withinMs, text) => {
    const rules = rulesOf({ latency: { withinMs, share: 0.99 } });
    expect(rules[0]?.expr).toContain(`,le="${text}"}[5m]`);
  });

  it('have alerts for the rates at which their budget can burn at all', () => {
    const limits = (share: number): string[] =>
      rulesOf({ completeness: share }).flatMap(({ alert, expr, labels }) =>
        alert === undefined ? [] : [`${labels['severity']} ${labels['window']} ${/> (\S+)/.exec(expr)?.[1]}`],
      );
    expect(limits(0.999)).toEqual(['page 1h 0.0144', 'page 6h 0.006', 'ticket 3d 0.001']);
    expect(limits(0.9)).toEqual(['page 6h 0.6', 'ticket 3d 0.1']);
    expect(limits(0.5)).toEqual(['ticket 3d 0.5']);
    // An objective of all requests leaves no budget: one bad request is too many.
    expect(limits(1)).toEqual(['page 1h 0', 'page 6h 0', 'ticket 3d 0']);
  });

  it('are needed, and so are metrics', () => {
    expect(() => objectivesOf(described({}), 'tv')).toThrow(
      'the bff.yaml of tv has no objectives. Write for example:\n\nslo:\n  tv.home: { availability: 99.9%',
    );
    expect(() => objectivesOf(described({ 'tv.home': { availability: 0.9 } }, false), 'tv')).toThrow('metrics');
  });

  it('are the same text each time, and name no other screen', () => {
    const objectives = objectivesOf(described({ 'tv.home': { availability: 0.999 } }), 'tv');
    expect(alertRuleTests('a.yaml', objectives, '')).toBe(alertRuleTests('a.yaml', objectives, ''));
    const { panels } = JSON.parse(dashboard('tv', objectives));
    expect(panels.map(({ title }: { title: string }) => title)).toEqual([
      'tv.home: GET /home/:id',
      'Budget left: availability 99.9 %',
      'Burn rate: availability',
      'Requests per second, by status',
      'Time of good responses',
      'Good responses with missing parts',
    ]);
  });
});
