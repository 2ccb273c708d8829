import { requireAtLeast, requireRatio, systemClock, type Clock } from '@frontage/core';
import { backOffMs } from './back-off.js';

export interface RetryBudgetOptions {
  /** Retries per call, over all calls to the upstream; above 0, at most 1. @default 0.1 */
  readonly ratio?: number;
  /** Most retries that are saved up while calls succeed; at least 1. @default 20 */
  readonly maxSaved?: number;
  /** Calls to an upstream with little traffic may retry once in this many milliseconds in any case. `Infinity`: they may not. @default 1_000 */
  readonly floorEveryMs?: number;
  /**
   * Retries under way as a share of the calls under way, above 0, at most 1; three are permitted in any case. The tokens that were saved up cannot
   * be spent at one moment (Envoy's retry budget: 20 %, at least 3). @default 0.2
   */
  readonly inFlightRatio?: number;
}

/** Retries that may be under way however few calls are. */
const MIN_IN_FLIGHT = 3;

/**
 * Bounds the retries to an upstream that fails already. Each call adds `ratio` of a token to a bucket, and each retry or hedge takes one. If all
 * calls fail, the upstream gets at most `1 + ratio` times the calls. An empty bucket has one token again after `floorEveryMs`. Beside the bucket,
 * the retries that are under way at once are bounded.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #maxSaved: number;
  readonly #floorEveryMs: number;
  readonly #clock: Clock;
  readonly #inFlightRatio: number;
  #tokens = 1;
  #refilledAt: number;
  #calls = 0;
  #retries = 0;

  /** @throws RangeError for an option outside its range */
  constructor(options: RetryBudgetOptions = {}, clock: Clock = systemClock) {
    this.#ratio = options.ratio ?? 0.1;
    this.#maxSaved = options.maxSaved ?? 20;
    this.#floorEveryMs = options.floorEveryMs ?? 1_000;
    requireRatio('ratio', this.#ratio);
    requireAtLeast('maxSaved', this.#maxSaved, 1);
    this.#inFlightRatio = options.inFlightRatio ?? 0.2;
    requireAtLeast('floorEveryMs', this.#floorEveryMs, 1);
    requireRatio('inFlightRatio', this.#inFlightRatio);
    this.#clock = clock;
    this.#refilledAt = clock.now();
  }

  /** Tells whether there is a token for a retry now. */
  get hasTokens(): boolean {
    return this.#tokens >= 1 || this.#clock.now() - this.#refilledAt >= this.#floorEveryMs;
  }

  /** Retries that are under way or wait for their turn. */
  get retriesInFlight(): number {
    return this.#retries;
  }

  /** Call once for every first attempt, and {@link endCall} when the call has ended with all its attempts. */
  recordCall(): void {
    this.#tokens = Math.min(this.#maxSaved, this.#tokens + this.#ratio);
    this.#calls++;
  }

  endCall(): void {
    this.#calls--;
  }

  /**
   * Takes a token for a retry or a hedge; `false` without one, or with too many of them under way: then do not retry. Call {@link endRetry} when
   * it has ended.
   */
  tryRetry(): boolean {
    if (this.#retries >= Math.max(MIN_IN_FLIGHT, this.#calls * this.#inFlightRatio)) return false;
    const now = this.#clock.now();
    if (this.#tokens < 1) {
      if (now - this.#refilledAt < this.#floorEveryMs) return false;
      this.#tokens = 1;
    }
    this.#refilledAt = now;
    this.#tokens -= 1;
    this.#retries++;
    return true;
  }

  endRetry(): void {
    this.#retries--;
  }

  /** Takes back a retry that was granted and not sent. */
  giveBack(): void {
    this.#tokens = Math.min(this.#maxSaved, this.#tokens + 1);
    this.#retries--;
  }
}

export interface RetryBackoffOptions {
  /** Upper end of the first wait, in milliseconds; doubles with each retry. @default 25 */
  readonly initialMs?: number;
  /** Upper end of any wait, in milliseconds. @default 250 */
  readonly maxMs?: number;
}

/** The wait before a retry, with full jitter, so that calls that failed together are not retried together. */
export class RetryBackoff {
  readonly #initialMs: number;
  readonly #maxMs: number;

  /** @throws RangeError for an option outside its range */
  constructor(options: RetryBackoffOptions = {}) {
    this.#initialMs = options.initialMs ?? 25;
    requireAtLeast('initialMs', this.#initialMs, 1);
    this.#maxMs = Math.max(this.#initialMs, options.maxMs ?? 250);
  }

  /** @param retry 1 for the first retry. @returns whole milliseconds from 0 to below min(maxMs, initialMs * 2^(retry - 1)) */
  delayMs(retry: number): number {
    return Math.floor(Math.random() * backOffMs(retry - 1, this.#initialMs, this.#maxMs));
  }
}
