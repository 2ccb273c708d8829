import type { OpenLoopResult } from './open-loop.js';

/** A rate that was tried. */
export interface Tried {
  readonly rate: number;
  readonly result: OpenLoopResult;
}

export interface Search<Step extends Tried> {
  /** In the order in which they were tried. */
  readonly steps: readonly Step[];
  /** The highest rate that was borne; absent where none was. */
  readonly borne?: Step;
  /** The lowest rate that was not borne; absent where the search ended before it. */
  readonly broke?: Step;
}

interface SearchOptions<Step extends Tried> {
  /** Tries a rate, in requests per second, for so many seconds. */
  readonly measure: (rate: number, seconds: number) => Promise<Step>;
  /** For all tries together. */
  readonly seconds: number;
}

/** Requests per second of the first try: what the app does without load. */
export const firstRate = 20;
const maxRate = 20_000;
const stepSeconds = 2;
/** The answer is between two rates that are so close. */
const closeEnough = 1.1;

/** A rate is borne if 99 of 100 requests get a good response within the deadline, and no more of them lack parts than without load. */
function isBorne({ result }: Tried, base: Tried): boolean {
  const share = (part: number, { requests }: OpenLoopResult): number => part / Math.max(1, requests);
  const partial = share(result.partial, result) - share(base.result.partial, base.result);
  return share(result.good, result) >= 0.99 && partial <= 0.01;
}

/** Finds the highest rate that is borne: doubled until one is not, then halved in between, as long as there is time. */
export async function searchCapacity<Step extends Tried>({
  measure,
  seconds,
}: SearchOptions<Step>): Promise<Search<Step>> {
  let base = await measure(firstRate, stepSeconds);
  // Right after the start services may be too slow, and breakers open for some seconds.
  for (let again = 0; again < 2 && base.result.partial > 0; again++) base = await measure(firstRate, stepSeconds);
  const steps = [base];
  let left = seconds - stepSeconds;
  if (!isBorne(base, base)) return { steps, broke: base };
  let borne = base;
  let broke: Step | undefined;
  while (left >= stepSeconds) {
    const rate = broke === undefined ? borne.rate * 2 : Math.round((borne.rate + broke.rate) / 2);
    if (rate > maxRate || (broke !== undefined && broke.rate / borne.rate <= closeEnough)) break;
    const step = await measure(rate, stepSeconds);
    steps.push(step);
    left -= stepSeconds;
    if (isBorne(step, base)) borne = step;
    else broke = step;
  }
  return { steps, borne, ...(broke !== undefined && { broke }) };
}
