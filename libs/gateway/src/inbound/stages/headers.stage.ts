import type { IncomingMessage } from 'node:http';
import { ProblemError } from '@frontage/core';
import type { InboundStage } from './stage.js';

/** Node hands on the first of these and drops the others; a proxy in front of us may have read another one. */
const once: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type']);
const lengths: ReadonlySet<number> = new Set([...once].map((name) => name.length));

/** Header fields of a request. Node drops those behind the two thousandth without a word, and a proxy in front of us may have read them. */
const maxHeaderFields = 1_000;

/**
 * Refuses a request that can be read in two ways, and closes: a field twice that may stand once (RFC 9112 section 3.2), a version of HTTP
 * or a transfer coding that RFC 9112 does not have (sections 2.3 and 6.1), an expectation that is not known (RELIABILITY H1 and H4).
 */
export const headersStage: InboundStage =
  () =>
  ({ request }) => {
    checkFraming(request);
    const { rawHeaders } = request;
    if (rawHeaders.length > 2 * maxHeaderFields) throw tooMany;
    let seen = '';
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const field = rawHeaders[i] ?? '';
      if (!lengths.has(field.length)) continue;
      const name = field.toLowerCase();
      if (!once.has(name)) continue;
      if (seen.includes(name)) throw ambiguous(`The header field ${name} stands there twice.`);
      seen += `${name} `;
    }
  };

function checkFraming({ httpVersion, headers }: IncomingMessage): void {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    throw ambiguous('The version of HTTP is not spoken here: send HTTP/1.1 or HTTP/1.0.');
  }
  // RFC 9112 section 3.2.
  if (httpVersion === '1.1' && headers.host === undefined) throw ambiguous('The header field host is missing.');
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (httpVersion === '1.0') throw ambiguous('HTTP/1.0 has no Transfer-Encoding: send a Content-Length.');
    if (coding.toLowerCase() !== 'chunked') {
      throw ambiguous('The only transfer coding that is taken here is chunked, and it is named once.');
    }
    if (headers['content-length'] !== undefined) {
      throw ambiguous('The request has both a Content-Length and a Transfer-Encoding: send one of them.');
    }
  }
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue') {
    throw ambiguous('The only expectation that is known here is 100-continue.');
  }
}

const ambiguous = (detail: string): ProblemError =>
  new ProblemError('GW_BAD_REQUEST', { detail, headers: { connection: 'close' } });

const tooMany = new ProblemError('GW_HEADERS_TOO_LARGE', {
  detail: `A request may have at most ${maxHeaderFields} header fields.`,
  headers: { connection: 'close' },
});
