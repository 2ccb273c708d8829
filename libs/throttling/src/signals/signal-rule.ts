/** A rule that watches how a population of requests behaves, and says what follows. */
export interface SignalRule {
  readonly name: string;
  /**
   * `refusals`: the share of 401 and 403 among the responses to a client. `accountsPerAddress`, `addressesPerAccount`: how many different
   * ones. `sequence`: how often `route` is called without one of `after` before it.
   */
  readonly watch: 'refusals' | 'accountsPerAddress' | 'addressesPerAccount' | 'sequence';
  /** The client that is watched, for `refusals` and `sequence`: an address, or a caller (its address where nothing says who calls). */
  readonly per: 'address' | 'user';
  /** Milliseconds over which requests count. Half windows are forgotten at a time: at least the last half counts, at most the last whole one. */
  readonly windowMs: number;
  /** Of `refusals`: raised at this share, above 0, at most 1. */
  readonly share?: number;
  /** Of `refusals`: responses that the share needs, 1 or more. */
  readonly atLeast?: number;
  /** Of the others: raised above this number, 0 or more. */
  readonly above?: number;
  /** Of `sequence`: `POST /checkout`. */
  readonly route?: string;
  /** Of `sequence`: `GET /cart`. */
  readonly after?: readonly string[];
  /** Of `sequence`: milliseconds in which one of `after` must have come before. */
  readonly withinMs?: number;
  /**
   * `report`: the event alone. `slow`: the client is counted by `rateClass`. `stepUp`: a caller must have logged in since. `block`: 429.
   */
  readonly action: 'report' | 'slow' | 'stepUp' | 'block';
  /** Milliseconds for which it follows; the event is raised once in that time. */
  readonly forMs: number;
  /** Of `slow`. */
  readonly rateClass?: string;
}

/** One thing that was seen of a client, for one rule. */
export interface Observation {
  /** The rule and the client. */
  readonly key: string;
  /** `share` counts a response, `distinct` a member of a set, `mark` notes that a step was taken, `jump` counts a step without a mark. */
  readonly kind: 'share' | 'distinct' | 'mark' | 'jump';
  readonly windowMs: number;
  /** `share`: responses that it needs. `distinct` and `jump`: raised above this. */
  readonly threshold: number;
  readonly share: number;
  /** `share`: 1 for a refusal, else 0. `distinct`: a hash, 0 to 2^48 - 1. `mark`: milliseconds for which it holds. */
  readonly value: number;
  readonly forMs: number;
}

/** The state of a rule for a client. */
export interface Standing {
  /** Milliseconds for which the rule stays raised; 0 if it is not. */
  readonly leftMs: number;
  /** Milliseconds since it was raised. */
  readonly agoMs: number;
  /** This observation has raised it. */
  readonly isNew: boolean;
}

/** Counts observations. A store in memory gives no promise. */
export interface SignalStore {
  /** The standings stand in the order of the observations. */
  observe(observations: readonly Observation[]): readonly Standing[] | Promise<readonly Standing[]>;
}

export const calm: Standing = Object.freeze({ leftMs: 0, agoMs: 0, isNew: false });

/** The key of what is known of a client by a rule. */
export const signalKey = ({ name }: Pick<SignalRule, 'name'>, client: string): string => `${name}\n${client}`;
