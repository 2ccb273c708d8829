import { burnRates, recordOf, seriesOf } from './burn-rates.js';
import { budgetOf, percent, selector, type Objective } from './objectives.js';

/** Height and width in units of the grid, which has 24 columns. */
interface Size {
  readonly h: number;
  readonly w: number;
}

interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly type: 'row' | 'stat' | 'timeseries';
  readonly title: string;
  readonly description?: string;
  readonly size: Size;
  readonly unit?: string;
  readonly queries?: readonly Query[];
  /** Values from which a colour begins; the first one begins at the lowest. */
  readonly steps?: readonly (readonly [colour: string, from: number | null])[];
}

const datasource = { type: 'prometheus', uid: '${datasource}' };

/**
 * A dashboard of Grafana: of each screen what is left of its error budgets, how fast they burn, and its requests.
 * @returns JSON, for a provisioned folder or an import
 */
export function dashboard(bff: string, objectives: readonly Objective[]): string {
  const screens = Map.groupBy(objectives, ({ screen }) => screen);
  const panels = placed([...screens].flatMap(([screen, own]) => screenPanels(screen, own)));
  const model = {
    uid: `frontage-${bff}-slo`,
    title: `${bff}: objectives`,
    description: 'Written by frontage slo from the objectives in bff.yaml: change those, and type the command again.',
    tags: ['frontage', bff],
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-24h', to: 'now' },
    timezone: 'browser',
    templating: {
      list: [
        { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0, current: {} },
      ],
    },
    annotations: { list: [] },
    panels,
  };
  return `${JSON.stringify(model, null, 2)}\n`;
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
  });
  return [
    { type: 'row', title: `${screen}: ${requests.method} ${requests.route}`, size: { h: 1, w: 24 } },
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

/** Gives panels their places: from left to right, in lines as high as their highest panel. */
function placed(panels: readonly Panel[]): object[] {
  let [x, y, height] = [0, 0, 0];
  return panels.map(({ type, title, description, size, unit, queries = [], steps }, index) => {
    if (x + size.w > 24) [x, y, height] = [0, y + height, 0];
    const gridPos = { ...size, x, y };
    x += size.w;
    height = Math.max(height, size.h);
    if (type === 'row') return { id: index + 1, type, title, collapsed: false, gridPos, panels: [] };
    const thresholds = {
      mode: 'absolute',
      steps: (steps ?? [['green', null]]).map(([color, value]) => ({ color, value })),
    };
    return {
      id: index + 1,
      type,
      title,
      ...(description !== undefined && { description }),
      gridPos,
      datasource,
      targets: queries.map(({ expr, legend }, place) => ({
        refId: String.fromCodePoint(65 + place),
        datasource,
        expr,
        legendFormat: legend,
      })),
      fieldConfig: {
        defaults: {
          unit,
          thresholds,
          ...(type === 'timeseries' && steps !== undefined && { custom: { thresholdsStyle: { mode: 'line' } } }),
        },
        overrides: [],
      },
      options: type === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'background' } : {},
    };
  });
}
