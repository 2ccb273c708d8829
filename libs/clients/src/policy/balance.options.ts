import type { BalanceOptions, HealthThresholds } from '@frontage/balancing';

/** The spread of the calls to one upstream over its addresses. `bff.yaml` has the same under `upstreams.<name>.balance`. */
export interface BalancePolicy extends BalanceOptions {
  /** The key of `by: hash`. An operation without it is balanced by least requests. */
  readonly on?: BalanceKey;
  /** Weights of the addresses, in the order of `urls`; above 0. @default 1 each */
  readonly weights?: readonly number[];
  /** Groups by name; each address belongs to one. Absent: all addresses are one group. */
  readonly groups?: Readonly<Record<string, AddressGroup>>;
  /** The header by which a request may choose a group. Absent: none may. */
  readonly choose?: GroupHeader;
}

/** The caller, a parameter in the path or the query of an operation, or a header of the inbound request. */
export type BalanceKey = 'caller' | { readonly [place in 'path' | 'query' | 'header']?: string };

export interface AddressGroup {
  /** Share of the callers in relation to the other groups; 0 or more. */
  readonly weight: number;
  /** Those of `urls` that belong to it; at least one. */
  readonly urls: readonly string[];
}

export interface GroupHeader {
  /** In lower case. */
  readonly header: string;
  /**
   * The value is `<group>.<expiry>.<signature>`: seconds since 1970, and HMAC-SHA256 of what stands before it with this key, in base64url. Absent: the
   * value is the name of a group, as a proxy of ours has set it.
   */
  readonly key?: string;
}

/** Health checks of each address. `bff.yaml` has the same under `upstreams.<name>.health`. */
export interface HealthPolicy extends HealthThresholds {
  /** Path below the base address for `GET`; 2xx is good, and its body is not read. */
  readonly path: string;
  /** Time between two checks of an address, in milliseconds; 1 or more. @default 10_000 */
  readonly everyMs?: number;
  /** Longest time of one check, in milliseconds; 1 or more. @default 1_000 */
  readonly timeoutMs?: number;
}
