import type { OpenLoopResult } from '../load/open-loop.js';
import { pinnedOpenLoop } from '../load/pinned-open-loop.js';
import { median, spread } from '../statistics.js';
import { otherCore } from './child.js';
import type { Tail } from './results.js';
import type { Running } from './targets.js';

export interface Loaded {
  readonly target: Running;
  /** Requests per second. */
  readonly rate: number;
}

/**
 * The p99 of each server at its constant rate, and the ratio to the first one in the same round. Rounds in turn and in reverse turn.
 */
export async function measureTails(
  loaded: readonly Loaded[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
  progress: (text: string) => void,
): Promise<ReadonlyMap<string, Tail>> {
  const results = new Map<Loaded, OpenLoopResult[]>(loaded.map((one) => [one, []]));
  for (let i = 0; i < rounds; i++) {
    progress(`p99 at a constant rate, round ${i + 1} of ${rounds}`);
    for (const one of i % 2 === 0 ? loaded : loaded.toReversed()) {
      const { url, headers } = one.target;
      results.get(one)?.push(await pinnedOpenLoop({ url, headers, rate: one.rate, seconds }, otherCore));
    }
  }
  const first = loaded[0] && results.get(loaded[0]);
  return new Map(
    loaded.map((one) => {
      const own = results.get(one) ?? [];
      const doubt = doubtOf(own);
      const tail: Tail = {
        rate: one.rate,
        p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
        p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
        ratio: spread(own.map(({ p99Ms }, i) => p99Ms / (first?.[i]?.p99Ms ?? Number.NaN))),
        latenessP99Ms: median(own.map(({ latenessP99Ms }) => latenessP99Ms)),
        ...(doubt !== undefined && { doubt }),
      };
      return [one.target.name, tail];
    }),
  );
}

function doubtOf(rounds: readonly OpenLoopResult[]): string | undefined {
  const late = rounds.filter(({ isGeneratorTheLimit }) => isGeneratorTheLimit).length;
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  if (failed > 0) return `${failed} requests failed`;
  const behind = rounds.filter(({ unanswered }) => unanswered > 0).length;
  if (behind > 0) return `did not keep up in ${behind} of ${rounds.length} rounds`;
  // A generator that is late once shares its core with something; the median is not touched by it.
  return late * 2 > rounds.length ? `the generator was late in ${late} of ${rounds.length} rounds` : undefined;
}
