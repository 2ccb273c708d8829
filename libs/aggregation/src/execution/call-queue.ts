import { startCall } from './compiled-call.js';
import type { RequestedCall } from '../run/compiled.js';

/** The calls of one part: one for each value, in the order of the values. */
interface QueuedCalls extends Pick<RequestedCall, 'call' | 'run' | 'asker'> {
  readonly values: readonly unknown[];
  /** The name of a call among the writes of the request. @default the name of the part */
  readonly labelOf?: (at: number) => string;
  /** The number of calls that are in flight at a time. 1 or more. */
  readonly concurrency: number;
}

export class CallQueue {
  readonly #calls: QueuedCalls;
  #next = 0;
  #underWay = 0;
  #starting = false;

  constructor(calls: QueuedCalls) {
    this.#calls = calls;
  }

  start(): void {
    // A call may end at once (skipped, ruled out): then this loop goes on, instead of a deeper one.
    if (this.#starting) return;
    this.#starting = true;
    const { call, run, asker, values, labelOf, concurrency } = this.#calls;
    while (this.#underWay < concurrency && this.#next < values.length && !run.isOver()) {
      const at = this.#next++;
      this.#underWay++;
      if (labelOf === undefined) startCall({ call, run, item: values[at], asker, at });
      else startCall({ call, run, item: values[at], asker, at, label: labelOf(at) });
    }
    this.#starting = false;
  }

  /** One call has ended: the next one may start. */
  ended(): void {
    this.#underWay--;
    this.start();
  }

  /** Starts no further call. */
  close(): void {
    this.#next = this.#calls.values.length;
  }
}
