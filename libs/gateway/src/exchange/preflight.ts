import { problemOf } from '@frontage/core';
import { preflightOrigin, type Cors } from '../door/cors.js';
import type { Exchange } from './exchange.js';
import { bodyIsPending, partAfter } from './parting.js';
import { writeProblem } from './responder.js';

/**
 * Responds to a browser that asks whether a page of another origin may send a request.
 * @param methodsOn the methods that some route takes on a path
 * @returns false for a request that is no such question, and for a path that is not served
 */
export function respondToPreflight(
  exchange: Exchange,
  cors: Cors | undefined,
  methodsOn: (path: string) => readonly string[],
): boolean {
  const { request, response, bound, headers, context } = exchange;
  const origin = cors && preflightOrigin(request);
  if (cors === undefined || origin === undefined) return false;
  const { url = '/' } = request;
  const served = methodsOn(url.split('?', 1)[0] ?? url);
  if (served.length === 0) return false;
  const fields = cors.preflightFor(origin, served);
  if (fields === undefined) {
    exchange.refusal = { event: 'origin.refused', why: `the origin ${origin} is not in cors.origins` };
    writeProblem(exchange, problemOf('GW_FORBIDDEN', { detail: 'Pages of this origin may not call this app.' }));
    return true;
  }
  const closing = bodyIsPending(request);
  if (closing) partAfter(request);
  response.writeHead(204, [
    'x-request-id',
    context.requestId,
    ...bound.commonHeaders,
    ...headers,
    ...fields,
    ...(closing ? ['connection', 'close'] : []),
  ]);
  response.end();
  return true;
}
