import { systemClock, type Clock } from '@frontage/core';
import { backOffMs } from './back-off.js';
import { resolveBreakerOptions, type BreakerMode, type CircuitBreakerOptions } from './breaker.options.js';
import { Circuit, OUTSIDE_ROUNDS, Permit, type BreakerState } from './circuit.js';
import { FailureWindow } from './failure-window.js';

/**
 * Stops calls to an upstream while it fails. Closed: calls pass and are counted over a sliding window. Open: calls are rejected at once.
 * Half-open, from the first call after a wait: a few probes pass, and their outcomes decide. It starts closed.
 *
 * `tryAcquire` and the reports of a {@link Permit} are synchronous and need no closure.
 */
export class CircuitBreaker extends Circuit {
  readonly #options: Required<CircuitBreakerOptions>;
  readonly #window: FailureWindow;
  #mode: BreakerMode;
  #state: BreakerState = 'closed';
  /** Counts the rounds: the report of a permit of an earlier round is ignored. */
  #round = 0;
  /** The number of times that it has opened since it was last closed. */
  #openings = 0;
  #openForMs = 0;
  #turnedAt = 0;
  #probesOut = 0;
  #probesPassed = 0;
  #probesFailed = 0;
  #probesSlow = 0;

  /** @throws RangeError for an option outside its range */
  constructor(upstream: string, options: CircuitBreakerOptions = {}, clock: Clock = systemClock, operation?: string) {
    super(upstream, clock, operation);
    this.#options = resolveBreakerOptions(options);
    this.#mode = this.#options.mode;
    this.#window = new FailureWindow(this.#options.windowMs);
  }

  override get isInUse(): boolean {
    return this.state !== 'closed' || this.#window.callsAt(this.clock.now()) > 0;
  }

  get mode(): BreakerMode {
    return this.#mode;
  }

  /** Time until a probe may pass, in milliseconds; `undefined` unless it is open of itself. */
  override get retryAfterMs(): number | undefined {
    if (this.#mode !== 'enforce' || this.#state !== 'open') return undefined;
    return Math.max(0, this.#turnedAt + this.#openForMs - this.clock.now());
  }

  /** Changes the mode while running, for an operator; the counts of the previous mode are reset. */
  setMode(mode: BreakerMode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.restart();
  }

  protected override get ownState(): BreakerState {
    return this.#state;
  }

  protected override acquire(now: number): Permit | undefined {
    if (this.#mode === 'forced_open') return undefined;
    if (this.#mode === 'disabled') return new Permit(this, OUTSIDE_ROUNDS, now);
    if (this.#state === 'open' && now - this.#turnedAt >= this.#openForMs) this.#turn('half_open', now);
    if (this.#state === 'half_open' && !this.#takeProbe(now)) return this.#reject(now);
    if (this.#state === 'open') return this.#reject(now);
    return new Permit(this, this.#round, now);
  }

  protected override restart(): void {
    this.#openings = 0;
    this.#turn('closed');
  }

  /** Lets probes of an open circuit pass now, without the rest of the wait, after another check has found the upstream healthy. */
  override probeNow(): void {
    if (this.#state === 'open') this.#turn('half_open');
  }

  override settle(round: number, failed: boolean, acquiredAt: number): void {
    if (round !== this.#round) return;
    const now = this.clock.now();
    const slow = now - acquiredAt >= this.#options.slowCallMs;
    if (this.#state === 'half_open') {
      this.#probesOut--;
      if (failed) this.#probesFailed++;
      else this.#probesPassed++;
      if (slow) this.#probesSlow++;
      this.#decide(now);
    } else if (this.#state === 'closed') {
      this.#window.record(now, failed, slow);
      const { calls } = this.#window;
      // A good call never opens it: older successes that leave the window would close off an upstream that has come back.
      if ((!failed && !slow) || calls < this.#options.minimumCalls) return;
      if (this.#isTooMuch(this.#window.failures, this.#window.slow, calls)) this.#open(now);
    }
  }

  override settleRelease(round: number): void {
    if (round === this.#round && this.#state === 'half_open') this.#probesOut--;
  }

  #reject(now: number): Permit | undefined {
    if (this.#mode !== 'observe') return undefined;
    // The call passes, and its report is ignored like that of an earlier round.
    this.countRejected();
    return new Permit(this, OUTSIDE_ROUNDS, now);
  }

  #takeProbe(now: number): boolean {
    if (now - this.#turnedAt >= this.#options.halfOpenForMs) this.#beginRound(now);
    const issued = this.#probesOut + this.#probesPassed + this.#probesFailed;
    if (issued >= this.#options.halfOpenPermits) return false;
    this.#probesOut++;
    return true;
  }

  #decide(now: number): void {
    const { halfOpenPermits } = this.#options;
    if (this.#isTooMuch(this.#probesFailed, this.#probesSlow, halfOpenPermits)) {
      this.#open(now);
    } else if (this.#probesPassed + this.#probesFailed === halfOpenPermits) {
      this.#openings = 0;
      this.#turn('closed', now);
    }
  }

  #isTooMuch(failures: number, slow: number, calls: number): boolean {
    return failures / calls >= this.#options.failureRatio || slow / calls >= this.#options.slowRatio;
  }

  #open(now: number): void {
    const { openForMs, maxOpenForMs } = this.#options;
    this.#openForMs = backOffMs(this.#openings++, openForMs, maxOpenForMs);
    this.#turn('open', now);
  }

  #turn(state: BreakerState, now = this.clock.now()): void {
    this.#state = state;
    this.#window.reset();
    this.#beginRound(now);
    this.announce();
  }

  #beginRound(now: number): void {
    this.#round++;
    this.#turnedAt = now;
    this.#probesOut = this.#probesPassed = this.#probesFailed = this.#probesSlow = 0;
  }
}
