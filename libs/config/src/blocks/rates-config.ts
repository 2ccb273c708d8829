/** The limits of clients: the amounts that they may send, and the behaviour that is watched for. */
export interface RatesConfig {
  /** Absent: requests of all addresses are taken. */
  readonly addressLists?: AddressListsConfig;
  /** Limit for the requests of one address, counted before a token is verified. Absent: not counted. */
  readonly addressLimit?: AddressLimitConfig;
  /** The rules of `@RateClass('name')`. A request must pass every rule of its class. */
  readonly rateClasses: Readonly<Record<string, readonly RateRuleConfig[]>>;
  readonly rateStore: RateStoreConfig;
  /** Behaviour of clients that is watched for, by name. @default none */
  readonly signals: Readonly<Record<string, SignalConfig>>;
  /** The endpoint at which callers read their own limits. Absent: there is none. */
  readonly usage?: UsageConfig;
}

/** At least one of the lists is there. */
export interface AddressListsConfig {
  /** Absolute path. */
  readonly deny?: string;
  /** Absolute path. */
  readonly allow?: string;
  /** Time between two looks at the files. @default 5_000 */
  readonly reloadMs: number;
}

export interface AddressLimitConfig {
  readonly limit: number;
  readonly windowMs: number;
  /** Requests at once; the rest come at the steady rate. */
  readonly burst?: number;
}

export interface RateRuleConfig {
  readonly per: 'user' | 'address' | 'role' | 'tenant' | 'apiKey' | 'app';
  /** Requests within one window. */
  readonly limit: number;
  readonly windowMs: number;
  /** Requests at once; the rest come at the steady rate. */
  readonly burst?: number;
  /** Set exactly where `per` is `role`: the rule counts each caller that has this role. */
  readonly role?: string;
}

export interface RateStoreConfig {
  /** Handling of requests while Redis cannot be used. @default local */
  readonly whenDown: 'local' | 'open' | 'closed';
}

export interface UsageConfig {
  /** Path of the endpoint. @default /limits */
  readonly path: string;
}

/** A rule about the behaviour of clients. The members beside those of all rules are there as `watch` and `action` need them. */
export interface SignalConfig {
  readonly watch: 'refusals' | 'accountsPerAddress' | 'addressesPerAccount' | 'sequence';
  readonly per: 'address' | 'user';
  readonly windowMs: number;
  readonly share?: number;
  readonly atLeast?: number;
  readonly above?: number;
  /** `POST /checkout` */
  readonly route?: string;
  readonly after?: readonly string[];
  readonly withinMs?: number;
  readonly action: 'report' | 'slow' | 'stepUp' | 'block';
  readonly forMs: number;
  readonly rateClass?: string;
}
