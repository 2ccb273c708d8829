import { request as send } from 'node:http';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { safeMethods } from '@frontage/core';
import type { ExchangeCopy } from './exchange-copy.js';

const safe: ReadonlySet<string> = safeMethods;
/** Fields about the connection, and those that are written anew. */
const dropped =
  /^(?:connection|keep-alive|transfer-encoding|content-length|host|expect|upgrade|te|trailer|traceparent|tracestate|x-request-id|x-frontage-replay)$/i;

/** Names the record that a request repeats, with a word of this process before it, so that no client can name one. */
const markHeader = 'x-frontage-replay';

/** The reason why a request is not sent again. */
export function noReplay(
  { method, requestBody }: Pick<ExchangeCopy, 'method' | 'requestBody'>,
  app: { readonly isLocal: boolean; readonly url: string },
): string | undefined {
  if (!app.url.startsWith('http:')) return 'the app serves TLS';
  if (requestBody.isTooLong) return 'its body is longer than what is kept';
  if (!safe.has(method) && !app.isLocal) return 'it changes something, and an upstream is not on this machine';
  return undefined;
}

export interface ReplayTerms {
  /** Of the app. */
  readonly url: string;
  /** The record that is repeated. */
  readonly id: number;
  /** The word of this process. */
  readonly boot: string;
}

/**
 * Sends a request to the app again, with the credentials that it had. Resolves when its response has ended.
 * @throws where the app cannot be reached
 */
export async function replay(
  { method, target, requestHeaders, requestBody }: ExchangeCopy,
  { url, id, boot }: ReplayTerms,
): Promise<void> {
  const headers: string[] = ['host', new URL(url).host, markHeader, `${boot}.${id}`];
  for (let at = 0; at + 1 < requestHeaders.length; at += 2) {
    const name = requestHeaders[at] ?? '';
    if (!dropped.test(name)) headers.push(name, requestHeaders[at + 1] ?? '');
  }
  const body = requestBody.bytes;
  if (body.length > 0) headers.push('content-length', String(body.length));
  const { hostname, port } = new URL(url);
  const sent = send({ hostname, port, method, path: target, headers, agent: false });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'close');
}

/** The record that a request repeats; `undefined` for one that repeats none. */
export function replayedId({ requestHeaders }: Pick<ExchangeCopy, 'requestHeaders'>, boot: string): number | undefined {
  const at = requestHeaders.indexOf(markHeader);
  const [word, id] = at === -1 ? [] : (requestHeaders[at + 1] ?? '').split('.');
  return word === boot && id !== undefined ? Number(id) : undefined;
}
