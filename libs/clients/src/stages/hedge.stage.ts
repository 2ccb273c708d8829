import type { Bulkhead, Circuit, HedgeDelay, RetryBudget } from '@frontage/breaker';
import { channels, type CallHedged, type Clock, type Outcome } from '@frontage/core';
import type { DeadlineWatch, Watched } from '../request/deadline-watch.js';
import type { Next, Stage, UpstreamRequest } from '../request/upstream-request.js';

export interface HedgePolicy {
  readonly delay: HedgeDelay;
  /** Shared by all operations of the upstream: the cap on the additional load. */
  readonly budget: RetryBudget;
  /** That of the retries, where there are any: a hedge is one more attempt. */
  readonly retryBudget: RetryBudget | undefined;
  /** Starts hedges at their time, all with one timer. */
  readonly watch: DeadlineWatch;
  /** Of the upstream as a whole: it asked for less load until then. */
  readonly pushback: Pushback;
}

/** Monotonic milliseconds until which an upstream wants no additional load. */
export interface Pushback {
  until: number;
}

/** The circuit and the permits that the additional load of a hedge would fall on. */
export interface HedgeGuards {
  readonly circuit: Circuit | undefined;
  readonly places: Bulkhead | undefined;
}

/** The time for which an upstream is left alone that asked for less load without saying for how long, in milliseconds. */
const PUSHBACK_MS = 1_000;

/**
 * Sends a slow read a second time, and takes the first good response of the two (RELIABILITY F15). The other attempt is aborted. Only where
 * the first one is on the wire, the circuit is closed, a permit is free, the upstream has not asked for less load, and both budgets allow.
 */
export function hedge(policy: HedgePolicy, guards: HedgeGuards, clock: Clock): Stage {
  return (next) => {
    const remember = (outcome: Outcome<unknown>, now: number): void => {
      if (!outcome.ok && isPushback(outcome.upstreamStatus, outcome.retryAfterMs))
        policy.pushback.until = Math.max(policy.pushback.until, now + (outcome.retryAfterMs ?? PUSHBACK_MS));
    };
    const learn = (outcome: Outcome<unknown>, startedAt: number): void => {
      const now = clock.now();
      if (outcome.ok) policy.delay.record(now, now - startedAt);
      else remember(outcome, now);
    };
    const hedging: Hedging = { policy, guards, next, remember, clock };
    return (request) => {
      // A download is handed on while it arrives; a second attempt of a retry is one already.
      if (request.idleTimeoutMs !== undefined || request.attempt > 0) return next(request);
      const startedAt = clock.now();
      const delayMs = policy.delay.delayMs(startedAt);
      policy.budget.recordCall();
      const work =
        delayMs === undefined || startedAt + delayMs >= request.deadlineAt || !request.isReplayable
          ? next(request)
          : new HedgedCall(hedging, request, startedAt + delayMs).run(startedAt);
      return work.then(
        (outcome) => {
          policy.budget.endCall();
          learn(outcome, startedAt);
          return outcome;
        },
        (bug: unknown) => {
          policy.budget.endCall();
          throw bug;
        },
      );
    };
  };
}

interface Hedging {
  readonly policy: HedgePolicy;
  readonly guards: HedgeGuards;
  readonly next: Next;
  readonly clock: Clock;
  remember(outcome: Outcome<unknown>, now: number): void;
}

/** One call and its hedge, once that is sent. The hedge is a request of its own, stopped by everything that stops the call. */
class HedgedCall implements Watched {
  /** When the hedge is sent, in monotonic milliseconds. */
  readonly deadlineAt: number;
  before: Watched | undefined = undefined;
  after: Watched | undefined = undefined;
  readonly #hedging: Hedging;
  readonly #first: UpstreamRequest;
  readonly #settled = Promise.withResolvers<Outcome<unknown>>();
  #isWatched = true;
  #isOver = false;
  #second: UpstreamRequest | undefined = undefined;
  #firstOutcome: Outcome<unknown> | undefined = undefined;
  #secondFailed = false;

  constructor(hedging: Hedging, first: UpstreamRequest, sendAt: number) {
    this.#hedging = hedging;
    this.#first = first;
    this.deadlineAt = sendAt;
  }

  run(now: number): Promise<Outcome<unknown>> {
    const { next, policy } = this.#hedging;
    policy.watch.add(this, now);
    next(this.#first).then(
      (outcome) => this.#firstEnded(outcome),
      (bug: unknown) => this.#broke(bug),
    );
    return this.#settled.promise;
  }

  /** It is time for the hedge. */
  expire(): void {
    this.#unwatch();
    const { policy, next } = this.#hedging;
    if (!this.#isWorthIt()) return;
    this.#second = this.#first.fork();
    next(this.#second)
      .then(
        (outcome) => this.#secondEnded(outcome),
        (bug: unknown) => this.#broke(bug),
      )
      .finally(() => {
        policy.budget.endRetry();
        policy.retryBudget?.endRetry();
      });
  }

  #isWorthIt(): boolean {
    const { policy, guards, clock } = this.#hedging;
    const { circuit, places } = guards;
    // A call that waits for a permit or a connection would only wait a second time.
    if (this.#isOver || !this.#first.sent || this.#first.stopReason !== undefined) return false;
    if (circuit !== undefined && circuit.state !== 'closed') return false;
    if (places !== undefined && !places.hasFree) return false;
    if (clock.now() < policy.pushback.until) return false;
    if (!policy.budget.tryRetry()) return false;
    if (policy.retryBudget === undefined || policy.retryBudget.tryRetry()) return true;
    policy.budget.giveBack();
    return false;
  }

  #firstEnded(outcome: Outcome<unknown>): void {
    this.#unwatch();
    if (this.#isOver) return;
    this.#firstOutcome = outcome;
    const isUnderWay = this.#second !== undefined && !this.#secondFailed;
    // An error waits for the other response. A call that was stopped has stopped the other one too.
    if (isUnderWay && !isDecisive(outcome) && this.#first.stopReason === undefined) {
      this.#hedging.remember(outcome, this.#hedging.clock.now());
      return;
    }
    this.#settle(outcome, 'lost');
  }

  #secondEnded(outcome: Outcome<unknown>): void {
    if (this.#isOver) return;
    if (isDecisive(outcome)) {
      this.#first.head = this.#second?.head;
      this.#settle(outcome, 'won');
      return;
    }
    this.#secondFailed = true;
    this.#hedging.remember(outcome, this.#hedging.clock.now());
    // Both failed: the first failure is the one of the call.
    if (this.#firstOutcome !== undefined) this.#settle(this.#firstOutcome, 'lost');
  }

  #settle(outcome: Outcome<unknown>, result: CallHedged['result']): void {
    this.#end();
    const { operation } = this.#first;
    if (this.#second !== undefined && channels.callHedged.hasSubscribers)
      channels.callHedged.publish({ upstream: operation.upstream, operation: operation.info.id, result } satisfies CallHedged); // prettier-ignore
    this.#settled.resolve(outcome);
  }

  #broke(bug: unknown): void {
    this.#end();
    this.#settled.reject(bug);
  }

  /** Aborts the attempt that lost, if it still runs. */
  #end(): void {
    this.#isOver = true;
    this.#unwatch();
    this.#first.join();
    if (this.#second === undefined) return;
    this.#second.stop('hedge_lost');
    if (this.#firstOutcome === undefined) this.#first.stop('hedge_lost');
  }

  #unwatch(): void {
    if (this.#isWatched) this.#hedging.policy.watch.remove(this);
    this.#isWatched = false;
  }
}

/** A success, or an error that says what is the matter with the request. Another attempt would get the same. */
function isDecisive(outcome: Outcome<unknown>): boolean {
  if (outcome.ok) return true;
  const { status, upstreamStatus = 0 } = outcome;
  return status !== 'bad_payload' && upstreamStatus >= 400 && upstreamStatus < 500 && !isTransient.has(upstreamStatus);
}

const isTransient: ReadonlySet<number> = new Set([408, 425, 429]);

/** The upstream asks for less load (RFC 6585 section 4, RFC 9110 sections 10.2.3 and 15.6.4). */
const isPushback = (status: number | undefined, retryAfterMs: number | undefined): boolean =>
  status === 429 || status === 503 || retryAfterMs !== undefined;
