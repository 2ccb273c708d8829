import { parseArgs } from 'node:util';
import { margins, runSoak } from './soak.js';

/** `npm run soak -- --minutes 10`: prints what the process held before and after, and ends with 1 where anything was wrong. */
const { values } = parseArgs({
  options: { minutes: { type: 'string' }, seconds: { type: 'string' }, seed: { type: 'string' } },
});
const seconds = values.minutes === undefined ? Number(values.seconds ?? 20) : Number(values.minutes) * 60;
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  process.stderr.write('Write --minutes 10 or --seconds 30, and a whole number after --seed.\n');
  process.exit(2);
}
process.stdout.write(`soak of ${seconds} s with seed ${seed}\n\n`);
const { base, end, requests, attacks, troubles, wrong } = await runSoak({ seconds, seed });

const row = (...cells: readonly (string | number)[]): string =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(46) : String(cell).padStart(12))).join('');
const shown = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));
const lines = [
  row('', 'base', 'end', 'margin'),
  ...(['pid', 'inFlight', 'watched', 'connections'] as const).map((kind) => row(kind, base[kind], end[kind], 0)),
  ...(Object.keys(margins) as (keyof typeof margins)[]).map((kind) =>
    row(kind, shown(base[kind]), shown(end[kind]), `+ ${margins[kind]}`),
  ),
  row('longest stall of the event loop, ms', shown(base.longestStallMs), shown(end.longestStallMs)),
  '',
  row('responses to users, each checked', requests),
  ...[...attacks].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, times]) => row(name, times)),
  '',
  ...[...troubles].map(([name, times]) => row(name, times)),
  '',
  ...(wrong.length === 0 ? ['nothing was wrong'] : wrong.map((what) => `WRONG  ${what}`)),
];
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = wrong.length === 0 ? 0 : 1;
