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
