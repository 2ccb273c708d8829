import type { ServerResult, SettingResult } from '../runs/results.js';
import { isTooWide, type Spread } from '../statistics.js';
import { fixed, table } from './table.js';

interface Goal {
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

/** The goals of home-5, as ratios to bare in the same run. */
const goals: readonly Goal[] = [
  { server: 'nothing-on', what: 'requests/s', bytes: 'differ', least: 1.2, read: rate },
  { server: 'everything-on', what: 'requests/s', bytes: 'differ', least: 1, read: rate },
  { server: 'nothing-on', what: 'requests/s', bytes: 'repeat', least: 1.3, read: rate },
  { server: 'everything-on', what: 'requests/s', bytes: 'repeat', least: 1.1, read: rate },
  { server: 'nothing-on', what: 'p99 at half of peak', most: 1.15, read: tail },
  { server: 'everything-on', what: 'p99 at half of peak', most: 1.25, read: tail },
  { server: 'nothing-on', what: 'against Nest on axios', least: 6, read: nest },
  { server: 'everything-on', what: 'against Nest on axios', least: 5, read: nest },
];

/** One line per target that was measured. */
export function goalsText(results: readonly SettingResult[]): string {
  const home = results.filter(({ scenario, latencyMs }) => scenario === 'home-5' && latencyMs === 0);
  const rows = home.flatMap(({ bytes, servers }) =>
    goals.flatMap((goal) => {
      const result = servers.find(({ name }) => name === goal.server);
      const value = result && goal.read(result);
      if (result === undefined || value === undefined || (goal.bytes !== undefined && goal.bytes !== bytes)) return [];
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
      return [[`${goal.server}, ${goal.what}, bytes that ${bytes}`, fixed(median, 2), wanted, state]];
    }),
  );
  return rows.length === 0 ? '' : `\ntargets on home-5\n${table(['', 'measured', 'wanted', ''], rows)}`;
}
