import { STATUS_CODES, type OutgoingHttpHeaders } from 'node:http';
import { errorCodes, type ErrorCode, type ErrorKind, type Problem, type ProblemDetails } from '@frontage/core';

/**
 * On every response: it is no page, its type is not guessed, and the client comes back with TLS only (OWASP REST security).
 * Browsers heed the last one only where it came over TLS (RFC 6797 section 8.1).
 */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['strict-transport-security', 'max-age=31536000; includeSubDomains'],
  ['x-content-type-options', 'nosniff'],
];

/** RFC 9110 section 6.4.1. */
export const hasNoBody = (status: number): boolean => status === 204 || status === 304;

/** The body of a problem response (RFC 9457): nothing of an upstream, no host, no stack. */
export function problemDetails(problem: Problem, requestId: string): ProblemDetails {
  const kind = kindOf(problem.code);
  return {
    ...problem.members,
    type: problem.type ?? kind?.type ?? `urn:frontage:problem:${problem.code}`,
    title: problem.title ?? kind?.title ?? STATUS_CODES[problem.status] ?? 'Problem',
    status: problem.status,
    ...(problem.detail !== undefined && { detail: problem.detail }),
    code: problem.code,
    requestId,
    ...(problem.part !== undefined && { part: problem.part }),
    ...(problem.errors !== undefined && { errors: problem.errors }),
    ...(problem.writes !== undefined && { writes: problem.writes }),
  };
}

/** A screen may declare problems with codes of its own. */
const kindOf = (code: string): ErrorKind | undefined =>
  Object.hasOwn(errorCodes, code) ? errorCodes[code as ErrorCode] : undefined;

/**
 * A problem as a response, wherever it is written.
 * @param added header fields that stages want on it, flat: name, value, name, value
 */
export function problemResponse(
  problem: Problem,
  requestId: string,
  added: readonly string[] = [],
): { readonly headers: OutgoingHttpHeaders; readonly body: string } {
  const body = hasNoBody(problem.status) ? '' : JSON.stringify(problemDetails(problem, requestId));
  const own = { ...retryAfter(problem.retryAfterMs), ...problem.headers };
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...Object.fromEntries(securityHeaders),
    'x-request-id': requestId,
    ...own,
  };
  // Headers of stages are part of the response too, in one list per name (RFC 9110 section 5.3); those of the problem win.
  for (let i = 0; i + 1 < added.length; i += 2) {
    const [name = '', value = ''] = added.slice(i, i + 2);
    if (!Object.hasOwn(own, name)) headers[name] = [headers[name] ?? [], value].flat().join(', ');
  }
  return { headers, body };
}

const retryAfter = (ms: number | undefined): Readonly<Record<string, string>> =>
  ms === undefined || !Number.isFinite(ms) ? {} : { 'retry-after': String(Math.max(0, Math.ceil(ms / 1000))) };
