/** The spread of the calls to one upstream over its addresses. */
export interface BalanceConfig {
  /** @default least-requests */
  readonly by: 'least-requests' | 'round-robin' | 'hash';
  /** The key of `hash`: the caller, a parameter, or a header of the request. */
  readonly on?: 'caller' | { readonly [place in 'path' | 'query' | 'header']?: string };
  /** In the order of `urls`. @default 1 each */
  readonly weights?: readonly number[];
  /** @default 10_000 */
  readonly slowStartMs: number;
  /** @default 0.5 */
  readonly panicRatio: number;
  readonly eject: EjectConfig | 'off';
  /** Absent: all addresses are one group. */
  readonly groups?: Readonly<Record<string, AddressGroupConfig>>;
  /** Absent: no request may choose its group. */
  readonly choose?: {
    /** In lower case. */
    readonly header: string;
    /** Absent: the value is as a proxy in front has set it. */
    readonly key?: string;
  };
}

export interface EjectConfig {
  /** In a row. @default 5 */
  readonly failures: number;
  /** @default 30_000 */
  readonly forMs: number;
  /** @default 300_000 */
  readonly maxForMs: number;
  /** @default 0.5 */
  readonly maxRatio: number;
  readonly successRate: SuccessRateConfig | 'off';
}

export interface SuccessRateConfig {
  /** @default 10_000 */
  readonly everyMs: number;
  /** @default 100 */
  readonly minimumCalls: number;
  /** @default 5 */
  readonly minimumAddresses: number;
}

export interface AddressGroupConfig {
  /** Share of the callers in relation to the other groups. */
  readonly weight: number;
  readonly urls: readonly string[];
}

/** Health checks of each address. */
export interface HealthConfig {
  readonly path: string;
  /** @default 10_000 */
  readonly everyMs: number;
  /** @default 1_000 */
  readonly timeoutMs: number;
  /** @default 2 */
  readonly healthyAfter: number;
  /** @default 3 */
  readonly unhealthyAfter: number;
}
