import type { ServerResult, SettingResult } from '../runs/results.js';
import { isTooWide, type Spread } from '../statistics.js';
import { fixed, table } from './table.js';

interface Goal {
  readonly scenario: string;
  readonly server: string;
  readonly what: string;
  readonly bytes?: 'differ' | 'repeat';
  readonly least?: number;
  readonly most?: number;
  readonly read: (result: ServerResult) => Spread | undefined;
}

const rate = (result: ServerResult): Spread => result.ratio;
const nest = (result: ServerResult): Spread | undefined => result.toNest;
const tail = (result: ServerResult): Spread | undefined => result.tail?.ratio;

/** As ratios to bare in the same run. */
const goals: readonly Goal[] = [
  { scenario: 'home-5', server: 'nothing-on', what: 'requests/s', bytes: 'differ', least: 1.5, read: rate },
  { scenario: 'home-5', server: 'everything-on', what: 'requests/s', bytes: 'differ', least: 1.4, read: rate },
  { scenario: 'home-5', server: 'nothing-on', what: 'requests/s', bytes: 'repeat', least: 1.7, read: rate },
  { scenario: 'home-5', server: 'everything-on', what: 'requests/s', bytes: 'repeat', least: 1.5, read: rate },
  { scenario: 'home-5', server: 'nothing-on', what: 'p99 at half of peak', most: 1.15, read: tail },
  { scenario: 'home-5', server: 'everything-on', what: 'p99 at half of peak', most: 1.25, read: tail },
  { scenario: 'home-5', server: 'nothing-on', what: 'against Nest on axios', least: 6, read: nest },
  { scenario: 'home-5', server: 'everything-on', what: 'against Nest on axios', least: 5, read: nest },
  { scenario: 'calls-1', server: 'nothing-on', what: 'requests/s', least: 1.1, read: rate },
  { scenario: 'calls-1', server: 'everything-on', what: 'requests/s', least: 0.9, read: rate },
  { scenario: 'each-20', server: 'nothing-on', what: 'requests/s', least: 1.2, read: rate },
  { scenario: 'each-20', server: 'everything-on', what: 'requests/s', least: 1, read: rate },
  { scenario: 'two-waves', server: 'nothing-on', what: 'requests/s', least: 1.3, read: rate },
  { scenario: 'two-waves', server: 'everything-on', what: 'requests/s', least: 1.1, read: rate },
];

/** One line per target that was measured. */
export function goalsText(results: readonly SettingResult[]): string {
  const busy = results.filter(({ latencyMs }) => latencyMs === 0);
  const rows = busy.flatMap(({ scenario, bytes, servers }) =>
    goals.flatMap((goal) => {
      const result = servers.find(({ name }) => name === goal.server);
      const value = result && goal.read(result);
      if (
        goal.scenario !== scenario ||
        result === undefined ||
        value === undefined ||
        (goal.bytes !== undefined && goal.bytes !== bytes)
      )
        return [];
      const { median } = value;
      const isMet = median >= (goal.least ?? -Infinity) && median <= (goal.most ?? Infinity);
      const isTrue = result.failed === 0 && !isTooWide(value);
      const state = isTrue
        ? isMet
          ? 'met'
          : 'MISSED'
        : result.failed > 0
          ? 'requests failed'
          : 'spread too wide to say';
      const wanted = goal.least === undefined ? `<= ${goal.most}` : `>= ${goal.least}`;
      return [[`${scenario}: ${goal.server}, ${goal.what}, bytes that ${bytes}`, fixed(median, 2), wanted, state]];
    }),
  );
  return rows.length === 0 ? '' : `\ntargets\n${table(['', 'measured', 'wanted', ''], rows)}`;
}
