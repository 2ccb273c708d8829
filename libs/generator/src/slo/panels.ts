/** Height and width in units of the grid, which has 24 columns. */
export interface Size {
  readonly h: number;
  readonly w: number;
}

export interface Query {
  readonly expr: string;
  readonly legend: string;
  /** Points link to the traces of exemplars. */
  readonly exemplar?: true;
}

export interface Panel {
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

/** The heading of a dashboard. */
export interface BoardHead {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** The time that it shows when it is opened: `now-24h`. */
  readonly from: string;
}

/** A dashboard of Grafana, version 9 or newer. @returns JSON, for a provisioned folder or an import */
export function boardJson({ from, ...head }: BoardHead, panels: readonly Panel[]): string {
  const model = {
    ...head,
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '1m',
    time: { from, to: 'now' },
    timezone: 'browser',
    templating: {
      list: [{ name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', hide: 0 }],
    },
    annotations: { list: [] },
    panels: placed(panels),
  };
  return `${JSON.stringify(model, null, 2)}\n`;
}

/** A line over all columns, above panels. */
export const row = (title: string): Panel => ({ type: 'row', title, size: { h: 1, w: 24 } });

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
      targets: queries.map(({ expr, legend, exemplar }, place) => ({
        refId: String.fromCodePoint(65 + place),
        datasource,
        expr,
        legendFormat: legend,
        ...(exemplar && { exemplar }),
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
