import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Admission, type Load } from '@frontage/breaker';
import type { BffConfig } from '@frontage/config';

const RESOLUTION_MS = 10;
/** One late turn of the event loop is one piece of work; a queue delays the next turn too. */
const MIN_TURNS = 2;

/** Measures how late the event loop is, outside of JavaScript. */
class LoadMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #occupancy: () => number;
  #occupiedBefore = 0;
  #turnFrom: number | undefined;

  constructor(occupancy: () => number) {
    this.#occupancy = occupancy;
    this.#histogram.enable();
  }

  /** Of the time since it was taken last. */
  take(): Load | undefined {
    if (this.#histogram.count < MIN_TURNS) return undefined;
    const delayMs = this.#histogram.min / 1e6 - RESOLUTION_MS;
    const turns = this.#histogram.count;
    this.#histogram.reset();
    // Requests that came a moment ago are a burst, and no queue.
    const [before, now] = [this.#occupiedBefore, this.#occupancy()];
    this.#occupiedBefore = now;
    return { delayMs, turns, occupancy: Math.min(before, now) };
  }

  /** Time for which the present turn has lasted since this was asked in it first. */
  turnMs(): number {
    const now = performance.now();
    if (this.#turnFrom === undefined) {
      this.#turnFrom = now;
      setImmediate(() => (this.#turnFrom = undefined));
    }
    return now - this.#turnFrom;
  }

  stop(): void {
    this.#histogram.disable();
  }
}

/** Decides which requests a process takes, and measures its load until it is stopped. */
export interface RequestAdmission {
  readonly admission: Admission;
  readonly stop: () => void;
}

/** @returns `undefined` where policy switches it off: nothing is measured then */
export function admissionOf({ admission, limits }: BffConfig, inFlight: () => number): RequestAdmission | undefined {
  if (admission === undefined) return undefined;
  const { delayMs, intervalMs } = admission;
  const most = limits.maxInFlight ?? Number.POSITIVE_INFINITY;
  const meter = new LoadMeter(() => inFlight() / most);
  return {
    admission: new Admission({ delayMs, intervalMs, load: () => meter.take(), turnMs: () => meter.turnMs() }),
    stop: () => meter.stop(),
  };
}
