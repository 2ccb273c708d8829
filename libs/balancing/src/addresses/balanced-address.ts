import { LatencyAverage } from './latency-average.js';

/** A target of calls, as policy names it. */
export interface BalancedTarget<T> {
  /** The value that calls use: an address, or its connections. */
  readonly target: T;
  /** Unique among the targets: the place of the address in a hash, and its name for operators. */
  readonly name: string;
  /** Share of the calls in relation to others; above 0. @default 1 */
  readonly weight?: number;
  /** Absent: the group of all that have none. */
  readonly group?: string;
}

export type AddressState = 'in_use' | 'starting' | 'ejected' | 'unhealthy';

/** The least share of an address that has just returned (Envoy's `min_weight_percent`). */
const leastShare = 0.1;

/** One address, and what is known of it. */
export class BalancedAddress<T> {
  readonly target: T;
  readonly name: string;
  weight: number;
  readonly group: string | undefined;
  readonly latency = new LatencyAverage();
  /** Calls under way. */
  inFlight = 0;
  /** In a row. */
  failures = 0;
  /** Since the last comparison of success rates. */
  calls = 0;
  successes = 0;
  /** Ejections, less one for each interval without. */
  ejections = 0;
  /** Monotonic milliseconds. */
  ejectedUntil = Number.NEGATIVE_INFINITY;
  isHealthy = true;
  /** Health checks in a row that say the opposite of `isHealthy`. */
  otherChecks = 0;
  #healthySince = Number.NEGATIVE_INFINITY;

  constructor({ target, name, weight = 1, group }: BalancedTarget<T>) {
    this.target = target;
    this.name = name;
    this.weight = weight;
    this.group = group;
  }

  isUsable(now: number): boolean {
    return this.isHealthy && now >= this.ejectedUntil;
  }

  /** A health check decided. */
  becameHealthy(isHealthy: boolean, now: number): void {
    this.isHealthy = isHealthy;
    this.otherChecks = 0;
    if (isHealthy) this.#healthySince = now;
  }

  /** Its weight, or less while it has just returned. */
  shareAt(now: number, slowStartMs: number): number {
    const sinceMs = now - Math.max(this.#healthySince, this.ejectedUntil);
    return sinceMs >= slowStartMs ? this.weight : this.weight * Math.max(leastShare, sinceMs / slowStartMs);
  }

  stateAt(now: number, slowStartMs: number): AddressState {
    if (!this.isHealthy) return 'unhealthy';
    if (now < this.ejectedUntil) return 'ejected';
    return this.shareAt(now, slowStartMs) < this.weight ? 'starting' : 'in_use';
  }
}
