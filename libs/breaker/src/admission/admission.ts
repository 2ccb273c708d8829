import { requireAtLeast } from '@frontage/core';
import { FairShare } from './fair-share.js';

/** The weight of the requests of a route; `high` ones are shed last. */
export type RequestPriority = 'high' | 'normal' | 'low';

/** The load of a process in the window that ends. */
export interface Load {
  /** The shortest delay of the event loop in the window, in milliseconds: a longer one was a burst, and no queue (CoDel, RFC 8289 section 3). */
  readonly delayMs: number;
  /** Turns of the event loop in the window; at least 1. */
  readonly turns: number;
  /** Requests under way as a share of those that may be: the smaller of the shares at both ends of the window; 0 where they are not bounded. */
  readonly occupancy: number;
}

export interface AdmissionOptions {
  /** Delay of the event loop that is no queue yet, in milliseconds; at least 1. @default 25 */
  readonly delayMs?: number;
  /** Time over which the load is judged, in milliseconds; at least 1. @default 100 */
  readonly intervalMs?: number;
  /** @returns `undefined` before there are enough measurements: the window goes on */
  readonly load: () => Load | undefined;
  /** Milliseconds for which the present turn of the event loop has lasted: with each request in it, the next turn comes later. @default always 0 */
  readonly turnMs?: () => number;
  /** Numbers from 0 to below 1. @default Math.random */
  readonly random?: () => number;
}

const weights: Readonly<Record<RequestPriority, number>> = { low: 0, normal: 1, high: 2 };
const TIERS = 8;
const RANKS = 3 * TIERS;

/** With fewer requests in a turn of the event loop, it is no queue of them that delays it, but other work or other processes. */
const MIN_PER_TURN = 16;
/** From this share of the requests that may be under way, those that matter less are shed. */
const OCCUPIED = 0.8;
/** Share of what the process has just completed that is admitted when shedding begins. */
const FIRST_CUT = 0.9;
/** One window takes at least and at most so much. */
const LEAST_CUT = 0.95;
const MOST_CUT = 0.7;
/** It is never cut below this share of what the process completes: it does that much for sure, and a short queue needs no deeper cut. */
const PROVEN = 0.85;
/** A queue that is this many times too long keeps the process busy for a while, so it may be cut deeper. */
const LONG_QUEUE = 3;
const PROVEN_WITH_QUEUE = 0.4;
const GROWTH = 1.1;
/** Below what it has completed under load, it grows as quickly as this. */
const REGROWTH = 1.5;
/** A limit grows up to this many times what is admitted. */
const UNREACHED = 1.3;
/** Requests per millisecond that are always tried: ten a second. */
const LEAST_RATE = 0.01;
/** Windows without a surplus after which nothing is counted any longer. */
const CALM_WINDOWS = 20;
const SMOOTHING = 0.5;

/**
 * Sheds requests that a process cannot serve in time. The sign is a standing queue: an event loop that is late for a whole window, or requests
 * under way close to their bound. Then it admits as many requests per second as the process has just completed, and searches from there: less
 * while the queue stands, a tenth more after each window without one. What is admitted goes to the ranks from the highest down; the rank for
 * which it is not enough divides it fairly among its callers, and all below are shed (DAGOR, SoCC 2018).
 *
 * ```ts
 * if (!admission.admits(clock.now(), rank, () => caller)) refuse();
 * // after each admitted request:
 * admission.ended();
 * ```
 */
export class Admission {
  readonly #delayMs: number;
  readonly #intervalMs: number;
  readonly #load: AdmissionOptions['load'];
  readonly #turnMs: () => number;
  readonly #random: () => number;
  readonly #arrivals = new Float64Array(RANKS);
  /** Requests per millisecond of each rank, while requests are shed. */
  readonly #rates = new Float64Array(RANKS);
  readonly #fair = new FairShare();
  #from: number | undefined;
  #offered = 0;
  #admitted = 0;
  #completed = 0;
  /** Requests per millisecond; undefined: all are admitted. */
  #limit: number | undefined;
  /** Requests per millisecond that the process completes when it has more of them than it can serve. */
  #capacity = 0;
  #calm = 0;
  /** The rank that is admitted in part; those below are not. */
  #cut = -1;
  #shed = 0;

  /** @throws RangeError for an option outside its range */
  constructor({ delayMs = 25, intervalMs = 100, load, turnMs = () => 0, random = Math.random }: AdmissionOptions) {
    requireAtLeast('delayMs', delayMs, 1);
    requireAtLeast('intervalMs', intervalMs, 1);
    this.#delayMs = delayMs;
    this.#intervalMs = intervalMs;
    this.#load = load;
    this.#turnMs = turnMs;
    this.#random = random;
  }

  /** Admitted requests per second; undefined while none is shed. */
  get limit(): number | undefined {
    return this.#limit === undefined ? undefined : this.#limit * 1_000;
  }

  /** Requests that were shed since the start. */
  get shed(): number {
    return this.#shed;
  }

  /**
   * @param now monotonic milliseconds
   * @param rank of {@link requestRank}
   * @param caller who asks; called only while requests are shed
   */
  admits(now: number, rank: number, caller: () => string): boolean {
    this.#from ??= now;
    if (now - this.#from >= this.#intervalMs) this.#judge(now, this.#from);
    this.#offered++;
    this.#arrivals[rank] = (this.#arrivals[rank] ?? 0) + 1;
    if (this.#limit === undefined || rank > this.#cut || this.#isLucky(rank, caller)) {
      this.#admitted++;
      return true;
    }
    this.#shed++;
    return false;
  }

  /** An admitted request has ended. */
  ended(): void {
    this.#completed++;
  }

  #isLucky(rank: number, caller: () => string): boolean {
    if (rank < this.#cut) return false;
    const key = caller();
    this.#fair.count(key);
    const chance = this.#fair.chance(key);
    // A caller that asks for little is served also at the end of a long turn.
    return chance >= 1 || (this.#turnMs() <= this.#delayMs && this.#random() < chance);
  }

  #judge(now: number, from: number): void {
    const load = this.#load();
    if (load === undefined) return;
    const windowMs = now - from;
    const excess = Math.max(load.delayMs / this.#delayMs, load.occupancy / OCCUPIED);
    const isQueue = load.occupancy > OCCUPIED || this.#offered >= MIN_PER_TURN * load.turns;
    if (excess > 1 && isQueue) this.#shrink(excess, windowMs);
    else if (this.#limit !== undefined) this.#grow(this.#limit, windowMs);
    if (this.#limit !== undefined) this.#divide(this.#limit, windowMs);
    this.#from = now;
    this.#offered = this.#admitted = this.#completed = 0;
    this.#arrivals.fill(0);
  }

  #shrink(excess: number, windowMs: number): void {
    this.#calm = 0;
    const proven = this.#completed / windowMs;
    this.#capacity = this.#limit === undefined ? proven : this.#capacity * (1 - SMOOTHING) + proven * SMOOTHING;
    const cut = Math.min(LEAST_CUT, Math.max(MOST_CUT, 1 / Math.sqrt(excess)));
    const floor = proven * (excess > LONG_QUEUE ? PROVEN_WITH_QUEUE : PROVEN);
    const next = this.#limit === undefined ? proven * FIRST_CUT : Math.max(this.#limit * cut, floor);
    this.#limit = Math.max(LEAST_RATE, next);
  }

  #grow(limit: number, windowMs: number): void {
    this.#calm = this.#admitted < this.#offered ? 0 : this.#calm + 1;
    if (this.#calm >= CALM_WINDOWS) return this.#stop();
    if (this.#calm > 0) return;
    const next = Math.max(limit * GROWTH, Math.min(limit * REGROWTH, this.#capacity * PROVEN));
    // A limit that is not reached says nothing about the process, so it does not run away.
    this.#limit = Math.min(next, Math.max(limit, (this.#admitted / windowMs) * UNREACHED));
  }

  #stop(): void {
    this.#limit = undefined;
    this.#calm = 0;
    this.#cut = -1;
    this.#rates.fill(0);
    this.#fair.clear(1);
  }

  #divide(limit: number, windowMs: number): void {
    const isFirst = this.#cut === -1 && this.#calm === 0;
    let left = limit;
    let cut = -1;
    let share = 1;
    for (let rank = RANKS - 1; rank >= 0; rank--) {
      const now = (this.#arrivals[rank] ?? 0) / windowMs;
      const rate = isFirst ? now : (this.#rates[rank] ?? 0) * (1 - SMOOTHING) + now * SMOOTHING;
      this.#rates[rank] = rate;
      if (cut === -1 && rate > left) {
        cut = rank;
        share = left / rate;
      }
      left -= rate;
    }
    if (cut === this.#cut) this.#fair.roll(share);
    else this.#fair.clear(share);
    this.#cut = cut;
  }
}

/**
 * The place of a request: first the priority of its route, then the tier of its caller.
 * @param tier 0 to 7, higher first
 * @returns 0 to 23, higher first
 */
export const requestRank = (priority: RequestPriority, tier: number): number =>
  weights[priority] * TIERS + Math.min(TIERS - 1, Math.max(0, tier));
