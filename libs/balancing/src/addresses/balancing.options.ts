/** The choice of an address; `bff.yaml` has the same under `upstreams.<name>.balance`. */
export interface BalanceOptions {
  /**
   * `least-requests`: of two random addresses the one with less work (requests under way times latency). `round-robin`: in turn, by weight.
   * `hash`: the same address for the same key. @default 'least-requests'
   */
  readonly by?: BalanceRule;
  /** Time in which an address that returns gets its share step by step, in milliseconds; 0 or more. @default 10_000 */
  readonly slowStartMs?: number;
  /** Below this share of usable addresses all addresses are used, 0 to 1. @default 0.5 (Envoy's panic threshold) */
  readonly panicRatio?: number;
  /** Absent: the defaults of {@link EjectionOptions}. `off`: no address is ejected. */
  readonly eject?: EjectionOptions | 'off';
}

export type BalanceRule = 'least-requests' | 'round-robin' | 'hash';

/** Ejection of addresses that fail more than others. The defaults are those of Envoy's outlier detection, but for the share. */
export interface EjectionOptions {
  /** Failures in a row after which an address gets no calls; at least 1. @default 5 */
  readonly failures?: number;
  /** Time without calls, in milliseconds, times the number of ejections in a row; at least 1. @default 30_000 */
  readonly forMs?: number;
  /** Longest time without calls, in milliseconds. @default 300_000 */
  readonly maxForMs?: number;
  /** Share of the addresses that may be ejected at once, 0 to 1. One of several always may, the last one never. @default 0.5 */
  readonly maxRatio?: number;
  /** Absent: the defaults. `off`: the rate of successes is not compared. */
  readonly successRate?: SuccessRateOptions | 'off';
}

/** An address is ejected if its rate of successes is lower than that of the others. */
export interface SuccessRateOptions {
  /** Time between two comparisons, in milliseconds; at least 1. @default 10_000 */
  readonly everyMs?: number;
  /** Calls of an address within this time that make its rate count; at least 1. @default 100 */
  readonly minimumCalls?: number;
  /** Addresses whose rate counts, below which none is ejected; at least 2. @default 5 */
  readonly minimumAddresses?: number;
  /** Standard deviations below the average at which an address is ejected; above 0. @default 1.9 */
  readonly deviations?: number;
}
