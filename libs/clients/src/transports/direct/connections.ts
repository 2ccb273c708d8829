import type { Clock, Names } from '@frontage/core';
import type { ClientTls } from '../../credentials/client-tls.js';
import { Connection, type ConnectionOwner, type DirectExchange } from './connection.js';
import { FollowedName } from '../followed-name.js';
import type { ConnectionReport } from '../transport.js';
import { afterTargetOf } from './request-head.js';
import { openerOf, type OpenSocket } from './open-socket.js';

interface ConnectionsOptions {
  readonly clock: Clock;
  readonly names: Names | undefined;
  readonly connectTimeoutMs: number;
  /** The most that are open at once; at least 1. */
  readonly connections: number;
  /** The number of requests of one group that travel together; 1: each one alone. */
  readonly pipelining: number;
  readonly tls: ClientTls | undefined;
  /** Hears of bytes that no request had asked for. */
  readonly onUnaskedBytes: () => void;
}

/** The time between two looks at idle connections. */
const sweepMs = 1_000;

/**
 * The connections to one address, and who waits for one. Requests are written in the check phase of the event loop, all of one turn together:
 * all data of a kept connection (its end, or unrequested bytes) has been read by then, so that it never meets the
 * request of another caller. A connection rests for a whole turn after its response, because the bytes behind a response may be read one turn
 * later, and the one that has waited longest is taken first: a late byte had the most time to arrive on it (RELIABILITY F36). None is taken
 * after its keep-alive time; those that are not needed are closed within a second of it.
 */
export class Connections implements ConnectionOwner {
  readonly afterTarget: string;
  readonly clock: Clock;
  readonly connectTimeoutMs: number;
  readonly open: OpenSocket;
  readonly #name: FollowedName;
  readonly #tls: ClientTls | undefined;
  readonly #most: number;
  readonly #pipelining: number;
  readonly #onUnaskedBytes: () => void;
  /** May be taken, the one that has waited longest first. */
  #idle: Connection[] = [];
  /** Were released before the last check phase, and since. */
  #rested: Connection[] = [];
  #resting: Connection[] = [];
  #isResting = false;
  /** Those before `#first` have been taken: nothing holds them. */
  #waiting: (DirectExchange | undefined)[] = [];
  /** The index of the first waiting call in `#waiting`. */
  #first = 0;
  #open = 0;
  #scheduled = false;
  #sweep: NodeJS.Timeout | undefined = undefined;
  #closing: PromiseWithResolvers<void> | undefined = undefined;

  constructor(url: URL, options: ConnectionsOptions) {
    this.afterTarget = afterTargetOf(url.host);
    this.clock = options.clock;
    this.connectTimeoutMs = options.connectTimeoutMs;
    this.#most = options.connections;
    this.#pipelining = options.pipelining;
    this.open = openerOf(url, options.names?.lookupWithin(options.connectTimeoutMs), options.tls);
    this.#tls = options.tls;
    options.tls?.onChange(() => this.#retire());
    this.#name = new FollowedName(
      options.names,
      url.hostname,
      () => this.#open > 0,
      () => this.#retire(),
    );
    this.#onUnaskedBytes = options.onUnaskedBytes;
  }

  enqueue(exchange: DirectExchange): void {
    if (this.#closing !== undefined) {
      exchange.fail('the connections are closed', false);
      return;
    }
    this.requeue(exchange);
  }

  /** Running requests end normally, also while it is closing. */
  requeue(exchange: DirectExchange): void {
    this.#waiting.push(exchange);
    this.#schedule();
  }

  release(connection: Connection): void {
    this.#resting.push(connection);
    // A timer for each of them would cost more than all else that is done here.
    this.#sweep ??= setTimeout(this.#closeExpired, sweepMs).unref();
    if (this.#isResting) return;
    this.#isResting = true;
    setImmediate(this.#rest);
  }

  forget(connection: Connection): void {
    this.#open--;
    const isOther = (other: Connection): boolean => other !== connection;
    this.#idle = this.#idle.filter(isOther);
    this.#rested = this.#rested.filter(isOther);
    this.#resting = this.#resting.filter(isOther);
    this.#changed();
  }

  keeps(connection: Connection): boolean {
    return this.#name.keeps(connection.remoteAddress) && connection.tlsVersion === this.tlsVersion;
  }

  get tlsVersion(): number {
    return this.#tls?.version ?? 0;
  }

  /** A peer that mixes up one connection may mix up others: idle ones are closed, and running requests end normally. */
  distrust(): void {
    for (const connection of this.#free()) connection.destroy();
    this.#onUnaskedBytes();
  }

  report(address: string): ConnectionReport {
    const idle = this.#free().length;
    return { address, active: this.#open - idle, idle, waiting: this.#waiting.length - this.#first };
  }

  /** Lets those that wait or are under way end first. */
  close(): Promise<void> {
    this.#name.end();
    clearTimeout(this.#sweep);
    this.#closing ??= Promise.withResolvers();
    this.#changed();
    return this.#closing.promise;
  }

  /** Those that carry something are closed when they have carried it. */
  #retire(): void {
    for (const connection of this.#free().filter((each) => !this.keeps(each))) connection.destroy();
  }

  #changed(): void {
    if (this.#first < this.#waiting.length) this.#schedule();
    else if (this.#closing !== undefined) this.#closeIdle(this.#closing);
  }

  #closeIdle(closing: PromiseWithResolvers<void>): void {
    // Each one that is closed comes back here through `forget`.
    const connection = this.#idle[0] ?? this.#rested[0] ?? this.#resting[0];
    if (connection !== undefined) connection.destroy();
    else if (this.#open === 0) closing.resolve();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#flush);
  }

  #free(): readonly Connection[] {
    return [...this.#idle, ...this.#rested, ...this.#resting];
  }

  readonly #rest = (): void => {
    for (const connection of this.#rested) this.#idle.push(connection);
    const now = this.clock.now();
    for (const connection of this.#resting) connection.idleUntil = now + connection.keepAliveMs;
    this.#rested = this.#resting;
    this.#resting = [];
    this.#isResting = this.#rested.length > 0;
    if (this.#isResting) setImmediate(this.#rest);
    this.#flush();
  };

  readonly #flush = (): void => {
    this.#scheduled = false;
    const waiting = this.#waiting;
    const now = this.clock.now();
    const from = this.#first;
    for (; this.#first < waiting.length; this.#first++) {
      const exchange = waiting[this.#first];
      // It was stopped while it waited.
      if (exchange === undefined || exchange.settled) continue;
      const connection = this.#takeIdle(now);
      if (connection !== undefined) {
        if (this.#pipelining === 1) connection.send(exchange);
        else connection.sendTogether(this.#together(exchange));
      }
      // Those that rest are free in a moment.
      else if (waiting.length - this.#first <= this.#rested.length + this.#resting.length) break;
      else if (this.#open < this.#most) {
        this.#open++;
        new Connection(this).openFor(this.#together(exchange));
      } else break;
    }
    // Under load hundreds of calls wait, and as many that have ended would live on in front of them.
    waiting.fill(undefined, from, this.#first);
    if (this.#first * 2 >= waiting.length) {
      this.#waiting = waiting.slice(this.#first);
      this.#first = 0;
    }
    if (this.#waiting.length === 0) this.#changed();
  };

  #takeIdle(now: number): Connection | undefined {
    for (let connection = this.#idle.shift(); connection !== undefined; connection = this.#idle.shift()) {
      if (now < connection.idleUntil) return connection;
      connection.destroy();
    }
    return undefined;
  }

  readonly #closeExpired = (): void => {
    const now = this.clock.now();
    for (const connection of [...this.#idle, ...this.#rested]) if (now >= connection.idleUntil) connection.destroy();
    this.#sweep = this.#free().length > 0 ? setTimeout(this.#closeExpired, sweepMs).unref() : undefined;
  };

  /** Takes those that stand right behind the first and may travel with it. */
  #together(first: DirectExchange): DirectExchange[] {
    const together = [first];
    if (this.#pipelining === 1) return together;
    const { group } = first;
    if (group === undefined) return together;
    while (together.length < this.#pipelining) {
      const next = this.#waiting[this.#first + 1];
      if (next === undefined || next.group !== group) break;
      if (!next.settled) together.push(next);
      this.#first++;
    }
    return together;
  }
}
