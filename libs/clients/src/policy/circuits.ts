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
import { statusRule, type StatusName, type StatusRule } from './status-rule.js';

/** The calls that share one circuit. */
export type BreakerScope = 'operation' | 'upstream';

export interface OperationBreaker extends Omit<CircuitBreakerOptions, 'mode'> {
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

export interface BreakerPolicy extends OperationBreaker {
  /**
   * `operation`: each has a circuit of its own, so that one that fails closes the way for itself alone. `upstream`: all are counted
   * together, for services that fail as a whole. @default 'operation'
   */
  readonly per?: BreakerScope;
}

/** By operation id, in place of the policy of the upstream. */
export type OperationBreakers = Readonly<Record<string, OperationBreaker | 'off' | undefined>>;

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
  readonly #upstream: string;
  readonly #policy: BreakerPolicy | undefined;
  readonly #own: OperationBreakers;
  readonly #clock: Clock;
  readonly #joined: Circuit | undefined;
  readonly #byOperation = new Map<string, Circuit>();

  /**
   * @param policy absent: only operations of `own` have circuits
   * @throws RangeError for an option outside its range, TypeError for a status that is none
   */
  constructor(upstream: string, policy: BreakerPolicy | undefined, own: OperationBreakers, clock: Clock) {
    this.#upstream = upstream;
    this.#policy = policy;
    this.#own = own;
    this.#clock = clock;
    // Made in all cases: what is out of range is said at the start, not by the first call.
    const joined = policy && circuitOf(upstream, policy, clock);
    this.#joined = policy?.per === 'upstream' ? joined : undefined;
    for (const [operation, one] of Object.entries(own))
      if (one !== undefined && one !== 'off') circuitOf(upstream, one, clock, operation);
    for (const one of [policy, ...Object.values(own)]) if (one !== 'off') statusRule(one?.failures ?? []);
  }

  /** @returns undefined where the operation has none */
  of(operation: string): Circuit | undefined {
    const own = this.#own[operation];
    if (own === 'off') return undefined;
    if (own === undefined && this.#joined !== undefined) return this.#joined;
    const policy = own ?? this.#policy;
    let circuit = this.#byOperation.get(operation);
    if (circuit === undefined && policy !== undefined) {
      circuit = circuitOf(this.#upstream, policy, this.#clock, operation);
      this.#byOperation.set(operation, circuit);
    }
    return circuit;
  }

  /** The statuses that count as failures of an operation. @returns undefined for those of the outcome classification */
  failuresOf(operation: string): StatusRule | undefined {
    const own = this.#own[operation];
    const failures = (own === undefined || own === 'off' ? this.#policy : own)?.failures;
    return failures && statusRule(failures);
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
    if (this.#joined !== undefined && this.#byOperation.size === 0) return this.#joined.state;
    const states = this.#all()
      .filter(({ isInUse }) => isInUse)
      .map(({ state }) => state);
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
    return [...(this.#joined === undefined ? [] : [this.#joined]), ...this.#byOperation.values()];
  }
}

function circuitOf(
  upstream: string,
  { mode = 'enforce', multiplier, ...options }: BreakerPolicy,
  clock: Clock,
  operation?: string,
): Circuit {
  if (mode !== 'throttle') return new CircuitBreaker(upstream, { ...options, mode }, clock, operation);
  const { windowMs, minimumCalls } = options;
  return new ClientThrottle(upstream, { windowMs, minimumCalls, multiplier }, clock, operation);
}
