import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * The growth of the old objects, in percent of those that live, after which all are looked at again. V8 chooses 10 to 30 for a heap of this size,
 * and so looks at 50 MB, for 60 ms of CPU time, after every 8 MB: once a second at full load.
 */
const growthPercent = 75;

/** By then an app has started, and its first requests have come. */
const settledAfterMs = 2_000;

/** By then V8 has given back what the start needed. */
const givenBackAfterMs = 30_000;

/** Full collections; each is one step of a count, and no process lives for as many without a request. */
const keptCollections = 1_000_000;

export interface ServingProcess {
  /** True if each core has a process like this one. */
  readonly isOneOfMany: boolean;
  /** Runs something later, and keeps no process alive for it. @default a timer */
  readonly later?: (run: () => void, afterMs: number) => void;
}

/**
 * Tunes the garbage collector for a process that serves; call it before its first request. Each flag holds from then on, also for a process that was
 * started without flags. A V8 that does not know one says so on standard error, and goes on.
 *
 * - **No object grows old before it has lived.** V8 measures which object literals outlive their first collection, and makes those of such a place
 *   among the old objects from then on. In a gateway everything lives as long as its request, so that a moment in which requests wait looks like
 *   long life: the objects of every later request are then old ones, die as garbage that only a full collection finds, and keep what they point to
 *   alive until then. Collections take twice their time, by chance and for as long as the process lives.
 * - **Old objects may grow by {@link growthPercent} percent** between two full collections.
 * - **Young objects are collected by one thread** where no core is free for a second one, which would only take turns with the first.
 * - **Memory of the start is given back.** V8 does that some ten seconds after a collection in a process with little to do, and such a process has
 *   none. One of young objects, of half a millisecond, brings it about.
 * - **Afterwards the compiled code stays.** With each memory that V8 gives back in a quiet moment, the shapes of objects of which none lives go too, and
 *   the code that was compiled for them: in the first second of load after it, a request took twice its CPU time.
 */
export function tuneCollector({ isOneOfMany, later = unrefTimer }: ServingProcess): void {
  setFlagsFromString('--no-allocation-site-pretenuring');
  if (isOneOfMany || availableParallelism() === 1) setFlagsFromString('--no-parallel-scavenge');
  later(() => {
    // While it starts, a process grows by more than this, and V8 lets it.
    setFlagsFromString(`--heap-growing-percent=${growthPercent}`);
    collectYoungObjects();
  }, settledAfterMs);
  later(keepShapes, givenBackAfterMs);
}

function unrefTimer(run: () => void, afterMs: number): void {
  setTimeout(run, afterMs).unref();
}

function collectYoungObjects(): void {
  setFlagsFromString('--expose-gc');
  // A new context has what the flag exposes; the one of the app keeps none of it.
  const collect: (options: { readonly type: 'minor' }) => void = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'minor' });
}

function keepShapes(): void {
  setFlagsFromString('--no-memory-reducer-favors-memory');
  setFlagsFromString(`--retain-maps-for-n-gc=${keptCollections}`);
}
