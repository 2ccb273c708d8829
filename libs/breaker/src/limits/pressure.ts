import { isNeeded, type CallNeed } from './priority.js';

/** The facts that a bulkhead tells of itself. */
export interface PressureSource {
  /** Waiting calls that their pages cannot do without, as a share of the queue: 0 to 1. */
  readonly neededShare: number;
}

export interface PressureOptions {
  /** Share of a queue from which on no optional call is sent; above 0, at most 1. @default 0.5 */
  readonly optionalAt?: number | undefined;
}

/**
 * One signal for all upstreams of a process: how full the fullest queue is with calls that pages cannot do without. Under pressure, calls that
 * pages can do without are not sent to any upstream, so that they stop before required ones fail.
 */
export class Pressure {
  readonly #optionalAt: number;
  readonly #sources: PressureSource[] = [];
  #waiting = 0;

  constructor({ optionalAt = 0.5 }: PressureOptions = {}) {
    this.#optionalAt = optionalAt;
  }

  register(source: PressureSource): void {
    this.#sources.push(source);
  }

  /** 0 without a waiting call that a page needs, 1 for a queue that is full of them. */
  get level(): number {
    if (this.#waiting === 0) return 0;
    return this.#sources.reduce((most, { neededShare }) => Math.max(most, neededShare), 0);
  }

  /** Tells that a call of this need is not sent now. */
  refuses(need: CallNeed): boolean {
    return this.#waiting > 0 && need === 'optional' && this.level >= this.#optionalAt;
  }

  /** For bulkheads: a call of this rank has begun to wait. */
  began(rank: number): void {
    if (isNeeded(rank)) this.#waiting++;
  }

  /** For bulkheads: it waits no longer. */
  ended(rank: number): void {
    if (isNeeded(rank)) this.#waiting--;
  }
}
