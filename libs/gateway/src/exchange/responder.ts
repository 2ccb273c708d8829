import { channels, type Problem } from '@frontage/core';
import type { Exchange } from './exchange.js';
import { bodyIsPending, partAfter } from './parting.js';
import { hasNoBody, problemResponse } from './problem-response.js';

const jsonType = 'application/json; charset=utf-8';

interface WrittenBody {
  readonly body: string | Buffer;
  readonly encoding: 'utf8' | 'latin1';
  /** @default JSON */
  readonly type?: string;
}

/** Writes the response of a screen. `body` is JSON text or its bytes, or empty; `cacheControl` says which caches may keep it. */
export function writeResponse(
  exchange: Exchange,
  { body, encoding, type = jsonType }: WrittenBody,
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
  if (body.length > 0) headers.push('content-type', type);
  const bytes = Buffer.byteLength(body, encoding);
  exchange.sentBytes = bytes;
  // RFC 9110 section 8.6: no Content-Length where the status says that there is no content.
  if (!hasNoBody(response.statusCode)) headers.push('content-length', String(bytes));
  headers.push(...exchange.bound.commonHeaders, ...extra, ...exchange.headers);
  response.writeHead(response.statusCode, headers);
  response.end(body, encoding);
}

/** Writes that the client holds the response of a screen already (RFC 9110 section 15.4.5). */
export function writeNotModified(exchange: Exchange, cacheControl: string, extra: readonly string[]): void {
  exchange.response.statusCode = 304;
  writeResponse(exchange, { body: '', encoding: 'latin1' }, cacheControl, extra);
}

/**
 * Writes a problem response; nothing if the client has left or a response has begun. If a body is left unread, the
 * connection is closed, so that a refusal costs the same with every body (RELIABILITY H13).
 */
export function writeProblem(exchange: Exchange, problem: Problem): void {
  const { request, response } = exchange;
  exchange.problemCode = problem.code;
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const { headers, body } = problemResponse(
    problem,
    exchange.context.requestId,
    exchange.bound.commonHeaders,
    exchange.headers,
  );
  if (bodyIsPending(request)) headers['connection'] = 'close';
  if (headers['connection'] === 'close') partAfter(request);
  exchange.sentBytes = Buffer.byteLength(body);
  response.writeHead(problem.status, headers);
  response.end(body);
}

/** For a response that is not written here, but by a hand-written controller. */
export function setCommonHeaders({ bound: { commonHeaders }, context, response }: Exchange): void {
  response.setHeader('x-request-id', context.requestId);
  for (let i = 0; i + 1 < commonHeaders.length; i += 2)
    response.setHeader(commonHeaders[i] ?? '', commonHeaders[i + 1] ?? '');
}

/** Tells the listeners (logs, traces, metrics) how the exchange ended. */
export function publishEnd(exchange: Exchange, endedAt: number, clientGone: boolean): void {
  if (!channels.requestEnded.hasSubscribers) return;
  const { request, response } = exchange;
  channels.requestEnded.publish({
    context: exchange.context,
    endedAt,
    status: response.headersSent ? response.statusCode : 0,
    requestBytes: bytesOf(request.headers['content-length']),
    responseBytes: response.headersSent ? responseBytes(exchange) : undefined,
    code: exchange.problemCode,
    clientGone,
    error: exchange.error,
    refusal: exchange.refusal,
  });
}

/** Of a response that a controller has written, what it says of itself. */
const responseBytes = ({ request, response, sentBytes }: Exchange): number | undefined =>
  request.method === 'HEAD' ? 0 : (sentBytes ?? bytesOf(response.getHeader('content-length')));

function bytesOf(length: number | string | readonly string[] | undefined): number | undefined {
  if (length === undefined) return undefined;
  const bytes = Number(length);
  return bytes >= 0 ? bytes : undefined;
}
