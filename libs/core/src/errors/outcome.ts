import type { ErrorCode } from './error-codes.js';

/** The reason why a part is missing; public, it stands in `_parts`. */
export type MissingStatus =
  'timeout' | 'error' | 'bad_payload' | 'open_circuit' | 'shed' | 'skipped' | 'credentials' | 'forbidden' | 'not_found';

export interface Success<T> {
  readonly ok: true;
  readonly value: T;
  /** The headers that the contract declares, by its names; absent where it declares none. */
  readonly headers?: ResponseFields;
}

/** Values of the declared headers of a response. */
export type ResponseFields = Readonly<
  Record<string, string | number | boolean | readonly (string | number | boolean)[]>
>;

/** An expected failure: a value, never a throw. */
export interface Failure {
  readonly ok: false;
  readonly status: MissingStatus;
  /** The problem code for the client if the call is required. */
  readonly code: ErrorCode;
  /** For logs and traces only: never crosses to the client. */
  readonly detail?: string;
  /** The status of the upstream's response, if there was one. */
  readonly upstreamStatus?: number;
  /** The error body, where the contract declares `upstreamStatus` for this operation. */
  readonly declared?: { readonly status: number; readonly body: unknown };
  /**
   * No byte of the request was handed to a connection, in any attempt: it was refused or timed out while it was being made, the circuit
   * was open, no place was free, or the call could not be written. Sending it again is safe.
   */
  readonly unsent?: true;
  /**
   * The upstream responded with a success that has no value for its caller: it is empty, or its status is not declared. A change was made;
   * only its result is missing.
   */
  readonly made?: true;
  /** From `Retry-After` (RFC 9110 section 10.2.3), in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The reason why a part is missing, by the code of its failure. A call that was given up is `skipped`, whatever its code. */
const statusByCode = {
  GW_UPSTREAM_TIMEOUT: 'timeout',
  GW_DEADLINE_EXCEEDED: 'timeout',
  GW_UPSTREAM_FAILED: 'error',
  GW_INVALID_INPUT: 'error',
  GW_INTERNAL: 'error',
  GW_UPSTREAM_BAD_PAYLOAD: 'bad_payload',
  GW_UPSTREAM_OPEN_CIRCUIT: 'open_circuit',
  GW_OVERLOADED: 'shed',
  GW_UPSTREAM_CREDENTIALS: 'credentials',
  GW_UPSTREAM_REFUSED: 'forbidden',
  GW_NOT_FOUND: 'not_found',
} as const satisfies Partial<Record<ErrorCode, MissingStatus>>;

/** The failure of a code, with the status that the table has for it. */
export const fail = (
  code: keyof typeof statusByCode,
  rest: Omit<Failure, 'ok' | 'status' | 'code'> & { readonly status?: 'skipped' } = {},
): Failure => ({ ok: false, status: statusByCode[code], code, ...rest });

export type Outcome<T> = Success<T> | Failure;

export const succeed = <T>(value: T): Success<T> => ({ ok: true, value });

/** The outcome of the changes of a request that ended in a problem: public names, in the order in which they were sent. */
export interface WritesReport {
  /** Made, and not taken back. */
  readonly done: readonly string[];
  /** Made, and taken back. */
  readonly undone: readonly string[];
  /** The service responded that it did not make them. */
  readonly refused: readonly string[];
  /** Sent, and no response says whether they were made. */
  readonly unknown: readonly string[];
  /** No byte of them reached a service: sending them again is safe. */
  readonly notSent: readonly string[];
}

/** The outcome of one change, as far as its call can tell. */
export type WriteFate = 'done' | 'refused' | 'unknown' | 'notSent';

/**
 * An error response of an upstream says that nothing happened, a success that it did, also without a value. No response, an unreadable response, a redirect that may stand
 * for a success (RFC 9110 section 15.4.4) and the response of an intermediary without one (sections 15.6.3 and 15.6.5) leave it unknown.
 */
export function fateOf(outcome: Outcome<unknown>): WriteFate {
  if (outcome.ok || outcome.made === true) return 'done';
  if (outcome.unsent === true || outcome.status === 'open_circuit') return 'notSent';
  const { status, upstreamStatus } = outcome;
  if (status === 'bad_payload' || upstreamStatus === undefined || saysNothing.has(upstreamStatus)) return 'unknown';
  return 'refused';
}

/** 520 and 524 are those of a content network in front of the service: no response, or none in time. */
const saysNothing: ReadonlySet<number> = new Set([300, 301, 302, 303, 304, 502, 504, 520, 524]);

/** True if the client must look before it sends the request again. */
export const isIndeterminate = ({ done, unknown }: WritesReport): boolean => done.length > 0 || unknown.length > 0;

/** True if no service has seen anything of any change. */
export const nothingSent = ({ done, undone, refused, unknown }: WritesReport): boolean =>
  done.length + undone.length + refused.length + unknown.length === 0;
