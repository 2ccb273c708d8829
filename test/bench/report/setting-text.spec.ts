import { describe, expect, it } from 'vitest';
import type { ServerResult, SettingResult } from '../runs/results.js';
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
    const text = goalsText([setting(server('nothing-on', 1.3), server('everything-on', 0.9))]);
    expect(text).toMatch(/nothing-on, requests\/s, bytes that differ +1\.30 +>= 1\.2 +met/);
    expect(text).toMatch(/everything-on, requests\/s, bytes that differ +0\.90 +>= 1 +MISSED/);
  });

  it('are neither where the rounds lie too far apart, or requests failed', () => {
    const wide = server('nothing-on', 1.3, { ratio: { median: 1.3, low: 1, high: 1.6 } });
    expect(goalsText([setting(wide)])).toMatch(/requests\/s.*spread too wide to say/);
    expect(goalsText([setting(server('nothing-on', 1.3, { failed: 1 }))])).toMatch(/requests\/s.*requests failed/);
  });

  it('are those of home-5 alone', () => {
    expect(goalsText([{ ...setting(server('nothing-on', 1.3)), scenario: 'calls-1' }])).toBe('');
  });
});
