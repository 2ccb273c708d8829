import { startCall } from './compiled-call.js';
import type { CallAsker } from '../run/run-state.js';
import type { CallingRun, CompiledCall } from '../run/compiled.js';

/** Makes one call for each of these values, so many at a time, in their order. */
export class CallQueue {
  readonly #call: CompiledCall;
  readonly #run: CallingRun;
  readonly #asker: CallAsker;
  readonly #values: readonly unknown[];
  readonly #concurrency: number;
  #next = 0;
  #underWay = 0;
  #starting = false;

  constructor(call: CompiledCall, run: CallingRun, asker: CallAsker, values: readonly unknown[], concurrency: number) {
    this.#call = call;
    this.#run = run;
    this.#asker = asker;
    this.#values = values;
    this.#concurrency = concurrency;
  }

  start(): void {
    // A call may end at once (skipped, ruled out): this loop then goes on, instead of a deeper one.
    if (this.#starting) return;
    this.#starting = true;
    while (this.#underWay < this.#concurrency && this.#next < this.#values.length && !this.#run.isOver()) {
      const at = this.#next++;
      this.#underWay++;
      startCall(this.#call, this.#run, this.#values[at], this.#asker, at);
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
    this.#next = this.#values.length;
  }
}
