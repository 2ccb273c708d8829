import { budgetOf, type Objective } from './objectives.js';

/** A pair of windows in which an error budget of 30 days must not burn this fast. */
export interface BurnRate {
  readonly severity: 'page' | 'ticket';
  /** The rate at which the budget burns: 1 spends it in 30 days. */
  readonly factor: number;
  readonly long: string;
  /** The alert ends soon after the errors end. */
  readonly short: string;
  /** The share of the budget that is gone when the alert begins. */
  readonly spent: string;
}

/** Multi-window, multi-burn-rate alerts: "Alerting on SLOs" in The Site Reliability Workbook, chapter 5, table 5-8. */
export const burnRates: readonly BurnRate[] = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m', spent: '2 %' },
  { severity: 'page', factor: 6, long: '6h', short: '30m', spent: '5 %' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h', spent: '10 %' },
];

/** Every window that is recorded, the shortest first. */
export const windows: readonly string[] = ['5m', '30m', '1h', '6h', '3d'];

/** The rates at which the budget of an objective can burn: of a budget of 10 %, not even all requests together burn 14.4 times too much. */
export const ratesOf = (objective: Objective): readonly BurnRate[] =>
  burnRates.filter(({ factor }) => limitOf(objective, factor) < 1);

/** The share of bad events above which a budget burns that fast. */
export const limitOf = (objective: Objective, factor: number): number =>
  Number((budgetOf(objective) * factor).toPrecision(6));

/** The recorded share of bad events in a window. */
export const recordOf = (window: string): string => `frontage:slo_errors:ratio_rate${window}`;

/** The labels of the recorded series and the alerts of an objective. */
export const labelsOf = ({ bff, screen, slo }: Objective): Readonly<Record<string, string>> => ({ bff, screen, slo });

/** `{bff="mobile",screen="mobile.home",slo="latency"}` */
export const seriesOf = (objective: Objective): string =>
  `{${Object.entries(labelsOf(objective))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(',')}}`;
