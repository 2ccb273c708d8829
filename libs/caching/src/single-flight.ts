import {
  Cancellation,
  fail,
  systemClock,
  type CacheUsed,
  type CancelReason,
  type Clock,
  type Failure,
  type Outcome,
  type Timer,
} from '@frontage/core';

/** A request that waits for a shared load, and its deadline. */
export interface Waiter {
  readonly cancellation: Cancellation;
  /** Monotonic milliseconds. */
  readonly deadlineAt: number;
  /** Told how the cache is used for it. */
  readonly noteUse?: ((result: CacheUsed['result'], at: number) => void) | undefined;
}

/**
 * Loads the value for all waiters. The load stops when `flight` is cancelled, after the last waiter has left. It ends at the latest at the
 * deadline of the waiter that started it.
 */
type FlightLoad = (flight: Cancellation) => Promise<Outcome<unknown>>;

interface Flight {
  readonly cancellation: Cancellation;
  readonly deadlineAt: number;
  readonly landing: Promise<Outcome<unknown>>;
  readonly isCurrent: () => boolean;
  waiting: number;
}

/** Timers of the machine may fire this much early, in milliseconds. */
const DEADLINE_SLACK_MS = 2;

/** Joins concurrent loads of one key. Each waiter keeps its own deadline and may leave alone. */
export class SingleFlight {
  readonly #flights = new Map<string, Flight>();
  readonly #clock: Clock;
  readonly #maxFlights: number;

  /** @param maxFlights loads under way that can be joined; beyond it each caller has a load of its own */
  constructor(clock: Clock = systemClock, maxFlights = 10_000) {
    this.#clock = clock;
    this.#maxFlights = maxFlights;
  }

  /** Loads under way. */
  get size(): number {
    return this.#flights.size;
  }

  /** True if a further load could not be joined. */
  get isFull(): boolean {
    return this.#flights.size >= this.#maxFlights;
  }

  /** Tells whether a load of `key` is under way. */
  has(key: string): boolean {
    return this.#flights.has(key);
  }

  /**
   * Joins the load of `key` that is under way, or starts it. A load whose value is outdated is waited for, and then another one is started: a
   * key has one load at a time. Rejects only if `load` rejects.
   * @param isCurrent asked of the load that this waiter starts: false once later waiters may not have its value
   */
  async run(
    key: string,
    waiter: Waiter,
    load: FlightLoad,
    isCurrent: () => boolean = always,
  ): Promise<Outcome<unknown>> {
    for (;;) {
      const known = this.#flights.get(key);
      if (known?.isCurrent() === false) {
        await this.#wait(key, known, waiter).catch(() => undefined);
        const { cancelled } = waiter.cancellation;
        if (cancelled || this.#clock.now() >= waiter.deadlineAt) return gaveUp(cancelled ? 'client_gone' : 'deadline');
        continue;
      }
      const flight = known ?? this.#start(key, waiter, load, isCurrent);
      const outcome = await this.#wait(key, flight, waiter);
      if (outcome.ok || outcome.status !== 'timeout' || waiter.cancellation.cancelled) return outcome;
      // The deadline of the starter has passed, and this waiter has more time, so it loads again. A timeout of the call itself is final.
      const ranOut = this.#clock.now() >= flight.deadlineAt - DEADLINE_SLACK_MS;
      if (!ranOut || waiter.deadlineAt <= flight.deadlineAt || this.#clock.now() >= waiter.deadlineAt) return outcome;
    }
  }

  #start(key: string, waiter: Waiter, load: FlightLoad, isCurrent: () => boolean): Flight {
    const cancellation = new Cancellation();
    const landing = load(cancellation).finally(() => this.#forget(key, cancellation));
    const flight: Flight = { cancellation, deadlineAt: waiter.deadlineAt, landing, isCurrent, waiting: 0 };
    if (this.#flights.size < this.#maxFlights) this.#flights.set(key, flight);
    return flight;
  }

  #forget(key: string, cancellation: Cancellation): void {
    if (this.#flights.get(key)?.cancellation === cancellation) this.#flights.delete(key);
  }

  #wait(key: string, flight: Flight, waiter: Waiter): Promise<Outcome<unknown>> {
    return new Promise((resolve, reject) => {
      let timer: Timer;
      let left = false;
      const leave = (): void => {
        left = true;
        flight.waiting--;
        waiter.cancellation.offCancel(giveUp);
        if (timer !== undefined) this.#clock.clearTimer(timer);
      };
      const giveUp = (reason: CancelReason): void => {
        if (left) return;
        leave();
        if (flight.waiting === 0) {
          this.#forget(key, flight.cancellation);
          flight.cancellation.cancel(reason);
        }
        resolve(gaveUp(reason));
      };
      flight.waiting++;
      flight.landing.then(
        (outcome) => {
          if (left) return;
          leave();
          resolve(outcome);
        },
        (error: unknown) => {
          if (left) return;
          leave();
          reject(error);
        },
      );
      // The flight ends at its own deadline. Only a waiter with an earlier deadline needs a timer.
      if (waiter.deadlineAt < flight.deadlineAt) {
        timer = this.#clock.setTimer(() => giveUp('deadline'), Math.max(0, waiter.deadlineAt - this.#clock.now()));
      }
      waiter.cancellation.onCancel(giveUp);
    });
  }
}

const always = (): boolean => true;

function gaveUp(reason: CancelReason): Failure {
  return reason === 'deadline' || reason === 'timeout'
    ? fail('GW_DEADLINE_EXCEEDED', { detail: 'the deadline passed while waiting for a shared load' })
    : fail('GW_UPSTREAM_FAILED', { status: 'skipped', detail: `cancelled: ${reason}` });
}
