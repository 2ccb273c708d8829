import type { CacheUse, CallFailure, CallRecord, RequestEnded } from '@frontage/context';
import type { Attributes } from '@opentelemetry/api';

export const REQUEST_ID = 'frontage.request_id';
const BREAKER_STATE = 'frontage.breaker.state';

const notFailed: ReadonlySet<CallRecord['outcome']> = new Set(['ok', 'cancelled', 'pending']);

export const hasFailed = ({ outcome }: CallRecord): boolean => !notFailed.has(outcome);

/** No path, no query, no header, no address, no subject: nothing of a person stands in a span. */
export function requestAttributes({ context, status, code, clientGone }: RequestEnded): Attributes {
  return {
    'http.request.method': context.method,
    'http.response.status_code': status,
    [REQUEST_ID]: context.requestId,
    ...(context.route === '' ? {} : { 'http.route': context.route }),
    ...(code === undefined ? {} : { 'error.type': code }),
    ...(context.missingParts > 0 ? { 'frontage.missing_parts': context.missingParts } : {}),
    ...(clientGone ? { 'frontage.client_gone': true } : {}),
  };
}

/** @param after the parts that it waited for */
export function callAttributes(call: CallRecord, after: readonly string[] = []): Attributes {
  return {
    'http.request.method': call.method,
    'frontage.upstream': call.upstream,
    'frontage.operation': call.operation,
    ...(call.part === '' ? {} : { 'frontage.part': call.part }),
    ...(call.status > 0 ? { 'http.response.status_code': call.status } : {}),
    ...(call.attempt > 1 ? { 'http.request.resend_count': call.attempt - 1 } : {}),
    ...(after.length > 0 ? { 'frontage.waited_for': [...after] } : {}),
    ...(call.waitedMs >= 1 ? { 'frontage.waited_ms': Math.round(call.waitedMs) } : {}),
    ...(call.circuit === '' || call.circuit === 'closed' ? {} : { [BREAKER_STATE]: call.circuit }),
    ...(call.outcome === 'pending' ? { 'frontage.pending': true } : {}),
    ...(call.outcome === 'ok' || call.outcome === 'pending' ? {} : { 'error.type': call.outcome }),
  };
}

/** The reason why a part has no value, also where no attempt was made, as with an open breaker: no span of its own says so. */
export function failureAttributes(failure: CallFailure): Attributes {
  return {
    'frontage.upstream': failure.upstream,
    'frontage.operation': failure.operation,
    ...(failure.part === '' ? {} : { 'frontage.part': failure.part }),
    'error.type': failure.reason,
    ...(failure.reason === 'open_circuit' ? { [BREAKER_STATE]: 'open' } : {}),
    'frontage.attempts': failure.attempt,
    ...(failure.status > 0 ? { 'http.response.status_code': failure.status } : {}),
    ...(failure.count > 1 ? { 'frontage.count': failure.count } : {}),
  };
}

/** A lookup in the cache of an operation. */
export function cacheAttributes({ part, upstream, operation, result }: CacheUse): Attributes {
  return {
    'frontage.upstream': upstream,
    'frontage.operation': operation,
    ...(part === '' ? {} : { 'frontage.part': part }),
    'frontage.cache.result': result,
  };
}
