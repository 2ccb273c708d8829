import { problemOf, type Clock, type Timer } from '@frontage/core';
import type { Exchange } from './exchange.js';
import { writeProblem } from './responder.js';

/** A screen ends by itself within its deadline; this much later a request is ended from outside. In milliseconds. */
const graceMs = 250;

/** It does not look more often than this, in milliseconds. */
const leastPauseMs = 250;

/**
 * Ends requests whose handler does not: a screen keeps its own deadline, but a hand-written handler, a pipe or a decorator may wait for
 * ever. One timer for all requests, set to the first deadline that may pass. Streams and routes that Frontage does not know are left alone,
 * and so is a body that still arrives: `limits.requestTimeout` bounds that one.
 */
export class ExchangeDeadlines {
  readonly #clock: Clock;
  readonly #defaultMs: number;
  /**
   * The watched exchanges, linked by themselves: a Set makes a new table every few dozen requests, and each table that has grown old holds
   * the next one and its requests, until the next full collection.
   */
  #first: Exchange | undefined;
  #size = 0;
  #timer: Timer;
  /** The time at which the timer looks; infinite while there is none. */
  #looksAt = Infinity;

  /** @param defaultMs the longest that any request may take */
  constructor(clock: Clock, defaultMs: number) {
    this.#clock = clock;
    this.#defaultMs = defaultMs;
  }

  get size(): number {
    return this.#size;
  }

  add(exchange: Exchange): void {
    if (mayStayOpen(exchange)) return;
    const first = this.#first;
    exchange.watchedAfter = first;
    if (first !== undefined) first.watchedBefore = exchange;
    this.#first = exchange;
    exchange.isWatched = true;
    this.#size++;
    const dueAt = this.#dueAt(exchange);
    if (dueAt < this.#looksAt) this.#lookAt(dueAt);
  }

  remove(exchange: Exchange): void {
    if (!exchange.isWatched) return;
    const { watchedBefore: before, watchedAfter: after } = exchange;
    if (after !== undefined) after.watchedBefore = before;
    if (before !== undefined) before.watchedAfter = after;
    else this.#first = after;
    exchange.watchedBefore = exchange.watchedAfter = undefined;
    exchange.isWatched = false;
    this.#size--;
  }

  stop(): void {
    this.#disarm();
    while (this.#first !== undefined) this.remove(this.#first);
  }

  #lookAt(time: number): void {
    this.#disarm();
    this.#looksAt = time;
    this.#timer = this.#clock.setTimer(this.#look, Math.max(leastPauseMs, time - this.#clock.now()));
  }

  #disarm(): void {
    if (this.#looksAt !== Infinity) this.#clock.clearTimer(this.#timer);
    this.#looksAt = Infinity;
  }

  readonly #look = (): void => {
    this.#looksAt = Infinity;
    const now = this.#clock.now();
    let next = Infinity;
    const expired: Exchange[] = [];
    for (let exchange = this.#first; exchange !== undefined; exchange = exchange.watchedAfter) {
      if (exchange.request.complete && now >= this.#dueAt(exchange)) expired.push(exchange);
      else next = Math.min(next, Math.max(this.#dueAt(exchange), now + leastPauseMs));
    }
    for (const exchange of expired) this.#expire(exchange);
    if (next !== Infinity) this.#lookAt(next);
  };

  /** Before the deadline stage has run, from what the route may take. */
  #dueAt({ context, bound }: Exchange): number {
    if (Number.isFinite(context.deadlineAt)) return context.deadlineAt + graceMs;
    return context.startedAt + Math.min(this.#defaultMs, bound.route.deadlineMs ?? Infinity) + graceMs;
  }

  #expire(exchange: Exchange): void {
    this.remove(exchange);
    // Under way: how long it takes to send is bounded by `limits.sendTimeout`.
    if (exchange.response.headersSent) return;
    exchange.context.cancellation.cancel('deadline');
    writeProblem(exchange, problemOf('GW_DEADLINE_EXCEEDED'));
  }
}

const mayStayOpen = ({ bound: { route } }: Exchange): boolean => route.kind === 'foreign' || route.isStream;
