import { requireAtLeast, requireCount, requireRatio, systemClock, type Clock } from '@frontage/core';
import { Circuit, Permit, type BreakerState } from './circuit.js';
import { FailureWindow } from './failure-window.js';

export interface ClientThrottleOptions {
  /** Length of the window in which calls count, in milliseconds; at least 10. @default 10_000 */
  readonly windowMs?: number | undefined;
  /** With fewer calls in the window nothing is rejected; at least 1. @default 20 */
  readonly minimumCalls?: number | undefined;
  /**
   * Calls are rejected once there are this many times as many as the upstream accepts; above 1. With 2, an upstream that accepts at least half of
   * the calls gets all of them. @default 2
   */
  readonly multiplier?: number | undefined;
  /** The largest share that is rejected, so that a recovery is noticed; above 0, at most 1. @default 0.9 */
  readonly maxRejectedRatio?: number | undefined;
  /** Draws a number from 0 to below 1. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * Rejects a share of the calls to an upstream that fails, as large as its failures: no cliff, and nothing to probe, because some calls always
 * pass. The share is max(0, (calls - multiplier * accepted) / (calls + 1)), and rejected calls count among the calls (Google SRE, Handling
 * Overload: client-side throttling).
 *
 * It is `half_open` while it rejects, and never `open` of itself.
 */
export class ClientThrottle extends Circuit {
  readonly #window: FailureWindow;
  readonly #minimumCalls: number;
  readonly #multiplier: number;
  readonly #maxRejectedRatio: number;
  readonly #random: () => number;
  #round = 0;

  /** @throws RangeError for an option outside its range */
  constructor(upstream: string, options: ClientThrottleOptions = {}, clock: Clock = systemClock, operation?: string) {
    super(upstream, clock, operation);
    const { windowMs = 10_000, minimumCalls = 20, multiplier = 2, maxRejectedRatio = 0.9 } = options;
    requireAtLeast('windowMs', windowMs, 10);
    requireCount('minimumCalls', minimumCalls);
    if (!(multiplier > 1)) throw new RangeError(`multiplier must be above 1, not ${multiplier}`);
    requireRatio('maxRejectedRatio', maxRejectedRatio);
    this.#window = new FailureWindow(windowMs);
    this.#minimumCalls = minimumCalls;
    this.#multiplier = multiplier;
    this.#maxRejectedRatio = maxRejectedRatio;
    this.#random = options.random ?? Math.random;
  }

  /** The share of calls that is rejected now, 0 to `maxRejectedRatio`. */
  get rejectedRatio(): number {
    const calls = this.#window.callsAt(this.clock.now());
    if (calls < this.#minimumCalls) return 0;
    const accepted = calls - this.#window.failures;
    return Math.min(this.#maxRejectedRatio, Math.max(0, (calls - this.#multiplier * accepted) / (calls + 1)));
  }

  override get isInUse(): boolean {
    return this.state !== 'closed' || this.#window.callsAt(this.clock.now()) > 0;
  }

  /** Some calls always pass: there is no time to wait for. */
  override get retryAfterMs(): undefined {
    return undefined;
  }

  /** Forgets the failures: what fails again is counted again. */
  override probeNow(): void {
    if (this.rejectedRatio > 0) this.restart();
    this.announce();
  }

  override settle(round: number, failed: boolean): void {
    if (round !== this.#round) return;
    this.#window.record(this.clock.now(), failed, false);
    this.announce();
  }

  override settleRelease(): void {}

  protected override get ownState(): BreakerState {
    return this.rejectedRatio > 0 ? 'half_open' : 'closed';
  }

  protected override acquire(now: number): Permit | undefined {
    const ratio = this.rejectedRatio;
    if (ratio === 0 || this.#random() >= ratio) return new Permit(this, this.#round, now);
    this.#window.record(now, true, false);
    return undefined;
  }

  protected override restart(): void {
    this.#round++;
    this.#window.reset();
  }
}
