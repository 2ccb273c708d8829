import type { Clock, Timer } from '@frontage/core';
import type { Exchange } from '../exchange.js';
import { writeProblem } from '../responder.js';

/** How often it looks, and how much later than its deadline a request may end by itself. In milliseconds. */
const everyMs = 250;

/**
 * Ends requests whose handler does not: a screen keeps its own deadline, but a hand-written handler, a pipe or a decorator may wait for
 * ever. One timer for all requests. Streams and routes that Frontage does not know are left alone, and so is a body that still arrives:
 * `limits.requestTimeout` bounds that one.
 */
export class DeadlineWatch {
  readonly #clock: Clock;
  readonly #defaultMs: number;
  readonly #open = new Set<Exchange>();
  #timer: Timer;
  #isArmed = false;

  /** @param defaultMs for a request that has not come to its deadline stage */
  constructor(clock: Clock, defaultMs: number) {
    this.#clock = clock;
    this.#defaultMs = defaultMs;
  }

  get size(): number {
    return this.#open.size;
  }

  add(exchange: Exchange): void {
    this.#open.add(exchange);
    if (!this.#isArmed) this.#arm();
  }

  remove(exchange: Exchange): void {
    this.#open.delete(exchange);
  }

  stop(): void {
    if (this.#isArmed) this.#clock.clearTimer(this.#timer);
    this.#isArmed = false;
    this.#open.clear();
  }

  #arm(): void {
    this.#isArmed = true;
    this.#timer = this.#clock.setTimer(this.#look, everyMs);
  }

  readonly #look = (): void => {
    this.#isArmed = false;
    const now = this.#clock.now();
    for (const exchange of this.#open) if (this.#isOverdue(exchange, now)) this.#expire(exchange);
    if (this.#open.size > 0) this.#arm();
  };

  #isOverdue({ context, bound, request }: Exchange, now: number): boolean {
    const { route } = bound;
    if (route.kind === 'foreign' || route.isStream || !request.complete) return false;
    const deadlineAt = Number.isFinite(context.deadlineAt) ? context.deadlineAt : context.startedAt + this.#defaultMs;
    return now >= deadlineAt + everyMs;
  }

  #expire(exchange: Exchange): void {
    this.#open.delete(exchange);
    // Under way: how long it takes to send is not ours.
    if (exchange.response.headersSent) return;
    exchange.context.cancellation.cancel('deadline');
    writeProblem(exchange, { status: 504, code: 'GW_DEADLINE_EXCEEDED' });
  }
}
