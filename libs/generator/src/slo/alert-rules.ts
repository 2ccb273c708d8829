import { stringify } from 'yaml';
import { labelsOf, limitOf, ratesOf, recordOf, seriesOf, windows, type BurnRate } from './burn-rates.js';
import { bound, selector, type Objective } from './objectives.js';

const alertName = 'FrontageErrorBudgetBurn';

/** The recording rules and alerts of an app, as a file of rules of Prometheus. */
export function alertRules(bff: string, objectives: readonly Objective[], head: string): string {
  const records = objectives.flatMap((objective) =>
    windows.map((window) => ({
      record: recordOf(window),
      expr: objective.errors(window),
      labels: labelsOf(objective),
    })),
  );
  const alerts = objectives.flatMap((objective) => ratesOf(objective).map((rate) => alertRule(objective, rate)));
  // One group: the alerts of a moment see the records of that moment.
  const groups = [{ name: `${bff}-slo`, interval: '30s', rules: [...records, ...alerts] }];
  return `${head}${stringify({ groups }, { lineWidth: 0 })}`;
}

function alertRule(objective: Objective, rate: BurnRate): object {
  const limit = limitOf(objective, rate.factor);
  const over = (window: string): string => `${recordOf(window)}${seriesOf(objective)} > ${limit}`;
  return {
    alert: alertName,
    expr: `${over(rate.long)} and ${over(rate.short)}`,
    labels: alertLabels(objective, rate),
    annotations: alertAnnotations(objective, rate),
  };
}

const alertLabels = (objective: Objective, { severity, long }: BurnRate): Readonly<Record<string, string>> => ({
  ...labelsOf(objective),
  severity,
  window: long,
});

const alertAnnotations = (objective: Objective, rate: BurnRate): Readonly<Record<string, string>> => ({
  summary: `${objective.screen}: its ${objective.slo} burns the error budget ${rate.factor} times too fast`,
  description: `Objective over 30 days: ${objective.words}. ${rate.spent} of the budget is gone within ${rate.long}. ${adviceOf(objective)}`,
});

function adviceOf({ slo, requests: { method, route } }: Objective): string {
  const request = `${method} ${route}`;
  if (slo === 'completeness') return `Log lines of ${request} name the missing parts and their reasons.`;
  if (slo === 'latency') return `Traces of slow requests of ${request} show the call that takes the time.`;
  return `Log lines of ${request} have the code of the problem, and the upstream that failed.`;
}

/** Days of requests that a test plays. */
const days = 4;
/** Minutes between two samples, and requests in them. */
const step = 2;
const perSample = 12_000;

/** The bad share of a screen, and the minutes at the end in which it has none. */
interface Errors {
  readonly share: number;
  readonly quiet: number;
}

/**
 * Tests of the rules for `promtool test rules`: a screen that keeps its objective, one that burns its budget at each speed, and one whose
 * errors have ended a little longer ago than the short window of each alert.
 */
export function alertRuleTests(rulesFile: string, objectives: readonly Objective[], head: string): string {
  const tests = objectives.flatMap((objective) => {
    const rates = ratesOf(objective);
    const shareOf = ({ factor }: BurnRate): number => Math.min(limitOf(objective, factor) * 1.5, 1);
    return [
      ruleTest(objective, 'keeps its objective', { share: 0, quiet: 0 }),
      ...rates.map((rate) =>
        ruleTest(objective, `burns its budget ${rate.factor} times too fast`, { share: shareOf(rate), quiet: 0 }),
      ),
      ...rates.map((rate) => {
        const quiet = Math.ceil((minutesOf(rate.short) * 1.2) / step) * step;
        const name = `has burnt its budget ${rate.factor} times too fast until ${quiet} minutes ago`;
        return ruleTest(objective, name, { share: shareOf(rate), quiet });
      }),
    ];
  });
  const file = { rule_files: [rulesFile], evaluation_interval: '12h', tests };
  return `${head}${stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function ruleTest(objective: Objective, name: string, errors: Errors): object {
  const shareIn = (window: string): number => errors.share * Math.max(0, 1 - errors.quiet / minutesOf(window));
  const expected = ratesOf(objective).filter(({ factor, long, short }) => {
    const limit = limitOf(objective, factor);
    return shareIn(long) > limit && shareIn(short) > limit;
  });
  return {
    name: `${objective.screen} ${name}: ${objective.slo}`,
    interval: `${step}m`,
    input_series: seriesWith(objective, errors),
    alert_rule_test: [
      {
        eval_time: `${days}d`,
        alertname: alertName,
        exp_alerts: expected.map((rate) => ({
          exp_labels: alertLabels(objective, rate),
          exp_annotations: alertAnnotations(objective, rate),
        })),
      },
    ],
  };
}

function seriesWith({ slo, requests }: Objective, { share, quiet }: Errors): object[] {
  const duration = 'http_server_request_duration_seconds';
  const bad = Math.round(perSample * share);
  const quietSamples = quiet / step;
  const busySamples = (days * 24 * 60) / step - quietSamples;
  /** A counter that grows by one number, and in the quiet time by another one. */
  const counter = (metric: string, busy: number, later: number, ...labels: readonly string[]): object => ({
    series: `${metric}{${selector(requests, ...labels)}}`,
    values:
      quietSamples === 0
        ? `0+${busy}x${busySamples}`
        : `0+${busy}x${busySamples} ${busy * busySamples + later}+${later}x${quietSamples - 1}`,
  });
  const ok = 'http_response_status_code="200"';
  const good = perSample - bad;
  if (slo === 'availability')
    return [
      counter(`${duration}_count`, good, perSample, ok),
      counter(`${duration}_count`, bad, 0, 'http_response_status_code="503"'),
    ];
  const all = counter(`${duration}_count`, perSample, perSample, ok);
  if (slo === 'latency')
    return [all, counter(`${duration}_bucket`, good, perSample, ok, bound(requests.withinSeconds ?? 0))];
  return [all, counter('frontage_partial_responses_total', bad, 0)];
}

const unitMinutes: ReadonlyMap<string, number> = new Map([
  ['m', 1],
  ['h', 60],
  ['d', 24 * 60],
]);

/** `6h` in minutes. */
const minutesOf = (window: string): number => Number(window.slice(0, -1)) * (unitMinutes.get(window.slice(-1)) ?? 0);
