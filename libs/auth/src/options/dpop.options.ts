/**
 * Tokens of an issuer that are bound to a key (`cnf` with `jkt`, RFC 9449 section 6): `accepted` with a proof of the key, beside tokens that are
 * bound to nothing; `required`: no others are accepted. Absent: they are refused.
 */
export type DpopRule = 'accepted' | 'required';

/** The proofs that come with tokens that are bound to a key (RFC 9449). */
export interface DpopOptions {
  /** Address of the app as its clients have it, with the path that a proxy removes. `Host` and its relatives are not read. */
  readonly url: string;
  /** Longest time since `iat` of a proof, in milliseconds. */
  readonly maxAgeMs: number;
  /** Proofs that are remembered, so that none is taken twice: 1 or more. */
  readonly maxProofs: number;
}
