import { parseArgs } from 'node:util';
import { margins, runChaos, type Outcome } from './chaos.js';
import type { HeldState } from './world.js';

/** `npm run chaos -- --minutes 60 --seed 7`: prints a table and a verdict, and ends with 1 where a promise was broken. */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string' },
    rate: { type: 'string' },
  },
});
const seconds = values.minutes === undefined ? Number(values.seconds ?? 60) : Number(values.minutes) * 60;
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const rate = Number(values.rate ?? 15);
if (!(seconds > 0) || !(rate > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('Write --minutes 60 or --seconds 30, --rate 15, and a whole number after --seed.\n');
  process.exit(2);
}
process.stdout.write(`chaos of ${seconds} s with seed ${seed}, ${rate} requests a second to each page\n\n`);
const { outcomes, faults, held, wrong } = await runChaos({ seconds, seed, rate });

const row = (...cells: readonly (string | number)[]): string =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(24) : String(cell).padStart(10))).join('');
const at = (took: readonly number[], share: number): number =>
  Math.round(took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0);
function line({ page, requests, complete, partial, problems, took }: Outcome): string {
  const sorted = took.toSorted((a, b) => a - b);
  const failed = [...problems.values()].reduce((sum, count) => sum + count, 0);
  const over = Math.max(0, at(sorted, 1) - page.deadlineMs);
  const name = `${page.app} ${page.path}`;
  return row(name, requests, complete, partial, failed, at(sorted, 0.5), at(sorted, 0.99), page.deadlineMs, over);
}
const codes = new Map<string, number>();
for (const { problems } of outcomes)
  for (const [code, count] of problems) codes.set(code, (codes.get(code) ?? 0) + count);
const lines = [
  row('', 'requests', 'complete', 'partial', 'problems', 'p50 ms', 'p99 ms', 'deadline', 'over ms'),
  ...outcomes.map(line),
  '',
  ...[...codes].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => `${code.padEnd(34)}${count}`),
  '',
  `faults: ${[...faults].map(([kind, count]) => `${kind} ${count}`).join(', ')}`,
  '',
  row('held by', ...Object.keys(margins)),
  ...[...held].flatMap(([name, { base, end }]) =>
    (['before', 'after'] as const).map((when) => {
      const state = when === 'before' ? base : end;
      return row(
        `${name} ${when}`,
        ...(Object.keys(margins) as (keyof HeldState)[]).map((kind) => Math.round(state[kind])),
      );
    }),
  ),
  '',
  ...wrong.map((what) => `BROKEN  ${what}`),
  wrong.length === 0 ? 'verdict: every promise was kept' : `verdict: ${wrong.length} promises were broken`,
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
