import type { Random } from '../soak/random.js';
import type { VirtualTime } from './virtual-time.js';

/** The result of one call at its service; `nothing`: no response ever comes. */
export type Reply = 'good' | 'error' | 'nothing';

export interface Health {
  /** Times as long as usual. */
  readonly slowness: number;
  /** Share of the calls that fail after half of their work. */
  readonly errors: number;
  /** Share of the calls that hang. */
  readonly hangs: number;
}

const well: Health = { slowness: 1, errors: 0, hangs: 0 };

interface Job {
  readonly answer: (reply: Reply) => void;
}

/**
 * A service with so many workers and a queue, first in first out. It works on a call also after its caller has given up, as most services do: that
 * is how an overload outlives its cause.
 */
export class Service {
  health: Health = well;
  received = 0;
  readonly #time: VirtualTime;
  readonly #random: Random;
  readonly #workers: number;
  readonly #meanMs: number;
  #queue: Job[] = [];
  #first = 0;
  #busy = 0;

  constructor(time: VirtualTime, random: Random, workers: number, meanMs: number) {
    this.#time = time;
    this.#random = random;
    this.#workers = workers;
    this.#meanMs = meanMs;
  }

  recover(): void {
    this.health = well;
  }

  submit(answer: (reply: Reply) => void): void {
    this.received++;
    this.#queue.push({ answer });
    this.#next();
  }

  #next(): void {
    while (this.#busy < this.#workers && this.#first < this.#queue.length) {
      const job = this.#queue[this.#first++];
      if (this.#first > 10_000) {
        this.#queue = this.#queue.slice(this.#first);
        this.#first = 0;
      }
      if (job !== undefined) this.#work(job);
    }
  }

  #work({ answer }: Job): void {
    const { slowness, errors, hangs } = this.health;
    const draw = this.#random.next();
    const reply: Reply = draw < hangs ? 'nothing' : draw < hangs + errors ? 'error' : 'good';
    const usual = -Math.log(1 - this.#random.next()) * this.#meanMs * slowness;
    this.#busy++;
    this.#time.setTimer(
      () => {
        this.#busy--;
        if (reply !== 'nothing') answer(reply);
        this.#next();
      },
      reply === 'error' ? usual / 2 : usual,
    );
  }
}
