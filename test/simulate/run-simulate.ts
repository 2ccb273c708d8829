import { parseArgs } from 'node:util';
import { incidents, simulate, sizes, variants } from './simulate.js';

/** `npm run simulate`: goodput, amplification and recovery of each incident, at each size, under each policy. */
const { values } = parseArgs({ options: { seed: { type: 'string' } } });
const seed = Number(values.seed ?? 1);
if (!Number.isSafeInteger(seed)) {
  process.stderr.write('Write a whole number after --seed.\n');
  process.exit(2);
}
const row = (...cells: readonly string[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(28) : cell.padStart(10))).join('');
const from = performance.now();
process.stdout.write(
  `simulated, virtual time, seed ${seed}: good = pages in time of those that need the ill service,\n`,
);
process.stdout.write('load = calls that it gets per call needed, back = seconds until 95 % are in time again\n');
for (const incident of incidents) {
  const heads = sizes.flatMap(({ gateways }) => [`${gateways} good`, 'load', 'back']);
  process.stdout.write(`\n${row(incident.name, ...heads)}\n`);
  for (const [name, policies] of Object.entries(variants)) {
    const cells = sizes.flatMap((size) => {
      const { goodput, amplification, recoverySeconds } = simulate(size, incident, policies, seed);
      return [
        `${(100 * goodput).toFixed(0)} %`,
        amplification.toFixed(2),
        Number.isFinite(recoverySeconds) ? `${recoverySeconds} s` : 'never',
      ];
    });
    process.stdout.write(`${row(name, ...cells)}\n`);
  }
}
process.stdout.write(`\n${((performance.now() - from) / 1_000).toFixed(1)} s\n`);
