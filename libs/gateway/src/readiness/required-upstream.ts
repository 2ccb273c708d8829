import {
  channels,
  describeError,
  listen,
  type BreakerChanged,
  type Clock,
  type Warning,
  type Timer,
} from '@frontage/core';
import type { Upstream } from '@frontage/clients';

/** Between two questions where no breaker says how long to leave an upstream alone, in milliseconds. */
const withoutBreakerMs = 5_000;

export interface RequiredUpstreamOptions {
  readonly healthPath: string | undefined;
  /** The time for which the breaker stays open; absent without one. */
  readonly openForMs: number | undefined;
}

/**
 * True if a required upstream is available. An app that is not ready gets no calls that could find out, so while it is
 * unavailable the upstream is probed, not more often than its breaker would permit calls. Without a breaker it is always probed.
 */
export class RequiredUpstream {
  readonly #upstream: Pick<Upstream, 'name' | 'breakerState'>;
  readonly #ask: () => Promise<boolean>;
  readonly #clock: Clock;
  readonly #hasBreaker: boolean;
  readonly #everyMs: number;
  #isThere: boolean | undefined;
  #asking: Promise<void> | undefined;
  /** `undefined` while no timer is set. */
  #timer: Timer;
  #isStopped = false;
  #stopListening: (() => void) | undefined;

  constructor(
    upstream: Pick<Upstream, 'name' | 'breakerState' | 'probe'>,
    { healthPath, openForMs }: RequiredUpstreamOptions,
    clock: Clock,
  ) {
    this.#upstream = upstream;
    this.#ask = upstream.probe(healthPath);
    this.#clock = clock;
    this.#hasBreaker = openForMs !== undefined;
    this.#everyMs = openForMs ?? withoutBreakerMs;
  }

  get name(): string {
    return this.#upstream.name;
  }

  /** Asks for the first time. */
  start(): void {
    if (this.#asking !== undefined || this.#isStopped) return;
    this.#stopListening = listen<BreakerChanged>(
      channels.breakerChanged,
      (changed) => this.#breakerChanged(changed),
      (thrown) => warn(`a change of the breaker could not be read: ${describeError(thrown).message}`),
    );
    this.#asking = this.#question();
  }

  /** Resolves with the known state; before the first response, with the state after it. */
  async isThere(): Promise<boolean> {
    if (this.#isThere === undefined) await this.#asking;
    return this.#isThere === true;
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopListening?.();
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
  }

  async #question(): Promise<void> {
    // A question that cannot be asked is no sign of an upstream that is there.
    const isThere = await this.#ask().catch(() => false);
    if (this.#isStopped) return;
    if (!isThere && this.#isThere !== false) this.#warn();
    this.#isThere = isThere;
    if (!isThere || !this.#hasBreaker) this.#askLater();
  }

  #askLater(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined;
      this.#asking = this.#question();
    }, this.#everyMs);
  }

  #breakerChanged({ upstream, state }: BreakerChanged): void {
    // Breakers of other apps in this process are announced on the same channel.
    if (!this.#hasBreaker || upstream !== this.name || state !== 'open' || this.#upstream.breakerState() !== 'open')
      return;
    if (this.#isThere !== true) return;
    this.#isThere = false;
    this.#warn();
    if (this.#timer === undefined) this.#askLater();
  }

  #warn(): void {
    warn(
      `not ready: the upstream '${this.name}' is required and cannot be reached; it is asked every ${this.#everyMs} ms`,
    );
  }
}

function warn(message: string): void {
  if (channels.warning.hasSubscribers) channels.warning.publish({ from: 'readiness', message } satisfies Warning);
}
