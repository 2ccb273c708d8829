import { CircuitBreaker, type BreakerState, type CircuitBreakerOptions } from '@frontage/breaker';
import type { Clock } from '@frontage/core';

/** The calls that share one circuit. */
export type BreakerScope = 'operation' | 'upstream';

export interface BreakerPolicy extends CircuitBreakerOptions {
  /**
   * `operation`: each has a circuit of its own, so that one that fails closes the way for itself alone. `upstream`: all are counted
   * together, for services that fail as a whole. @default 'operation'
   */
  readonly per?: BreakerScope;
}

/** The circuits of one upstream: one for all operations, or one for each. As many as operations were bound. */
export class Circuits {
  readonly #upstream: string;
  readonly #options: CircuitBreakerOptions;
  readonly #clock: Clock;
  readonly #joined: CircuitBreaker | undefined;
  readonly #byOperation = new Map<string, CircuitBreaker>();

  /** @throws RangeError for an option outside its range */
  constructor(upstream: string, { per = 'operation', ...options }: BreakerPolicy, clock: Clock) {
    this.#upstream = upstream;
    this.#options = options;
    this.#clock = clock;
    // Made in both cases: what is out of range is said at the start, not by the first call.
    const joined = new CircuitBreaker(upstream, options, clock);
    this.#joined = per === 'upstream' ? joined : undefined;
  }

  of(operation: string): CircuitBreaker {
    if (this.#joined !== undefined) return this.#joined;
    let circuit = this.#byOperation.get(operation);
    if (circuit === undefined) {
      circuit = new CircuitBreaker(this.#upstream, this.#options, this.#clock, operation);
      this.#byOperation.set(operation, circuit);
    }
    return circuit;
  }

  /** A probe has found the upstream well: open circuits let probe calls pass now, without the rest of their wait. */
  probeNow(): void {
    this.#joined?.probeNow();
    for (const circuit of this.#byOperation.values()) circuit.probeNow();
  }

  /**
   * Of the upstream as a whole: closed while an operation that is called gets through, and open where none does. Operations that were
   * not called within the window say nothing.
   */
  get state(): BreakerState {
    if (this.#joined !== undefined) return this.#joined.state;
    const states = [...this.#byOperation.values()].filter(({ isInUse }) => isInUse).map(({ state }) => state);
    if (states.length === 0 || states.includes('closed')) return 'closed';
    return states.includes('half_open') ? 'half_open' : 'open';
  }
}
