import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../time/clock.js';

/** The first health checks and the first timers of the app have run by then. */
const afterMs = 2_000;

/** A process that is busy each time collects by itself. */
const mostTries = 15;

/**
 * Gives back memory that only the start needed: sources as they were read, the code of functions that ran once, objects of the first
 * moments. V8 collects them when the heap grows, which in a process with little traffic is never. This is one collection of about 50 ms, at
 * a moment at which `isBusy` is false: 2 s after the call at the earliest, and not at all if the process is busy for half a minute.
 */
export function returnStartMemory(isBusy: () => boolean, clock: Clock): void {
  let tries = 0;
  const look = (): void => {
    tries += 1;
    if (!isBusy()) collectAll();
    else if (tries < mostTries) clock.setTimer(look, afterMs);
  };
  clock.setTimer(look, afterMs);
}

/** V8 hands its collector out where the flag is on while a context is made. */
function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect({ type: 'major', flavor: 'last-resort' });
}
