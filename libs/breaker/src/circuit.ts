import { channels, type BreakerChanged, type Clock } from '@frontage/core';

export type BreakerState = BreakerChanged['state'];

/** The state that an operator forces; `automatic` ends it. */
export type ForcedState = 'open' | 'closed';

/** The round of permits whose reports are ignored. */
export const OUTSIDE_ROUNDS = -1;

interface PermitOwner {
  settle(round: number, failed: boolean, acquiredAt: number): void;
  settleRelease(round: number): void;
}

/** The right to make one call. Report exactly one of the three outcomes; later reports are ignored. */
export class Permit {
  readonly #owner: PermitOwner;
  readonly #round: number;
  readonly #acquiredAt: number;
  #reported = false;

  /** Made by {@link Circuit.tryAcquire} alone. */
  constructor(owner: PermitOwner, round: number, acquiredAt: number) {
    this.#owner = owner;
    this.#round = round;
    this.#acquiredAt = acquiredAt;
  }

  /** Reports a success of the upstream. */
  succeed(): void {
    this.#report(false);
  }

  /** Reports a failure of the upstream: refused, reset, timed out, 5xx, unreadable. */
  fail(): void {
    this.#report(true);
  }

  /** Gives the permit back for a call that says nothing about the upstream: cancelled by us, or our own mistake (4xx). It does not count. */
  release(): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#owner.settleRelease(this.#round);
  }

  #report(failed: boolean): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#owner.settle(this.#round, failed, this.#acquiredAt);
  }
}

/**
 * Decides about each call to an upstream, or to one operation of it, by the outcomes of the calls before. An operator may force it open or
 * closed for a time; afterwards it is automatic again, and begins closed. Changes of the state are published on `channels.breakerChanged`.
 */
export abstract class Circuit implements PermitOwner {
  readonly upstream: string;
  /** The guarded operation; `undefined` if it guards the upstream as a whole. */
  readonly operation: string | undefined;
  protected readonly clock: Clock;
  #rejected = 0;
  #forced: ForcedState | undefined;
  #forcedUntil = 0;
  #announced: BreakerState = 'closed';

  constructor(upstream: string, clock: Clock, operation: string | undefined) {
    this.upstream = upstream;
    this.operation = operation;
    this.clock = clock;
  }

  get state(): BreakerState {
    return this.#forcedAt() ?? this.ownState;
  }

  /** The state that an operator has forced, and the time for which it still holds, in milliseconds; `undefined` while it is automatic. */
  get forced(): { readonly state: ForcedState; readonly forMs: number } | undefined {
    const state = this.#forcedAt();
    return state && { state, forMs: this.#forcedUntil - this.clock.now() };
  }

  /** Calls that were rejected since the start. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Tells whether it is not closed, or has counted calls within the window. */
  abstract get isInUse(): boolean;

  /** Time until a probe may pass, in milliseconds; `undefined` where that is not known. */
  abstract get retryAfterMs(): number | undefined;

  /**
   * Forces a state for a time. `open` rejects every call, `closed` lets every call pass and counts none.
   * @param forMs at least 1; later the circuit is automatic again, with the next call or look at it
   * @throws RangeError for a time out of range
   */
  force(state: ForcedState, forMs: number): void {
    if (!(forMs >= 1)) throw new RangeError(`forMs must be at least 1, not ${forMs}`);
    this.#forced = state;
    this.#forcedUntil = this.clock.now() + forMs;
    this.restart();
    this.announce();
  }

  /** Ends a forced state. */
  automatic(): void {
    if (this.#forced === undefined) return;
    this.#forced = undefined;
    this.restart();
    this.announce();
  }

  /** A permit for one call, or `undefined`: then fail at once, and do not connect. */
  tryAcquire(): Permit | undefined {
    const forced = this.#forced === undefined ? undefined : this.#forcedAt();
    if (forced === 'closed') return new Permit(this, OUTSIDE_ROUNDS, 0);
    const permit = forced === 'open' ? undefined : this.acquire(this.clock.now());
    if (permit === undefined) this.#rejected++;
    return permit;
  }

  /** Another check has found the upstream healthy. */
  abstract probeNow(): void;

  /** For {@link Permit}. */
  abstract settle(round: number, failed: boolean, acquiredAt: number): void;

  /** For {@link Permit}. */
  abstract settleRelease(round: number): void;

  protected abstract get ownState(): BreakerState;
  protected abstract acquire(now: number): Permit | undefined;

  /** Begins closed, with no calls counted. Permits that are out are ignored. */
  protected abstract restart(): void;

  /** Counts a call that passes although it would be rejected. */
  protected countRejected(): void {
    this.#rejected++;
  }

  /** Publishes the state where it has changed. */
  protected announce(): void {
    const { upstream, operation, state } = this;
    if (state === this.#announced) return;
    this.#announced = state;
    if (channels.breakerChanged.hasSubscribers)
      channels.breakerChanged.publish({ upstream, operation, state } satisfies BreakerChanged);
  }

  #forcedAt(): ForcedState | undefined {
    if (this.#forced !== undefined && this.clock.now() >= this.#forcedUntil) this.automatic();
    return this.#forced;
  }
}
