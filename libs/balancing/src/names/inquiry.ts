import type { Clock, Timer } from '@frontage/core';
import type { Answer, NameServer } from './name-server.js';

/** Most queries to each server. A single server gets more, because a packet may be lost. */
const rounds = 2;
const leastAttempts = 4;
/** Time without an answer after which the next server is asked too, in milliseconds; it doubles with each server. */
const firstPauseMs = 200;
const longestPauseMs = 1_000;

/**
 * One question to several name servers. If a server is silent, the next server is asked too, and the first answer counts. A server that fails is
 * not asked again.
 */
export class Inquiry<Found extends { readonly kind: string }> {
  readonly #ask: (server: NameServer) => Promise<Answer<Found>>;
  readonly #clock: Clock;
  readonly #left: NameServer[];
  readonly #result = Promise.withResolvers<Answer<Found>>();
  readonly #bound: Timer;
  #pauseMs = firstPauseMs;
  #next: Timer = undefined;
  #underWay = 0;
  #isSettled = false;
  #failure: Answer<never>;

  /**
   * @param ask never rejects
   * @param servers the servers that worked last come first
   */
  constructor(
    ask: (server: NameServer) => Promise<Answer<Found>>,
    servers: readonly NameServer[],
    timeoutMs: number,
    clock: Clock,
  ) {
    this.#ask = ask;
    this.#clock = clock;
    this.#left = Array.from(
      { length: Math.max(rounds, Math.ceil(leastAttempts / servers.length)) },
      () => servers,
    ).flat();
    this.#failure = { kind: 'failed', detail: `no answer within ${timeoutMs} ms`, isTimeout: true };
    this.#bound = clock.setTimer(() => this.#settle(this.#failure), timeoutMs);
    this.#askNext();
  }

  get answer(): Promise<Answer<Found>> {
    return this.#result.promise;
  }

  #askNext(): void {
    this.#clock.clearTimer(this.#next);
    const server = this.#left.shift();
    if (server === undefined) {
      if (this.#underWay === 0) this.#settle(this.#failure);
      return;
    }
    this.#underWay++;
    void this.#ask(server).then((answer) => this.#heard(server, answer));
    if (this.#left.length === 0) return;
    this.#next = this.#clock.setTimer(() => this.#askNext(), this.#pauseMs);
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
  }

  #heard(server: NameServer, answer: Answer<Found>): void {
    this.#underWay--;
    if (this.#isSettled) return;
    if (!hasFailed(answer)) {
      this.#settle(answer);
      return;
    }
    this.#failure = answer;
    if (!answer.isTimeout) {
      for (let at = this.#left.indexOf(server); at !== -1; at = this.#left.indexOf(server)) this.#left.splice(at, 1);
    }
    this.#askNext();
  }

  #settle(answer: Answer<Found>): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#clock.clearTimer(this.#bound);
    this.#clock.clearTimer(this.#next);
    this.#result.resolve(answer);
  }
}

const hasFailed = <Found extends { readonly kind: string }>(
  answer: Answer<Found>,
): answer is Extract<Answer<never>, { readonly kind: 'failed' }> => answer.kind === 'failed';
