import { handOut, share, standIn, type Success } from '@frontage/core';
import { fits, KeptBody } from '../bodies/kept-body.js';
import { namesIn, type ResponseHead } from './fields.js';
import { kindOf, type Asking, type FollowedOperationOptions } from './followed.options.js';
import type { Dated } from './reuse.js';
import { whyNotStored } from './storable.js';
import { ageAtArrivalMs, controlOf, termsOf } from './terms.js';
import { storedFields, updatedFields, validatorsOf } from './validation.js';

/** A stored response with the head that its rules stand in. */
export interface FollowedEntry extends Dated {
  readonly response: Success<unknown>;
  readonly head: ResponseHead;
  /** It is fresh until then, in monotonic milliseconds. */
  readonly expiresAt: number;
  /** It is kept until then, in monotonic milliseconds. */
  readonly keptUntil: number;
  /** The time that its load took, in milliseconds. */
  readonly loadMs: number;
}

/** A response with a validator is kept for so long after its lifetime, so that it can be validated. */
const validatedForMs = 3_600_000;

/** A response as it came, and the request for it. */
export interface Arrival {
  readonly response: Success<unknown>;
  readonly head: ResponseHead;
  readonly asking: Asking;
  /** The time that its load took, in milliseconds. */
  readonly loadMs: number;
}

/**
 * The entry of a response by the terms in its head.
 * @param now monotonic milliseconds
 * @returns `undefined` for a response that is not to be stored
 */
export function entryOf(
  { scope, targets = [], everChanging, maxBytes = Number.POSITIVE_INFINITY }: FollowedOperationOptions,
  { response, head: received, asking, loadMs }: Arrival,
  now: number,
): FollowedEntry | undefined {
  const kind = kindOf(scope);
  const fields = storedFields(received.fields);
  const head = { ...received, fields };
  const control = controlOf(fields, targets);
  const terms = termsOf(fields, control, kind, head.wallTime);
  if (whyNotStored(head.status, fields, control, terms, kind, asking) !== undefined) return undefined;
  if (namesIn(fields, 'vary').some((name) => everChanging.has(name)) || !fits(response.value, maxBytes))
    return undefined;
  const bornAt = head.receivedAt - ageAtArrivalMs(head);
  const expiresAt = bornAt + terms.lifetimeMs;
  const staleUntil = expiresAt + Math.max(terms.staleWhileRevalidateMs, terms.staleIfErrorMs);
  const hasValidator = validatorsOf(fields).length > 0;
  const keptUntil = hasValidator ? Math.max(staleUntil, Math.max(expiresAt, now) + validatedForMs) : staleUntil;
  return keptUntil <= now ? undefined : { response, head, terms, bornAt, expiresAt, keptUntil, loadMs };
}

/** A stored response after a 304: its headers and its age are those of the 304. */
export function validated(
  known: FollowedEntry,
  head: ResponseHead,
  { readHeaders }: FollowedOperationOptions,
): Pick<FollowedEntry, 'response' | 'head'> {
  const fields = updatedFields(known.head.fields, head.fields);
  const { response } = known;
  // Readings of the body have the headers of before.
  if (readHeaders !== undefined && response.value instanceof KeptBody) response.value.forget();
  return {
    response: readHeaders === undefined ? response : share({ ...response, headers: readHeaders(fields) }),
    head: { ...head, status: known.head.status, fields },
  };
}

/** A stored response for one request, with its present age where the contract declares that header (RFC 9111 section 5.1). */
export function presentResponse(
  { response, head, bornAt }: FollowedEntry,
  now: number,
  { readHeaders, showsAge }: FollowedOperationOptions,
): Success<unknown> {
  if (readHeaders === undefined || showsAge !== true) return handOut(response);
  const age = String(Math.max(0, Math.floor((now - bornAt) / 1_000)));
  const given = { ...handOut(response), headers: readHeaders({ ...head.fields, age }) };
  standIn(given, response);
  return given;
}
