import { STATUS_CODES, type OutgoingHttpHeaders } from 'node:http';
import { channels, errorCodes, type ErrorCode, type FieldError, type ProblemDetails } from '@frontage/core';
import type { Exchange } from './exchange.js';
import { bodyIsPending, partAfter } from './parting.js';

/** A problem as a stage, a screen or the exception filter states it. */
export interface Problem {
  readonly status: number;
  /** An {@link ErrorCode}, or the code of a problem that a screen declares. */
  readonly code: string;
  readonly title?: string;
  readonly detail?: string;
  readonly part?: string;
  readonly errors?: readonly FieldError[];
  readonly writes?: ProblemDetails['writes'];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * On every answer: nothing of it is a page, nothing of it is to be guessed, and nobody comes back without TLS (OWASP REST security).
 * Browsers heed the last one only where it came over TLS (RFC 6797 section 8.1).
 */
export const securityHeaders: readonly (readonly [name: string, value: string])[] = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['strict-transport-security', 'max-age=31536000; includeSubDomains'],
  ['x-content-type-options', 'nosniff'],
];
const securityList = securityHeaders.flat();

const noBodyStatus = (status: number): boolean => status === 204 || status === 304;

/** Writes an answer of a screen. `body` is JSON text, or empty; `cacheControl` says who may keep it. */
export function writeAnswer(
  exchange: Exchange,
  { body, encoding }: { readonly body: string; readonly encoding: 'utf8' | 'latin1' },
  cacheControl: string,
  extra: readonly string[] = [],
): void {
  const { response } = exchange;
  // The deadline has been faster, or the client.
  if (response.headersSent || response.destroyed) return;
  const headers = [
    'cache-control', cacheControl,
    'x-request-id', exchange.context.requestId,
  ]; // prettier-ignore
  if (body !== '') headers.push('content-type', 'application/json; charset=utf-8');
  // RFC 9110 section 8.6: no Content-Length where the status says that there is no content.
  if (!noBodyStatus(response.statusCode)) headers.push('content-length', String(Buffer.byteLength(body, encoding)));
  headers.push(...securityList, ...extra, ...exchange.headers);
  response.writeHead(response.statusCode, headers);
  response.end(body, encoding);
}

/** The body of a problem answer (RFC 9457): nothing of an upstream, no host, no stack. */
export function problemDetails(problem: Problem, requestId: string): ProblemDetails {
  return {
    type: `urn:frontage:problem:${problem.code}`,
    title: problem.title ?? titleOf(problem),
    status: problem.status,
    ...(problem.detail !== undefined && { detail: problem.detail }),
    code: problem.code,
    requestId,
    ...(problem.part !== undefined && { part: problem.part }),
    ...(problem.errors !== undefined && { errors: problem.errors }),
    ...(problem.writes !== undefined && { writes: problem.writes }),
  };
}

function titleOf(problem: Problem): string {
  return Object.hasOwn(errorCodes, problem.code)
    ? errorCodes[problem.code as ErrorCode].title
    : (STATUS_CODES[problem.status] ?? 'Problem');
}

/**
 * Writes a problem response; nothing where the client has left or a response has begun. Where a body is left that nothing has read, the
 * connection is closed, so that a refusal costs the same whatever body follows it (RELIABILITY H13).
 */
export function writeProblem(exchange: Exchange, problem: Problem): void {
  const { request, response } = exchange;
  exchange.problemCode = problem.code;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = noBodyStatus(problem.status) ? '' : JSON.stringify(problemDetails(problem, exchange.context.requestId));
  const headers: OutgoingHttpHeaders = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...Object.fromEntries(securityHeaders),
    'x-request-id': exchange.context.requestId,
    ...problem.headers,
  };
  // What a stage has found out stands on the answer too, in one list per name (RFC 9110 section 5.3); the problem has the last word.
  for (let i = 0; i + 1 < exchange.headers.length; i += 2) {
    const [name = '', value = ''] = exchange.headers.slice(i, i + 2);
    if (problem.headers?.[name] === undefined) headers[name] = [headers[name] ?? [], value].flat().join(', ');
  }
  if (bodyIsPending(request)) headers['connection'] = 'close';
  if (headers['connection'] === 'close') partAfter(request);
  response.writeHead(problem.status, headers);
  response.end(body);
}

/** Tells the listeners (logs, traces, metrics) how the exchange ended. */
export function publishEnd(exchange: Exchange, endedAt: number, clientGone: boolean): void {
  if (!channels.requestEnded.hasSubscribers) return;
  channels.requestEnded.publish({
    context: exchange.context,
    endedAt,
    status: exchange.response.headersSent ? exchange.response.statusCode : 0,
    code: exchange.problemCode,
    clientGone,
    error: exchange.error,
  });
}
