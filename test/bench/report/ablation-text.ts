import type { AblationResult } from '../runs/ablation.js';
import type { Spread } from '../statistics.js';
import { fixed, table } from './table.js';

/** A policy whose cost is known to so many microseconds can be spoken of. */
const neededUs = 1;

/** One table per transport. */
export function ablationText(results: readonly AblationResult[]): string {
  return results.map(oneText).join('');
}

function oneText({
  scenario,
  transport,
  calls,
  nothingUs,
  everythingUs,
  together,
  togetherSystem,
  control,
  rows,
}: AblationResult): string {
  const shown = [control, ...rows].map(({ name, alone, aloneSystem, amongAll }) => [
    name,
    ...rangeOf(alone),
    fixed(aloneSystem?.median, 1),
    fixed(alone && alone.median / calls, 2),
    fixed(alone && (100 * alone.median) / nothingUs, 1),
    ...rangeOf(amongAll),
    fixed(amongAll && amongAll.median / calls, 2),
    verdict(alone, amongAll),
  ]);
  const sum = (values: readonly (Spread | undefined)[]): number =>
    values.reduce((total, value) => total + (value?.median ?? 0), 0);
  const parts = rows.filter(({ amongAll }) => amongAll !== undefined);
  const head = ['', 'alone', '+-', 'kernel', 'a call', '%', 'among all', '+-', 'a call', ''];
  return [
    `\n${scenario} over ${transport}, CPU us per request: nothing on ${fixed(nothingUs, 1)}, everything on ${fixed(everythingUs, 1)}`,
    `, together ${fixed(together.median, 1)} +- ${fixed(halfOf(together), 1)}, of it in the kernel ${fixed(togetherSystem.median, 1)}`,
    `; the parts alone add up to ${fixed(sum(parts.map(({ alone }) => alone)), 1)}`,
    `, among all others to ${fixed(sum(parts.map(({ amongAll }) => amongAll)), 1)}\n`,
    table(head, shown),
  ].join('');
}

const halfOf = ({ low, high }: Spread): number => (high - low) / 2;

const rangeOf = (value: Spread | undefined): string[] =>
  value === undefined ? ['-', '-'] : [fixed(value.median, 1), fixed(halfOf(value), 1)];

function verdict(...values: readonly (Spread | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  // NaN is no spread that allows a verdict.
  return known.every((value) => halfOf(value) <= neededUs) ? '' : `spread above ${neededUs} us: more rounds`;
}
