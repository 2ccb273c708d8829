import { STATUS_CODES, type OutgoingHttpHeaders } from 'node:http';
import { errorCodes, type ErrorCode, type ErrorKind, type Problem, type ProblemDetails } from '@frontage/core';

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
 * @param common header fields of every response, flat: name, value, name, value
 * @param added header fields that stages want on it, in the same form
 */
export function problemResponse(
  problem: Problem,
  requestId: string,
  common: readonly string[],
  added: readonly string[] = [],
): { readonly headers: OutgoingHttpHeaders; readonly body: string } {
  const body = hasNoBody(problem.status) ? '' : JSON.stringify(problemDetails(problem, requestId));
  const own = { ...retryAfter(problem.retryAfterMs), ...problem.headers };
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...byName(common),
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

const byName = (flat: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? '']] : [])));

const retryAfter = (ms: number | undefined): Readonly<Record<string, string>> =>
  ms === undefined || !Number.isFinite(ms) ? {} : { 'retry-after': String(Math.max(0, Math.ceil(ms / 1000))) };
