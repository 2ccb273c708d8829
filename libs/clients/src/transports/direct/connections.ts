import type { Clock, Names } from '@frontage/core';
import type { ClientTls } from '../../credentials/client-tls.js';
import { Connection, type ConnectionOwner, type DirectExchange } from './connection.js';
import { FollowedName } from '../followed-name.js';
import type { ConnectionReport } from '../transport.js';
import { afterTargetOf } from './request-head.js';
import { openerOf, type OpenSocket } from './open-socket.js';
import { WaitingCalls } from './waiting-calls.js';

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
 * The most connections that are being opened at once. A server holds only so many that it has not accepted yet (511 of Node by default), and drops the
 * others without a word: they would be tried again after a second (RFC 6298 section 2.1), which is longer than most calls wait.
 */
const maxOpening = 64;

/**
 * The connections to one address, and who waits for one. Requests are written in the check phase of the event loop, all of one turn together:
 * all data of a kept connection (its end, or unrequested bytes) has been read by then, so that it never meets the
 * request of another caller. A connection rests for a whole turn after its response, because the bytes behind a response may be read one turn
 * later, and the one that has waited longest is taken first: a late byte had the most time to arrive on it (RELIABILITY F36). None is taken
 * after its keep-alive time; those that are not needed are closed within a second of it.
 *
 * A call that finds no connection has one opened, and takes the first that is there: a new one, or one that has become free in the meantime.
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
  readonly #waiting: WaitingCalls;
  /** All of them, also those that are being opened. */
  #open = 0;
  #opening = 0;
  #scheduled = false;
  #sweep: NodeJS.Timeout | undefined = undefined;
  #closing: PromiseWithResolvers<void> | undefined = undefined;

  constructor(url: URL, options: ConnectionsOptions) {
    this.afterTarget = afterTargetOf(url.host);
    this.clock = options.clock;
    this.connectTimeoutMs = options.connectTimeoutMs;
    this.#most = options.connections;
    this.#pipelining = options.pipelining;
    this.#waiting = new WaitingCalls(options.pipelining);
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

  opened(): DirectExchange[] {
    this.#opening--;
    const first = this.#waiting.shiftGroup();
    this.#waiting.letGo();
    // If many wait, others are opened only now.
    if (this.#waiting.length > 0) this.#schedule();
    return first;
  }

  notOpened(detail: string | undefined): void {
    this.#opening--;
    // Each connection that does not come about fails the call that would have had it.
    if (detail !== undefined) for (const exchange of this.#waiting.shiftGroup()) exchange.fail(detail, false);
    this.#waiting.letGo();
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
    const waiting = Math.max(0, this.#waiting.length - this.#opening);
    return { address, active: this.#open - idle, idle, waiting };
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
    if (this.#waiting.length > 0) this.#schedule();
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
    for (let exchange = waiting.first(); exchange !== undefined; exchange = waiting.first()) {
      const connection = this.#takeIdle(now);
      if (connection === undefined) break;
      if (this.#pipelining === 1) {
        waiting.shift();
        connection.send(exchange);
      } else connection.sendTogether(waiting.shiftGroup());
    }
    waiting.letGo();
    if (waiting.length === 0) this.#changed();
    else this.#openMissing();
  };

  /** One for each call that waits, but for those that will find one: some rest, and are free in a moment, and some are being opened. */
  #openMissing(): void {
    const room = Math.min(this.#most - this.#open, maxOpening - this.#opening);
    if (room <= 0) return;
    const coming = this.#rested.length + this.#resting.length + this.#opening;
    const missing = this.#waiting.needed(coming + room) - coming;
    for (let opened = 0; opened < missing; opened++) {
      this.#open++;
      this.#opening++;
      void new Connection(this);
    }
  }

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
}
