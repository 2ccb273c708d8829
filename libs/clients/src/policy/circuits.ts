import {
  CircuitBreaker,
  ClientThrottle,
  type BreakerMode,
  type BreakerState,
  type Circuit,
  type CircuitBreakerOptions,
  type ForcedState,
} from '@frontage/breaker';
import type { Clock } from '@frontage/core';
import type { StatusName } from './status-rule.js';

/** The calls that share one circuit. */
export type BreakerScope = 'operation' | 'upstream';

export interface BreakerPolicy extends Omit<CircuitBreakerOptions, 'mode'> {
  /**
   * `operation`: each has a circuit of its own, so that one that fails closes the way for itself alone. `upstream`: all are counted
   * together, for services that fail as a whole. @default 'operation'
   */
  readonly per?: BreakerScope;
  /**
   * As of a circuit breaker; `throttle` rejects a share of the calls instead of all of them (client throttling of the SRE book): of the other
   * options, `windowMs`, `minimumCalls` and `multiplier` count then. @default 'enforce'
   */
  readonly mode?: BreakerMode | 'throttle';
  /** For `throttle`: calls are rejected once there are this many times as many as the upstream accepts; above 1. @default 2 */
  readonly multiplier?: number;
  /** Statuses that count as failures, besides no response at all. @default ['5xx', 408] */
  readonly failures?: readonly StatusName[];
}

/** A circuit, for operators. */
export interface CircuitReport {
  /** Absent where it guards the upstream as a whole. */
  readonly operation?: string;
  readonly state: BreakerState;
  /** Calls that were rejected since the start. */
  readonly rejected: number;
  /** Set while an operator forces the state. */
  readonly forced?: { readonly state: ForcedState; readonly forMs: number };
}

/** The circuits of one upstream: one for all operations, or one for each. As many as operations were bound. */
export class Circuits {
  readonly #make: (operation?: string) => Circuit;
  readonly #joined: Circuit | undefined;
  readonly #byOperation = new Map<string, Circuit>();

  /** @throws RangeError for an option outside its range */
  constructor(upstream: string, policy: BreakerPolicy, clock: Clock) {
    const { per = 'operation', failures: _, ...options } = policy;
    this.#make = makerOf(upstream, options, clock);
    // Made in both cases: what is out of range is said at the start, not by the first call.
    const joined = this.#make();
    this.#joined = per === 'upstream' ? joined : undefined;
  }

  of(operation: string): Circuit {
    if (this.#joined !== undefined) return this.#joined;
    let circuit = this.#byOperation.get(operation);
    if (circuit === undefined) {
      circuit = this.#make(operation);
      this.#byOperation.set(operation, circuit);
    }
    return circuit;
  }

  /** A probe has found the upstream well: open circuits let probe calls pass now, without the rest of their wait. */
  probeNow(): void {
    for (const circuit of this.#all()) circuit.probeNow();
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

  report(): readonly CircuitReport[] {
    return this.#all().map(({ operation, state, rejected, forced }) => ({
      ...(operation !== undefined && { operation }),
      state,
      rejected,
      ...(forced && { forced }),
    }));
  }

  /**
   * Forces the state of one circuit, or of all of them, for a time.
   * @param operation absent: all of them
   * @returns how many there are
   */
  force(operation: string | undefined, state: ForcedState | 'automatic', forMs: number): number {
    const circuits = this.#all().filter((circuit) => operation === undefined || circuit.operation === operation);
    for (const circuit of circuits) {
      if (state === 'automatic') circuit.automatic();
      else circuit.force(state, forMs);
    }
    return circuits.length;
  }

  #all(): readonly Circuit[] {
    return this.#joined === undefined ? [...this.#byOperation.values()] : [this.#joined];
  }
}

function makerOf(
  upstream: string,
  { mode = 'enforce', multiplier, ...options }: Omit<BreakerPolicy, 'per' | 'failures'>,
  clock: Clock,
): (operation?: string) => Circuit {
  if (mode !== 'throttle') return (operation) => new CircuitBreaker(upstream, { ...options, mode }, clock, operation);
  const { windowMs, minimumCalls } = options;
  return (operation) => new ClientThrottle(upstream, { windowMs, minimumCalls, multiplier }, clock, operation);
}
