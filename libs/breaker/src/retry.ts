import { requireAtLeast, requireRatio, systemClock, type Clock } from '@frontage/core';
import { backOffMs } from './back-off.js';

export interface RetryBudgetOptions {
  /** Retries per call, over all calls to the upstream; above 0, at most 1. @default 0.1 */
  readonly ratio?: number;
  /** Most retries that are saved up while calls succeed; at least 1. @default 20 */
  readonly maxSaved?: number;
  /** Calls to an upstream with little traffic may retry once in this many milliseconds in any case. @default 1_000 */
  readonly floorEveryMs?: number;
}

/**
 * Bounds the retries to an upstream that fails already. Each call adds `ratio` of a token to a bucket, and each retry or hedge takes one. If all
 * calls fail, the upstream gets at most `1 + ratio` times the calls. An empty bucket has one token again after `floorEveryMs`.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #maxSaved: number;
  readonly #floorEveryMs: number;
  readonly #clock: Clock;
  #tokens = 1;
  #refilledAt: number;

  /** @throws RangeError for an option outside its range */
  constructor(options: RetryBudgetOptions = {}, clock: Clock = systemClock) {
    this.#ratio = options.ratio ?? 0.1;
    this.#maxSaved = options.maxSaved ?? 20;
    this.#floorEveryMs = options.floorEveryMs ?? 1_000;
    requireRatio('ratio', this.#ratio);
    requireAtLeast('maxSaved', this.#maxSaved, 1);
    requireAtLeast('floorEveryMs', this.#floorEveryMs, 1);
    this.#clock = clock;
    this.#refilledAt = clock.now();
  }

  /** Tells whether a retry would be granted now. */
  get hasTokens(): boolean {
    return this.#tokens >= 1 || this.#clock.now() - this.#refilledAt >= this.#floorEveryMs;
  }

  /** Call once for every first attempt. */
  recordCall(): void {
    this.#tokens = Math.min(this.#maxSaved, this.#tokens + this.#ratio);
  }

  /** Takes a token for a retry or a hedge; `false` without one: then do not retry. */
  tryRetry(): boolean {
    const now = this.#clock.now();
    if (this.#tokens < 1) {
      if (now - this.#refilledAt < this.#floorEveryMs) return false;
      this.#tokens = 1;
    }
    this.#refilledAt = now;
    this.#tokens -= 1;
    return true;
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
