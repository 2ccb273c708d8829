import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AppDescription } from '@frontage/gateway';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectWithinBudgets } from './screen-budgets.js';

const screen = {
  name: 'tv.home',
  parts: {
    profile: { kind: 'call' },
    orders: { kind: 'call' },
    parcels: { kind: 'each', maxCount: 3 },
    sum: { kind: 'step' },
  },
  waves: [['profile', 'orders'], ['parcels']],
  mostCalls: 5,
  criticalPath: { calls: ['orders', 'parcels'], worstCaseMs: 800 },
};

const descriptionOf = (budgets: object): AppDescription => ({
  formatVersion: 1,
  bff: 'tv',
  endpoints: [
    { method: 'GET', path: '/home/:id', handler: 'Home.show', access: 'public', rateClass: undefined, screen },
    { method: 'GET', path: '/', handler: 'Start.show', access: 'public', rateClass: undefined, screen: undefined },
  ],
  policy: { budgets: { screens: {}, ...budgets } },
});

let folder = '';
let file: URL;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'frontage-')), 'tv');
  await mkdir(folder);
  file = pathToFileURL(join(folder, 'openapi.gen.json'));
  await put({ name: 'Ada', orders: ['o-1'] });
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const put = (example: unknown): Promise<void> =>
  writeFile(
    file,
    JSON.stringify({
      paths: { '/home/{id}': { get: { responses: { 200: { content: { 'application/json': { example } } } } } } },
    }),
  );

const costs = { bytes: 31, calls: 5, criticalPathMs: 800, waves: 2 };
const write = (figures: object): Promise<void> =>
  writeFile(join(folder, 'costs.gen.json'), `${JSON.stringify({ 'tv.home': figures }, null, 2)}\n`);

describe('the budgets of an app', () => {
  it('hold where each figure is at its budget, and are none where policy has none', async () => {
    await write(costs);
    await expectWithinBudgets(descriptionOf({}), file);
    await expectWithinBudgets(descriptionOf(costs), file);
  });

  it('name each figure that is above, and what it is made of', async () => {
    const budgets = { bytes: 30, calls: 4, criticalPathMs: 700, waves: 1 };
    await expect(expectWithinBudgets(descriptionOf(budgets), file)).rejects.toThrow(
      `tv.home is above its budget:
  bytes: 31, at most 30: orders 16, name 12
  calls: 5, at most 4: profile, orders, parcels (for up to 3)
  criticalPath: 800 ms, at most 700 ms: orders, then parcels
  waves: 2, at most 1: profile and orders, then parcels
Make it cheaper, or raise the budget in apps/tv/bff.yaml: docs/budgets.md`,
    );
  });

  it('name first the member that grew since the last commit', async () => {
    const git = (...args: string[]): void => void execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
    git('init');
    git('add', '.');
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', 'commit', '-m', 'first');
    await put({ name: 'Ada Lovelace', orders: ['o-1'] });
    await expect(expectWithinBudgets(descriptionOf({ bytes: 30 }), file)).rejects.toThrow('name 21 (+9), orders 16');
  });

  it('of one screen replace those of all, one by one', async () => {
    const screens = { 'tv.home': { calls: 5 } };
    await write(costs);
    await expectWithinBudgets(descriptionOf({ calls: 1, waves: 2, screens }), file);
    await expect(expectWithinBudgets(descriptionOf({ calls: 1, waves: 1, screens }), file)).rejects.toThrow(
      'tv.home is above its budget:\n  waves: 2, at most 1',
    );
  });

  it('let a reviewer see the costs, which are committed', async () => {
    await write({ ...costs, calls: 4 });
    await expect(expectWithinBudgets(descriptionOf({}), file)).rejects.toThrow();
    expect(JSON.parse(await readFile(join(folder, 'costs.gen.json'), 'utf8'))).toEqual({
      'tv.home': { ...costs, calls: 4 },
    });
  });
});
