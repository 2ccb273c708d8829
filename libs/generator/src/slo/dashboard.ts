import { burnRates, recordOf, seriesOf } from './burn-rates.js';
import { budgetOf, percent, selector, type Objective } from './objectives.js';
import { boardJson, row, type Panel, type Query, type Size } from './panels.js';

/**
 * A dashboard of Grafana: of each screen what is left of its error budgets, how fast they burn, and its requests.
 * @returns JSON, for a provisioned folder or an import
 */
export function dashboard(bff: string, objectives: readonly Objective[]): string {
  const screens = Map.groupBy(objectives, ({ screen }) => screen);
  const head = {
    uid: `frontage-${bff}-slo`,
    title: `${bff}: objectives`,
    description: 'Written by frontage slo from the objectives in bff.yaml: change those, and type the command again.',
    tags: ['frontage', bff],
    from: 'now-24h',
  };
  return boardJson(
    head,
    [...screens].flatMap(([screen, own]) => screenPanels(screen, own)),
  );
}

function screenPanels(screen: string, objectives: readonly Objective[]): Panel[] {
  const [first] = objectives;
  if (first === undefined) return [];
  const { requests } = first;
  const width = Math.floor(24 / objectives.length);
  const rate = (metric: string, ...matchers: readonly string[]): string =>
    `rate(${metric}{${selector(requests, ...matchers)}}[$__rate_interval])`;
  const duration = 'http_server_request_duration_seconds';
  const quantile = (share: number): Query => ({
    expr: `histogram_quantile(${share}, sum by (le) (${rate(`${duration}_bucket`, 'http_response_status_code=~"[23].."')}))`,
    legend: `p${share * 100}`,
    exemplar: true,
  });
  return [
    row(`${screen}: ${requests.method} ${requests.route}`),
    ...objectives.map((objective): Panel => budgetPanel(objective, { h: 5, w: width })),
    ...objectives.map((objective): Panel => burnPanel(objective, { h: 7, w: width })),
    {
      type: 'timeseries',
      title: 'Requests per second, by status',
      size: { h: 7, w: 8 },
      unit: 'reqps',
      queries: [
        {
          expr: `sum by (http_response_status_code) (${rate(`${duration}_count`)})`,
          legend: '{{http_response_status_code}}',
        },
      ],
    },
    {
      type: 'timeseries',
      title: 'Time of good responses',
      size: { h: 7, w: 8 },
      unit: 's',
      queries: [quantile(0.5), quantile(0.95), quantile(0.99)],
      ...(requests.withinSeconds !== undefined && {
        steps: [
          ['green', null],
          ['red', requests.withinSeconds],
        ],
      }),
    },
    {
      type: 'timeseries',
      title: 'Good responses with missing parts',
      size: { h: 7, w: 8 },
      unit: 'percentunit',
      queries: [
        {
          expr: `(sum(${rate('frontage_partial_responses_total')}) or vector(0)) / sum(${rate(`${duration}_count`, 'http_response_status_code=~"[23].."')})`,
          legend: 'share',
        },
      ],
    },
  ];
}

const budgetPanel = (objective: Objective, size: Size): Panel => ({
  type: 'stat',
  title: `Budget left: ${objective.slo} ${percent(objective.share)}`,
  description: `${objective.words}. The mean of the recorded shares of 30 days: hours count alike, however many requests they had.`,
  size,
  unit: 'percentunit',
  queries: [
    {
      expr: `1 - avg_over_time(${recordOf('5m')}${seriesOf(objective)}[30d]) / ${budgetOf(objective) || 1}`,
      legend: 'left',
    },
  ],
  steps: [
    ['red', null],
    ['orange', 0],
    ['green', 0.25],
  ],
});

const burnPanel = (objective: Objective, size: Size): Panel => ({
  type: 'timeseries',
  title: `Burn rate: ${objective.slo}`,
  description: `1 spends the budget of 30 days in 30 days. Alerts begin at ${burnRates.map(({ factor }) => factor).join(', ')}.`,
  size,
  unit: 'short',
  queries: ['5m', '1h', '6h'].map((window) => ({
    expr: `${recordOf(window)}${seriesOf(objective)} / ${budgetOf(objective) || 1}`,
    legend: window,
  })),
  steps: [
    ['green', null],
    ['orange', 1],
    ['red', 6],
  ],
});
