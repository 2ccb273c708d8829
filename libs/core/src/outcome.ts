import type { ErrorCode } from './error-codes.js';

/** Why a part is missing; public, it stands in `_parts`. */
export type MissingStatus =
  'timeout' | 'error' | 'bad_payload' | 'open_circuit' | 'shed' | 'skipped' | 'forbidden' | 'not_found';

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
}

/** An expected failure: a value, never a throw. */
export interface Failure {
  readonly ok: false;
  readonly status: MissingStatus;
  /** What a required call answers the client with. */
  readonly code: ErrorCode;
  /** For logs and traces only: never crosses to the client. */
  readonly detail?: string;
  /** The status the upstream answered with, where it answered. */
  readonly upstreamStatus?: number;
  /** The error body, where the contract declares `upstreamStatus` for this operation. */
  readonly declared?: { readonly status: number; readonly body: unknown };
  /**
   * No byte of the request was handed to a connection, in any attempt: it was refused or timed out while it was being made, the circuit
   * was open, no place was free, or the call could not be written. Sending it again is safe.
   */
  readonly unsent?: true;
  /** From `Retry-After` (RFC 9110 section 10.2.3), in milliseconds. */
  readonly retryAfterMs?: number;
}

export type Outcome<T> = Success<T> | Failure;

export const succeed = <T>(value: T): Success<T> => ({ ok: true, value });
