import { describe, expect, it } from 'vitest';
import type { ServerResult, SettingResult } from '../runs/results.js';
import type { Spread, Verdict } from '../statistics.js';
import { ablationText } from './ablation-text.js';
import { goalsText } from './goals.js';
import { settingText } from './setting-text.js';

const even = (median: number) => ({ median, low: median, high: median });
const server = (name: string, ratio: number, more: Partial<ServerResult> = {}): ServerResult => ({
  name,
  ratio: even(ratio),
  toNest: even(ratio * 6),
  cpuRatio: even(ratio),
  rps: even(1000 * ratio),
  cpuUs: even(500),
  p50Ms: 1,
  p99Ms: 2,
  failed: 0,
  rssBytes: 2 ** 27,
  reuses: [],
  ...more,
});
const setting = (...servers: ServerResult[]): SettingResult => ({
  scenario: 'home-5',
  calls: 5,
  bytes: 'differ',
  latencyMs: 0,
  servers,
});

describe('the report of a comparison', () => {
  const beside = (cpu: Spread, verdict: Verdict): string =>
    settingText(setting(server('nothing-on', 1.5, { toTheirs: { ratio: even(1), cpu, verdict } })));

  it('shows CPU time first, and whether it says something at 2 %', () => {
    expect(beside({ median: 1.05, low: 1.04, high: 1.06 }, 'costs more')).toMatch(
      /nothing-on +1\.050 +1\.040-1\.060 +costs more +1\.000/,
    );
    expect(beside({ median: 1, low: 0.9, high: 1.1 }, 'spread too wide to say')).toContain(
      'spread too wide to say: more rounds',
    );
  });
});

describe('the report of an ablation', () => {
  it('says of a policy that the spread does not allow a microsecond, and shows the same twice', () => {
    const sure = { median: 4, low: 3.5, high: 4.5 };
    const wide = { median: 4, low: 1, high: 7 };
    const text = ablationText([
      {
        scenario: 'home-5',
        transport: 'direct',
        calls: 5,
        nothingUs: 100,
        everythingUs: 120,
        together: sure,
        togetherSystem: sure,
        control: { name: '(the same twice)', alone: { median: 0, low: -0.5, high: 0.5 } },
        rows: [
          { name: 'log', alone: sure, aloneSystem: sure, amongAll: sure },
          { name: 'metrics', alone: wide, amongAll: sure },
        ],
      },
    ]);
    expect(text).toMatch(/log +4\.0 +0\.5 +4\.0 +0\.80 +4\.0 +4\.0 +0\.5 +0\.80\n/);
    expect(text).toMatch(/metrics +4\.0 +3\.0 .* spread above 1 us: more rounds/);
    expect(text).toMatch(/the same twice\) +0\.0 +0\.5/);
    expect(text).toContain('the parts alone add up to 8.0');
  });
});

describe('the report of a setting', () => {
  it('says of a row that its spread is too wide', () => {
    const text = settingText(
      setting(server('bare', 1), server('nothing-on', 1.3, { ratio: { median: 1.3, low: 1, high: 1.6 } })),
    );
    expect(text.split('\n').filter((line) => line.includes('spread too wide'))).toEqual([
      expect.stringMatching(/^nothing-on /),
    ]);
  });

  it('reports a server that responded with failures', () => {
    expect(settingText(setting(server('bare', 1, { failed: 3 })))).toContain('3 FAILED');
  });

  it('shows the hits of each reuse, and the results of the misses', () => {
    const reuses = [{ name: 'token', results: { hit: 75, miss: 20, decline: 5 } }];
    expect(settingText(setting(server('everything-on', 1, { reuses })))).toMatch(
      /everything-on: token +75\.0 % +100 +miss 20, decline 5/,
    );
  });
});

describe('the targets', () => {
  it('are met or missed by the measured values', () => {
    const text = goalsText([setting(server('nothing-on', 1.6), server('everything-on', 1.3))]);
    expect(text).toMatch(/home-5: nothing-on, requests\/s, bytes that differ +1\.60 +>= 1\.5 +met/);
    expect(text).toMatch(/home-5: everything-on, requests\/s, bytes that differ +1\.30 +>= 1\.4 +MISSED/);
  });

  it('are neither where the rounds lie too far apart, or requests failed', () => {
    const wide = server('nothing-on', 1.3, { ratio: { median: 1.3, low: 1, high: 1.6 } });
    expect(goalsText([setting(wide)])).toMatch(/requests\/s.*spread too wide to say/);
    expect(goalsText([setting(server('nothing-on', 1.3, { failed: 1 }))])).toMatch(/requests\/s.*requests failed/);
  });

  it('are those of the scenario alone', () => {
    const of = (scenario: string): string => goalsText([{ ...setting(server('nothing-on', 1.15)), scenario }]);
    expect(of('calls-1')).toMatch(/calls-1: nothing-on, requests\/s, bytes that differ +1\.15 +>= 1\.1 +met/);
    expect(of('calls-1')).not.toContain('p99');
    expect(of('calls-50')).toBe('');
  });
});
