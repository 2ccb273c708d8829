import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../time/clock.js';

/** The start has ended by then, and the first timers of the app have run. */
const afterMs = 2_000;

/**
 * Lets V8 give back the memory that only the start needed. Its memory reducer does that, in small steps while the process is idle, but looks
 * at the heap only after a collection, and in a process with little traffic none comes. One collection of young objects (0.5 ms), 2 s after the
 * call, makes it look; about 10 s later an idle app holds a quarter less. V8 decides: a process that is busy keeps its heap.
 */
export function returnStartMemory(clock: Clock): void {
  clock.setTimer(() => collectYoung(), afterMs);
}

/** V8 hands its collector out where the flag is on while a context is made. */
function collectYoung(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect({ type: 'minor' });
}
