import type { Caller, TokenKey } from '@frontage/context';
import type { Binding } from './binding.js';

/** The thing that makes proofs good, such as the keys of an issuer. A proof ends with it. */
export interface Ground {
  /** Grows when proofs that were made before have to be made again. */
  readonly generation: number;
  /**
   * A promise to wait for before the ground may be used; `undefined` if it may at once. It never rejects, and is called for every request.
   * @param now monotonic milliseconds
   * @param withinMs longest time that the request can wait. @default no bound
   */
  renewal(now: number, withinMs?: number): Promise<void> | undefined;
}

/** The facts of a credential by which it can be revoked. */
export interface CredentialFacts {
  readonly subject: string;
  /** `jti` of a token, or the id of an API key. */
  readonly id?: string;
  /** Milliseconds since 1970; absent: unknown, which counts as issued before all time. */
  readonly issuedAt?: number;
  /** An API key: it lives for months, so "all tokens issued before" does not mean it. @default false */
  readonly isKey?: boolean;
}

/** The result of a verification: whose credential it is, and how long it need not be verified again. */
export interface Proof {
  readonly caller: Caller;
  readonly facts: CredentialFacts;
  /** The credential as the request has it. */
  readonly credential: string;
  /** The token of the user that the credential leads to, for upstreams that are meant to see it. @default the credential, where it is a token */
  readonly token?: string;
  /** The key that `token` is bound to (RFC 9449), where this app has it. @default it is bound to none */
  readonly tokenKey?: TokenKey;
  /** Monotonic milliseconds; in the past for a proof that is good for one request only. */
  readonly until: number;
  readonly ground: Ground;
  /** Of the ground, from before the verification began. */
  readonly generation: number;
  /** The key with which alone the credential is good. @default any client may use it */
  readonly boundTo?: Binding;
}

/** Verifies one kind of credential. */
export interface Prover {
  /**
   * @param withinMs longest time that the request can wait, in milliseconds. @default no bound
   * @throws ForeignCredential (rejects) for a credential that is of another kind, ProblemError `GW_UNAUTHENTICATED` for one that is refused,
   * ProblemError `GW_UPSTREAM_FAILED` where it cannot be verified
   */
  prove(credential: string, withinMs?: number): Promise<Proof>;

  /** Begins what the first credential would wait for, such as the fetch of keys. @default nothing */
  prepare?(): void;
}

/** The ground of proofs that only time ends. */
export const lasting: Ground = { generation: 0, renewal: () => undefined };
