import {
  AdaptiveLimit,
  Bulkhead,
  CircuitBreaker,
  HedgeDelay,
  rankOf,
  RetryBackoff,
  RetryBudget,
  type Permit,
} from '@frontage/breaker';
import type { Service } from './service.js';
import type { VirtualTime } from './virtual-time.js';

/** The policies of each call. What is left out is off. */
export interface Policies {
  readonly attempts?: number;
  /** Off: attempts are bounded by nothing but their number, as in most HTTP clients. */
  readonly budget?: boolean;
  readonly breaker?: boolean;
  /** Calls at once of one gateway to one service. */
  readonly concurrency?: number | 'adaptive';
  readonly hedge?: boolean;
}

const rank = rankOf('required', 0);

/** The calls of one gateway to one service, through the mechanisms of `libs/breaker` in the order of the call stack. */
export class Upstream {
  /** Calls of pages, each counted once. */
  needed = 0;
  readonly #time: VirtualTime;
  readonly #service: Service;
  readonly #attempts: number;
  readonly #budget: RetryBudget | undefined;
  readonly #backoff = new RetryBackoff();
  readonly #breaker: CircuitBreaker | undefined;
  readonly #adaptive: AdaptiveLimit | undefined;
  readonly #bulkhead: Bulkhead | undefined;
  readonly #hedge: HedgeDelay | undefined;

  constructor(time: VirtualTime, service: Service, { attempts = 1, budget, breaker, concurrency, hedge }: Policies) {
    this.#time = time;
    this.#service = service;
    this.#attempts = attempts;
    this.#budget = budget === true || hedge === true ? new RetryBudget({}, time) : undefined;
    this.#breaker = breaker === true ? new CircuitBreaker('service', {}, time) : undefined;
    this.#adaptive = concurrency === 'adaptive' ? new AdaptiveLimit() : undefined;
    const limit = this.#adaptive?.limit ?? (typeof concurrency === 'number' ? concurrency : undefined);
    this.#bulkhead = limit === undefined ? undefined : new Bulkhead({ maxConcurrent: limit }, time);
    this.#hedge = hedge === true ? new HedgeDelay() : undefined;
  }

  call(deadlineAt: number, done: (isGood: boolean) => void): void {
    this.needed++;
    this.#budget?.recordCall();
    this.#attempt(1, deadlineAt, (isGood) => {
      this.#budget?.endCall();
      done(isGood);
    });
  }

  #attempt(number: number, deadlineAt: number, done: (isGood: boolean) => void): void {
    const permit = this.#breaker?.tryAcquire();
    if (this.#breaker !== undefined && permit === undefined) return done(false);
    this.#withPermit(deadlineAt, (isAdmitted) => {
      if (!isAdmitted) {
        permit?.release();
        return done(false);
      }
      this.#send(deadlineAt, permit, (isGood) => {
        if (isGood || number >= this.#attempts || this.#budget?.tryRetry() === false) return done(isGood);
        this.#time.setTimer(() => {
          this.#attempt(number + 1, deadlineAt, (result) => {
            this.#budget?.endRetry();
            done(result);
          });
        }, this.#backoff.delayMs(number));
      });
    });
  }

  /** Waits for a place of the bulkhead, until the deadline at most. */
  #withPermit(deadlineAt: number, go: (isAdmitted: boolean) => void): void {
    const bulkhead = this.#bulkhead;
    if (bulkhead === undefined || bulkhead.tryAcquire()) return go(true);
    const late = this.#time.setTimer(() => {
      if (waiting?.cancel() === true) go(false);
    }, deadlineAt - this.#time.now());
    const end = (isAdmitted: boolean): void => {
      this.#time.clearTimer(late);
      go(isAdmitted);
    };
    const waiting = bulkhead.enqueue({ rank, caller: '', onReady: () => end(true), onShed: () => end(false) });
    if (waiting === undefined) end(false);
  }

  #send(deadlineAt: number, permit: Permit | undefined, done: (isGood: boolean) => void): void {
    const from = this.#time.now();
    let open = 1;
    let hasEnded = false;
    const end = (result: 'good' | 'error' | 'late'): void => {
      if (hasEnded) return;
      if (result === 'error' && --open > 0) return;
      hasEnded = true;
      this.#time.clearTimer(late);
      if (hedge !== undefined) this.#time.clearTimer(hedge);
      this.#leave(from, result);
      if (result === 'good') {
        permit?.succeed();
        this.#hedge?.record(this.#time.now(), this.#time.now() - from);
      } else permit?.fail();
      done(result === 'good');
    };
    const late = this.#time.setTimer(() => end('late'), deadlineAt - from);
    const hedgeMs = this.#hedge?.delayMs(from);
    const hedge =
      hedgeMs === undefined
        ? undefined
        : this.#time.setTimer(() => {
            if ((this.#breaker !== undefined && this.#breaker.state !== 'closed') || this.#budget?.tryRetry() !== true)
              return;
            open++;
            this.#service.submit((reply) => {
              this.#budget?.endRetry();
              end(reply === 'good' ? 'good' : 'error');
            });
          }, hedgeMs);
    this.#service.submit((reply) => end(reply === 'good' ? 'good' : 'error'));
  }

  #leave(from: number, result: 'good' | 'error' | 'late'): void {
    const now = this.#time.now();
    const bulkhead = this.#bulkhead;
    if (bulkhead === undefined) return;
    const isJudged = this.#adaptive?.record(now, now - from, bulkhead.active, result !== 'good');
    bulkhead.release();
    if (isJudged === true && this.#adaptive !== undefined) bulkhead.resize(this.#adaptive.limit);
  }
}
