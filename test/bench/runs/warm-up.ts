import { closedLoop } from '../load/closed-loop.js';
import { otherCore } from './child.js';
import type { Running } from './targets.js';

/** Loads of one server, and the length of each. */
const loads = 6;
const secondsOfOne = 2;

/**
 * Brings servers to their pace, in turn. Several loads each: the end of one cuts off the requests that are under way, and what runs then changes code
 * that was compiled without it. A server that is compiled less far than the one beside it looks dearer.
 */
export async function warmUp(
  targets: readonly Running[],
  connections: number,
  progress: (text: string) => void = () => undefined,
): Promise<void> {
  for (let load = 0; load < loads; load++) {
    progress(`warming up, ${load + 1} of ${loads}`);
    for (const target of targets) await closedLoop(target, { seconds: secondsOfOne, connections, core: otherCore });
  }
}
